"""Chapters of a medium, and how they are joined into one fingerprint.

A chapter is read without knowledge of earlier chapters, by any worker that has the file. Whatever continues
across a chapter's end is resolved when chapters are joined in order, by rules that need no pixels. A run of
equal samples is merged, face tracks continue, and surplus frames and faces are downsampled evenly. A medium
read in one go is joined the same way, so its fingerprint is the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model import reframed
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIRROR, Face, Frame, Mosaic
from registry.catalogue.fingerprints.model.reframed import REFRAMED
from workers.faces.reader import DescribedFace, Numbering
from workers.media import frames
from workers.media.frames import Thumb
from workers.pipeline.downsampled import Downsampled

WHOLE: Final = frozenset({FULL, MIRROR})
MAX_PARTS: Final = 12_500_000
"""Most bytes in a document of frames that show a part of the picture, or rotate it. Beyond it, only those of
every second moment are kept. Frames of the whole picture are limited by `sampling.MAX_SAMPLES`."""
MAX_REFRAMED: Final = 40_000
"""Most frames that undo a crop, of 83 views; beyond it, only those of every second moment are kept. It is
reached from four minutes on. A document holds at most 100,000 frames per algorithm."""
MAX_MOSAICS: Final = 3_600
"""Most mosaics kept of one file: half an hour at 2 Hz. Beyond it, only those of every second moment."""
MAX_FACES: Final = 7_000
"""Most faces kept of one file."""
VECTOR_BYTES, HASHES_BYTES = 1_700, 320
"""Bytes of a frame in a document with an embedding (VECTOR_BYTES), and without. A face takes 590, a mosaic
430. All limits together keep a document under 33 MB; the API accepts 32 MiB (33.5 MB) by default."""


@dataclass(frozen=True, slots=True)
class Look:
    """The faces, perhaps none, in the sample at `sample` seconds, whose picture was taken at `time`."""

    sample: float
    time: float
    seen: tuple[DescribedFace, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """The frames and faces from the first to the last sample of one chapter.

    `begins` and `ends` in seconds: time of the first sample, and end of the last one. `first` and `last`:
    thumbnails of these samples, 1,024 grey levels (uint8). `frames` and `looks` are in order of time.
    """

    begins: float
    ends: float
    first: bytes
    last: bytes
    frames: tuple[Frame, ...]
    looks: tuple[Look, ...]


class Joined:
    """The frames and faces of one medium, joined chapter by chapter in order."""

    def __init__(self) -> None:
        self.faces = Downsampled[Face](MAX_FACES)
        self._numbering = Numbering()
        self._wholes: list[Frame] = []
        self._parts = Downsampled[Frame](MAX_PARTS, _bytes)
        self._reframed = Downsampled[Frame](MAX_REFRAMED)
        self._last: list[Frame] = []
        """The frames of the last sample, whose duration is known with the next chapter."""
        self._thumb: Thumb | None = None

    def add(self, chapter: Chapter) -> None:
        """Add the next chapter. If nothing has moved since the last sample, the chapter's first sample
        extends it."""
        goes_on = self._thumb is not None and frames.same(_thumb(chapter.first), self._thumb)
        samples = [
            list(group) for _, group in itertools.groupby(chapter.frames, key=lambda frame: frame.time)
        ]
        if goes_on and samples and samples[0][0].time == chapter.begins:
            end = chapter.begins + samples.pop(0)[0].duration
            self._last = [replace(frame, duration=round(end - frame.time, 3)) for frame in self._last]
        for sample in samples:
            self._keep()
            self._last = sample
        for look in chapter.looks:
            if not (goes_on and look.sample == chapter.begins):
                self.faces.add(self._numbering.number(look.time, look.seen))
        if samples or not goes_on:
            self._thumb = _thumb(chapter.last)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """The frames by time; those of one moment in the order read. Call it after all chapters were
        added."""
        self._keep()
        return tuple(sorted((*self._wholes, *self._parts, *self._reframed), key=lambda frame: frame.time))

    def _keep(self) -> None:
        self._wholes += (frame for frame in self._last if frame.view in WHOLE)
        self._parts.add([frame for frame in reframed.without(self._last) if frame.view not in WHOLE])
        self._reframed.add([frame for frame in self._last if frame.view in REFRAMED])
        self._last = []


def mosaics(found: Iterable[Frame]) -> tuple[Mosaic, ...]:
    """Return the mosaics of frames, given in order of time; at most `MAX_MOSAICS`."""
    kept = Downsampled[Mosaic](MAX_MOSAICS)
    for _, moment in itertools.groupby(found, key=lambda frame: frame.time):
        kept.add(
            [Mosaic(frame.time, frame.view, frame.mosaic, frame.box) for frame in moment if frame.mosaic]
        )
    return tuple(kept)


def informative(found: Iterable[Frame]) -> bool:
    """Tell whether any frame has enough structure to be compared."""
    return any(frame.informative for frame in found)


def thumb_bytes(thumb: Thumb) -> bytes:
    """Return a thumbnail as it is stored."""
    return thumb.astype(np.uint8).tobytes()


def _thumb(raw: bytes) -> Thumb:
    return np.frombuffer(raw, np.uint8).astype(np.int16).reshape(frames.THUMB)


def _bytes(frame: Frame) -> int:
    return HASHES_BYTES if frame.sscd is None else VECTOR_BYTES
