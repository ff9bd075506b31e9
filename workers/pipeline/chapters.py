"""What was seen of a medium, chapter by chapter, and how chapters become one fingerprint.

A chapter is read without knowledge of what came before it, by whoever has the file. What goes on over the end
of a chapter is settled where they are joined, in order, by rules that need no pixels: a run of equal samples
is one, tracks of faces go on, and what is too much is let go evenly. A medium read in one go takes the same
road, so that its fingerprint is the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from registry.catalogue.fingerprints.model import reframed
from registry.catalogue.fingerprints.model.fingerprint import FULL, MIRROR, Face, Frame
from registry.catalogue.fingerprints.model.reframed import REFRAMED
from workers.faces.reader import Numbering, Seen
from workers.media import frames
from workers.media.frames import Thumb
from workers.pipeline.downsampled import Downsampled

WHOLE: Final = frozenset({FULL, MIRROR})
MAX_PARTS: Final = 12_500_000
"""Bytes that the frames which show a part of the picture, or turn it, take in a document at most; beyond it
those of every second moment are kept. Of the whole picture `sampling.MAX_SAMPLES` are."""
MAX_REFRAMED: Final = 40_000
"""Frames that undo a crop, of 83 views, beyond which those of every second moment are kept: from four minutes
on. A document holds 100,000 frames of an algorithm at most."""
MAX_FACES: Final = 7_000
"""Faces kept of one file at most."""
VECTOR_BYTES, HASHES_BYTES = 1_700, 320
"""What a frame takes in a document with an embedding, and without. A face takes 590. All bounds together keep
a document under 31 MB (measured); the API takes 32 MiB by default."""


@dataclass(frozen=True, slots=True)
class Look:
    """The faces, perhaps none, of the sample of `sample` seconds, whose picture is that at `time`."""

    sample: float
    time: float
    seen: tuple[Seen, ...]


@dataclass(frozen=True, slots=True)
class Chapter:
    """What was seen from the first to the last sample of one chapter.

    `begins` and `ends` in seconds: the first sample's time, and until when the last one stands. `first` and
    `last`: these samples' thumbnails, 1,024 grey levels (uint8). `frames` in order of time, `looks` too.
    """

    begins: float
    ends: float
    first: bytes
    last: bytes
    frames: tuple[Frame, ...]
    looks: tuple[Look, ...]


class Joined:
    """The frames and faces of one medium, chapter by chapter in order."""

    def __init__(self) -> None:
        self.faces = Downsampled[Face](MAX_FACES)
        self._numbering = Numbering()
        self._wholes: list[Frame] = []
        self._parts = Downsampled[Frame](MAX_PARTS, _bytes)
        self._reframed = Downsampled[Frame](MAX_REFRAMED)
        self._last: list[Frame] = []
        """The frames of the last sample: how long it stands is known with the next chapter."""
        self._thumb: Thumb | None = None

    def add(self, chapter: Chapter) -> None:
        """The next chapter. Where nothing has moved since the last sample, its first is none of its own."""
        goes_on = self._thumb is not None and frames.same(_thumb(chapter.first), self._thumb)
        samples = [
            list(group) for _, group in itertools.groupby(chapter.frames, key=lambda frame: frame.time)
        ]
        if goes_on and samples and samples[0][0].time == chapter.begins:
            end = chapter.begins + samples.pop(0)[0].duration
            self._last = [replace(item, duration=round(end - item.time, 3)) for item in self._last]
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
        """The frames, by time; those of one moment in the order read. Ask when all chapters are in."""
        self._keep()
        return tuple(sorted((*self._wholes, *self._parts, *self._reframed), key=lambda frame: frame.time))

    def _keep(self) -> None:
        self._wholes += (frame for frame in self._last if frame.view in WHOLE)
        self._parts.add([frame for frame in reframed.without(self._last) if frame.view not in WHOLE])
        self._reframed.add([frame for frame in self._last if frame.view in REFRAMED])
        self._last = []


def informative(found: Iterable[Frame]) -> bool:
    """Whether any frame says enough to be compared."""
    return any(frame.informative for frame in found)


def thumb_bytes(thumb: Thumb) -> bytes:
    """A thumbnail as it is kept."""
    return thumb.astype(np.uint8).tobytes()


def _thumb(raw: bytes) -> Thumb:
    return np.frombuffer(raw, np.uint8).astype(np.int16).reshape(frames.THUMB)


def _bytes(frame: Frame) -> int:
    return HASHES_BYTES if frame.sscd is None else VECTOR_BYTES
