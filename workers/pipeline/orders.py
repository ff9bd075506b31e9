"""What a walled process is asked to do with a file, and what it returns. No decoder is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.catalogue.fingerprints.model.fingerprint import Faces, Fingerprint, Sampling
from workers.media.limits import Limits

MODULE = "workers.pipeline.calls"
"""The module of the calls."""
PICTURES, CODE = b"\0", b"\1"
"""First byte of a preview, and of the code of an error in its place."""


@dataclass(frozen=True, slots=True)
class FingerprintOrder:
    """Options of `fingerprint_file`. `hashers`: names of algorithms; None: all."""

    limits: Limits
    faces: Faces = True
    sampling: Sampling = "full"
    before: Fingerprint | None = None
    audio: bool = True
    thorough: bool = True
    hashers: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """Plan segments of a video longer than `longer` seconds: `most`, or fewer."""

    limits: Limits
    longer: float
    most: int


@dataclass(frozen=True, slots=True)
class Plan:
    """How a video is read: data shared by all segments, and each segment's task with its share of the
    work."""

    shared: dict[str, Any]
    tasks: tuple[tuple[dict[str, Any], float], ...]


@dataclass(frozen=True, slots=True)
class SegmentOrder:
    """Read one segment of a plan."""

    limits: Limits
    shared: Mapping[str, Any]
    task: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SoundOrder:
    """Fingerprint the sound of a video whose picture lasts `duration` seconds."""

    limits: Limits
    duration: float


@dataclass(frozen=True, slots=True)
class SoundFound:
    """See `workers.hashers.chromaprint.AudioFingerprint`."""

    audio: bytes | None
    algorithms: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InstantsOrder:
    """Make previews at these seconds, ascending."""

    limits: Limits
    seconds: tuple[float, ...] = field(default=())
