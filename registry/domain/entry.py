"""One known fake and the bank it stands in: tiers, policy, and an asset of it as a lookup meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Literal
from uuid import UUID

from registry.domain.fingerprint import Fingerprint
from registry.domain.media import Kind, Role
from registry.domain.timeline import FaceTimeline, Timeline
from registry.errors import BadInput

Tier = Literal["unreviewed", "reviewed", "court_order"]
Manipulation = Literal["face_swap", "lip_sync", "synthetic", "edited", "audio"]

TIERS: Final[tuple[Tier, ...]] = ("unreviewed", "reviewed", "court_order")
MANIPULATIONS: Final[tuple[Manipulation, ...]] = ("face_swap", "lip_sync", "synthetic", "edited", "audio")
FACE_MANIPULATIONS: Final = frozenset({"face_swap", "lip_sync"})
"""Where footage alone cannot tell the fake from what it was made from: faces must be compared."""


def rank(tier: Tier) -> int:
    """0, 1, 2: how far a tier is trusted."""
    return TIERS.index(tier)


@dataclass(frozen=True, slots=True)
class Policy:
    """What a bank changes of the rules of the answer, openly.

    `stills`: a single frame may decide (`known_fake`) instead of being at most `related`.
    `strangers_see_unreviewed`: an unreviewed entry answers `known_fake` to other organizations too.
    """

    stills: bool = False
    strangers_see_unreviewed: bool = False


def policy(raw: Mapping[str, Any]) -> Policy:
    """The policy that a JSON object says. Raises `BadInput` (code `bad_policy`) for what it does not know."""
    known = {field.name for field in fields(Policy)}
    if wrong := set(raw) - known:
        raise BadInput(
            f"Unknown policy setting: {', '.join(sorted(wrong))}.",
            code="bad_policy",
            next_step=f"Known settings: {', '.join(sorted(known))}.",
        )
    if not all(isinstance(value, bool) for value in raw.values()):
        raise BadInput("Policy settings are true or false.", code="bad_policy")
    return Policy(**raw)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset of an entry that a lookup is compared with.

    `own`: the entry belongs to the caller's organization. `manipulation` None: not given. `references`
    are shown with a match.
    """

    asset_id: UUID
    entry_id: UUID
    role: Role
    sha256: str
    kind: Kind
    duration: float
    title: str
    bank: str
    tier: Tier
    original_tier: Tier
    manipulation: Manipulation | None
    own: bool
    policy: Policy
    references: tuple[Mapping[str, Any], ...]
    frames: Timeline
    faces: FaceTimeline
    faces_ran: bool = True

    @property
    def needs_faces(self) -> bool:
        """Whether faces decide: not given, `manipulation` is face_swap where the asset shows faces, or where
        nobody looked whether it does."""
        if self.manipulation is None:
            return len(self.faces) > 0 or not self.faces_ran
        return self.manipulation in FACE_MANIPULATIONS


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `sha256` where known, and the fingerprint laid out in time."""

    sha256: str | None
    kind: Kind
    duration: float
    frames: Timeline
    faces: FaceTimeline
    has_faces: bool

    @classmethod
    def of(cls, fingerprint: Fingerprint, frames: Timeline, faces: FaceTimeline) -> Query:
        """The query of a fingerprint whose timelines are given."""
        media = fingerprint.media
        ran = any(name.startswith("face.") for name in fingerprint.algorithms)
        return cls(media.sha256, media.kind, media.duration, frames, faces, ran)
