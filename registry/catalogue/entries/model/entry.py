"""One known fake and the bank it stands in: an asset of it as a lookup meets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from uuid import UUID

from registry.catalogue.banks.model import STRICTEST, TIERS, Policy, Tier, policy, rank
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.audio import Values
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.catalogue.media.model import Kind, Role

__all__ = [
    "FACE_MANIPULATIONS",
    "KEYFRAMES",
    "MANIPULATIONS",
    "STRICTEST",
    "TIERS",
    "Candidate",
    "Manipulation",
    "Policy",
    "Query",
    "Tier",
    "is_partial",
    "policy",
    "rank",
]

Manipulation = Literal["face_swap", "lip_sync", "synthetic", "edited", "audio"]

MANIPULATIONS: Final[tuple[Manipulation, ...]] = ("face_swap", "lip_sync", "synthetic", "edited", "audio")
NOWHERE: Final = UUID(int=0)
KEYFRAMES: Final = "keyframes"
"""Note on the fingerprint of a query that holds no more than a video's keyframes (see
`matching.decision.model.keyframe_answers`)."""
FACE_MANIPULATIONS: Final = frozenset({"face_swap", "lip_sync"})
"""Where footage alone cannot tell the fake from what it was made from: faces must be compared."""


def is_partial(fingerprint: Fingerprint) -> bool:
    """Whether a fingerprint holds keyframes only."""
    return KEYFRAMES in fingerprint.notes


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset of an entry that a lookup is compared with.

    `own`: the entry belongs to the caller's organization. `manipulation` None: not given. `references`
    are shown with a match. `audio`: its Chromaprint values; none where the query brings none. `harmless`: of
    a negative bank, no fake at all. `bank_id`: of the bank that `bank` names.
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
    harmless: bool = False
    bank_id: UUID = NOWHERE

    @property
    def counts(self) -> bool:
        """Whether it is trusted far enough for its bank to be shown."""
        return rank(self.trust) >= rank(self.policy.answer_tier)

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
        sparse = is_partial(fingerprint)
        heard = audio.values(fingerprint.audio)
        return cls(media.sha256, media.kind, media.duration, frames, faces, ran, sparse, heard)
