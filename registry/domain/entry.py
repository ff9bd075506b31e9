"""One known fake and the bank it stands in: tiers, policy, and an asset of it as a lookup meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import NoneType
from typing import Any, Final, Literal
from uuid import UUID

from registry.domain import audio
from registry.domain.audio import Values
from registry.domain.fingerprint import Fingerprint
from registry.domain.media import Kind, Role
from registry.domain.timeline import FaceTimeline, Timeline
from registry.errors import BadInput

Tier = Literal["unreviewed", "reviewed", "court_order"]
Manipulation = Literal["face_swap", "lip_sync", "synthetic", "edited", "audio"]

TIERS: Final[tuple[Tier, ...]] = ("unreviewed", "reviewed", "court_order")
MANIPULATIONS: Final[tuple[Manipulation, ...]] = ("face_swap", "lip_sync", "synthetic", "edited", "audio")
KEYFRAMES: Final = "keyframes"
"""Note on the fingerprint of a query that holds no more than a video's keyframes (see `domain.early`)."""
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
    `min_confidence`: how sure it must be that the footage is the same for `known_fake` or
    `authentic_original`; less is `related`, reason `weak`. `min_related`: what is less sure than this is
    not shown. `audio`: a fake whose sound is heard under other pictures is `related`, reason `audio_only`.
    `face_retention_days`: how long faces of its media are kept, None: as long as their entry. Without them
    nobody can tell a face swap from its footage: its copies are `related`, reason `no_face`, from then on.
    """

    stills: bool = False
    strangers_see_unreviewed: bool = False
    min_confidence: float = 0.9
    min_related: float = 0.5
    audio: bool = True
    face_retention_days: float | None = None


STRICTEST: Final = 0.97
"""The highest threshold that a bank may set: of other files than the very same nothing surer can be said."""
LONGEST: Final = 36_500.0
"""The most days that a bank may name."""


def policy(raw: Mapping[str, Any]) -> Policy:
    """The policy that a JSON object says. Raises `BadInput` (code `bad_policy`) for what it does not know."""
    known = {field.name: type(field.default) for field in fields(Policy)}
    if wrong := set(raw) - known.keys():
        raise BadInput(
            f"Unknown policy setting: {', '.join(sorted(wrong))}.",
            code="bad_policy",
            next_step=f"Known settings: {', '.join(sorted(known))}.",
        )
    given = {name: _setting(name, value, known[name]) for name, value in raw.items()}
    found = Policy(**given)
    if not found.min_related <= found.min_confidence:
        raise BadInput("min_related must not exceed min_confidence.", code="bad_policy")
    return found


def changed_policy(before: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object `before` with what `change` says; None takes a setting back to its default. Raises as
    `policy`."""
    defaults = {field.name: field.default for field in fields(Policy)}
    policy({name: defaults.get(name) if value is None else value for name, value in change.items()})
    after = {name: value for name, value in {**before, **change}.items() if value is not None}
    policy(after)
    return after


def _setting(name: str, value: Any, wanted: type) -> Any:
    if wanted is bool:
        if not isinstance(value, bool):
            raise BadInput(f"Policy setting {name} is true or false.", code="bad_policy")
        return value
    if wanted is NoneType and value is None:
        return None
    most = LONGEST if wanted is NoneType else STRICTEST
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not 0 <= value <= most:
        raise BadInput(f"Policy setting {name} is a number from 0 to {most:g}.", code="bad_policy")
    return float(value)


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset of an entry that a lookup is compared with.

    `own`: the entry belongs to the caller's organization. `manipulation` None: not given. `references`
    are shown with a match. `audio`: its Chromaprint values; none where the query brings none.
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
    audio: Values = field(default_factory=audio.values)

    @property
    def trust(self) -> Tier:
        """How far what it is registered as is trusted: a fake by its entry's tier, an original by its own."""
        return self.tier if self.role == "fake" else self.original_tier

    @property
    def needs_faces(self) -> bool:
        """Whether faces decide: not given, `manipulation` is face_swap where the asset shows faces, or where
        nobody looked whether it does."""
        if self.manipulation is None:
            return len(self.faces) > 0 or not self.faces_ran
        return self.manipulation in FACE_MANIPULATIONS


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked: `sha256` where known, and the fingerprint laid out in time. `sparse`: of keyframes
    alone. `audio`: its Chromaprint values, none where there is no sound."""

    sha256: str | None
    kind: Kind
    duration: float
    frames: Timeline
    faces: FaceTimeline
    has_faces: bool
    sparse: bool = False
    audio: Values = field(default_factory=audio.values)

    @classmethod
    def of(cls, fingerprint: Fingerprint, frames: Timeline, faces: FaceTimeline) -> Query:
        """The query of a fingerprint whose timelines are given."""
        media = fingerprint.media
        ran = any(name.startswith("face.") for name in fingerprint.algorithms)
        sparse = KEYFRAMES in fingerprint.notes
        heard = audio.values(fingerprint.audio)
        return cls(media.sha256, media.kind, media.duration, frames, faces, ran, sparse, heard)
