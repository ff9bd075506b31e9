"""An asset of an entry, with its bank's policy, as the matcher compares it with a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, get_args
from uuid import UUID

from registry.catalogue.banks.model import STRICTEST, TIERS, Policy, Tier, policy, rank
from registry.catalogue.fingerprints.model import audio, mosaics, peaks
from registry.catalogue.fingerprints.model.audio import Values
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.model.mosaics import Mosaics
from registry.catalogue.fingerprints.model.timeline import FaceTimeline, Timeline
from registry.catalogue.fingerprints.model.whole_file import Unit
from registry.catalogue.media.model import Kind, Role

__all__ = [
    "FACE_MANIPULATIONS",
    "KEYFRAMES",
    "MANIPULATIONS",
    "STRICTEST",
    "TIERS",
    "Candidate",
    "FileMatch",
    "Manipulation",
    "Order",
    "Policy",
    "Query",
    "Tier",
    "is_partial",
    "policy",
    "rank",
]

Order = Literal["newest", "oldest", "title"]
"""The order of a list of entries."""
Manipulation = Literal["face_swap", "lip_sync", "synthetic", "edited", "audio", "voice_clone", "spliced"]

MANIPULATIONS: Final[tuple[Manipulation, ...]] = get_args(Manipulation)
NOWHERE: Final = UUID(int=0)
KEYFRAMES: Final = "keyframes"
"""Note on a query's fingerprint that holds only the keyframes of a video (see
`matching.decision.model.keyframe_answers`)."""
FACE_MANIPULATIONS: Final = frozenset({"face_swap", "lip_sync"})
"""Manipulations whose fakes share their footage with the original. Faces must be compared to tell them
apart."""
SOUND_MANIPULATIONS: Final = frozenset({"voice_clone", "spliced"})
"""Manipulations of the sound. Their pictures may be genuine, so their sound decides. `spliced`: genuine
speech that was cut or joined; `voice_clone`: speech in an imitated voice."""


def is_partial(fingerprint: Fingerprint) -> bool:
    """Return whether a fingerprint holds keyframes only."""
    return KEYFRAMES in fingerprint.notes


@dataclass(frozen=True, slots=True)
class FileMatch:
    """How near the value of a whole file is to the query's: `distance` of `bits`.

    `unit`: of an ISCC; None for other algorithms. `exact`: the value identifies the file.
    """

    algorithm: str
    unit: Unit | None
    distance: int
    bits: int
    exact: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """An asset of an entry that a lookup compares with the query.

    `own`: the entry belongs to the caller's organization. `manipulation`: None if it was not given.
    `references`: shown with a match. `audio`, `peaks`: values of its sound, empty if the query has none.
    `allowlisted`: the asset belongs to a negative bank and is not a fake. `bank_id`: id of the bank named
    `bank`. `whole`: the nearest value of the whole file; None if the query has none.
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
    allowlisted: bool = False
    bank_id: UUID = NOWHERE
    whole: FileMatch | None = None
    mosaics: Mosaics = field(default_factory=mosaics.none)
    peaks: Values = field(default_factory=peaks.values)

    @property
    def counts(self) -> bool:
        """Return whether the trust tier is high enough for the bank to show the asset in answers."""
        return rank(self.trust) >= rank(self.policy.answer_tier)

    @property
    def trust(self) -> Tier:
        """Return the trust tier of the asset's role: the entry's tier for a fake, `original_tier` for an
        original."""
        return self.tier if self.role == "fake" else self.original_tier

    @property
    def is_of_sound(self) -> bool:
        """Return whether its sound decides, and its pictures do not: sound alone, or with pictures that may
        be genuine."""
        return self.kind == "audio" or self.manipulation in SOUND_MANIPULATIONS

    @property
    def needs_faces(self) -> bool:
        """Return whether faces must be compared.

        If `manipulation` is not given, the asset counts as a face swap if it shows faces or if no face
        detector ran.
        """
        if self.manipulation is None:
            return len(self.faces) > 0 or not self.faces_ran
        return self.manipulation in FACE_MANIPULATIONS


@dataclass(frozen=True, slots=True)
class Query:
    """The query of a lookup: its fingerprint as timelines, and `sha256` if known.

    `sparse`: the fingerprint holds keyframes only. `audio`, `peaks`: values of its sound; empty
    if there is none.
    """

    sha256: str | None
    kind: Kind
    duration: float
    frames: Timeline
    faces: FaceTimeline
    has_faces: bool
    sparse: bool = False
    audio: Values = field(default_factory=audio.values)
    mosaics: Mosaics = field(default_factory=mosaics.none)
    peaks: Values = field(default_factory=peaks.values)

    @classmethod
    def of(cls, fingerprint: Fingerprint, frames: Timeline, faces: FaceTimeline) -> Query:
        """Build the query from a fingerprint and its timelines."""
        media = fingerprint.media
        ran = any(name.startswith("face.") for name in fingerprint.algorithms)
        sparse = is_partial(fingerprint)
        sound, tops = audio.values(fingerprint.audio), peaks.values(fingerprint.peaks)
        coarse = mosaics.of_mosaics(fingerprint.mosaics)
        return cls(media.sha256, media.kind, media.duration, frames, faces, ran, sparse, sound, coarse, tops)
