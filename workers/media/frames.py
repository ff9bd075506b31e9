"""Yield a file's sampled frames, of a still, an animation or a video. Decoded once, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.media.model import Kind
from workers.media import picture, sampling, stills, video
from workers.media.limits import Limits
from workers.media.picture import Moment, Own, Pixels, Size
from workers.media.source import Source
from workers.media.stills import Pictures
from workers.media.video import Video

THUMB: Final = (32, 32)
STATIC_MEAN: Final = 0.6
STATIC_MAX: Final = 4.0
"""Two samples are equal if their 32 x 32 grey thumbnails differ by at most so many grey levels, on average
(STATIC_MEAN) and anywhere. A speaking mouth moves a few cells by more; re-encoding a still scene moves them
by less."""
CUT_MEAN: Final = 25.0
"""Two samples are of different shots if they differ by more grey levels on average."""


Thumb = NDArray[np.int16]


@dataclass(slots=True)
class Sample:
    """A kept sample: the picture on screen from `time` for `duration` seconds, with `pixels` scaled for
    hashing.

    The picture is taken at `seen`, which equals `time` except in long videos. `moment` renders it again,
    larger, for faces. It holds the decoded frame, so set it to None before reading the next sample. `cut`:
    another shot begins here, also by a change of the picture's size, or (`opens`) another chapter. `thumb`:
    32 x 32 grey levels. `own`: as a moment's.
    """

    time: float
    duration: float
    pixels: Pixels
    moment: Moment | None
    seen: float
    cut: bool = False
    opens: bool = False
    thumb: Thumb | None = None
    own: Own | None = None


class Reel:
    """Result of `opened`: `kind`, the `duration` that the file claims, then `samples()`, once.

    `size`, `end` and `notes` are known after the samples were read. `start`: the grid point in seconds at
    which a piece of a video begins.
    """

    def __init__(
        self,
        kind: Kind,
        claimed: float | None,
        moments: Iterable[Moment],
        origin: Pictures | Video,
        *,
        start: float = 0.0,
    ):
        self.kind: Kind = kind
        self.start = start
        self.seconds = claimed
        """Seconds that the file claims from `start` on."""
        self.claimed = claimed
        self.size = Size(0, 0)
        self.end = 0.0
        self._moments = moments
        self._origin = origin

    @property
    def notes(self) -> tuple[str, ...]:
        return ("truncated_media",) if self._origin.truncated else ()

    def samples(self) -> Iterator[Sample]:
        """Yield the samples on the grid; a run without motion is kept once per chapter."""
        last: Sample | None = None
        thumb: Thumb | None = None
        chapter = -1
        for instant in sampling.on_grid(self._counted(), sampling.step(self.claimed), start=self.start):
            opens = sampling.chapter(instant.time) != chapter
            chapter = sampling.chapter(instant.time)
            if last is not None and instant.moment is last.moment and not opens:
                continue
            time = round(instant.time, 3)
            pixels = instant.moment.render(picture.hash_size(instant.moment.size))
            small = _thumbnail(pixels)
            resized = last is not None and pixels.shape != last.pixels.shape
            if thumb is not None and not opens and not resized and same(small, thumb):
                continue
            if last is not None:
                last.duration = round(time - last.time, 3)
                yield last
            cut = thumb is not None and (opens or resized or _cut(small, thumb))
            last = Sample(time, 0.0, pixels, instant.moment, round(instant.seen, 3), cut, opens, small)
            last.own = instant.moment.own
            thumb = small
            if self._is_over(last):
                return
        if last is not None:
            last.duration = round(max(self.end - last.time, 0.0), 3)
            yield last

    def _is_over(self, _sample: Sample) -> bool:
        """Tell whether this sample and those after it belong to another piece."""
        return False

    def _counted(self) -> Iterator[Moment]:
        for moment in self._moments:
            if self.size == (0, 0):
                self.size = moment.size
            self.end = moment.time + moment.duration
            yield moment


@contextmanager
def opened(source: Source, limits: Limits) -> Iterator[Reel]:
    """Yield the reel of a file. Raises `BadMedia`; so does reading its samples."""
    with stills.opened(source.path, limits) as pictures:
        if pictures is not None:
            if pictures.moves:
                yield Reel("video", pictures.duration(), pictures.moments(), pictures)
            else:
                yield Reel("image", 0.0, [pictures.still()], pictures)
            return
    with video.opened(source.path, limits) as clip:
        yield Reel("video", clip.duration, clip.moments(), clip)


def _cut(thumb: Thumb, other: Thumb) -> bool:
    return bool(np.abs(thumb - other).mean() > CUT_MEAN)


def _thumbnail(pixels: Pixels) -> Thumb:
    small = cv2.resize(pixels, THUMB, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.int16)


def same(thumb: Thumb, other: Thumb) -> bool:
    """Tell by their thumbnails whether nothing has moved between two samples."""
    difference = np.abs(thumb - other)
    return bool(difference.mean() <= STATIC_MEAN and difference.max() <= STATIC_MAX)
