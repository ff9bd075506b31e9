"""Choose the sampled moments of a video: a fixed grid in time, and the last frame. Pure.

The grid is fixed (0, 0.5, 1 … seconds from the first frame), so two copies of a video are sampled at the same
instants whatever their frame rates. A grid point takes the frame on screen at that time.

Long videos have a coarser grid to bound their cost. One picture then stands for a cell of one or more
seconds, and is taken near the middle of the cell. Taken at its start, it would shift every alignment with
more densely sampled footage to one side. Measured on 40 cuts of four seconds, found in an asset sampled every
2 s: all four edges are within a second in 95 % against 65 %.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workers.media.picture import Moment

STEP: Final = 0.5
"""Seconds between samples (2 Hz): alignment to half a second needs no more (measured, FACTS)."""
SHORTEST_STEP: Final = 1 / 64
LONGEST_STEP: Final = 2.0
"""Longest step in seconds. A cut of four seconds still contains two pictures."""
PLENTY: Final = 3600
"""Number of samples from which the grid gets coarser, up to `LONGEST_STEP`: half an hour at 2 Hz, an hour at
1 Hz."""
MAX_SAMPLES: Final = 7200
"""Most samples of one video: four hours at `LONGEST_STEP`. Longer videos have a still coarser grid."""
BEYOND: Final = 128
"""If a video is longer than it claims: samples beyond `MAX_SAMPLES` after which the step doubles."""
MIN_SAMPLES: Final = 6
"""A short clip is sampled more densely until it has so many samples, since a single frame decides nothing."""
FACE_STEP: Final = 1.0
"""Seconds between the samples in which faces are detected."""
SLACK: Final = 1e-3
"""Tolerance in seconds: timestamps are often rounded to a millisecond."""
CHAPTER: Final = 60.0
"""Seconds after which a reader resets its state: the shot, insets, rotation, and the time of the last face
detection. So a long video can be read in pieces that start at a chapter, with the same result. Runs of equal
samples and face tracks continue across chapters (`workers.pipeline.chapters`)."""


@dataclass(frozen=True, slots=True)
class Instant:
    """The moment on screen at `seen`, which represents the time from `time` until the next instant.

    Both times are equal except on the coarse grids of long videos. For the last frame both are its own time.
    """

    time: float
    seen: float
    moment: Moment


def step(duration: float | None) -> float:
    """Return the seconds between samples of a video of `duration` seconds (None: unknown): `STEP` times a
    power of two."""
    chosen = STEP
    if duration is None:
        return chosen
    while duration / chosen < MIN_SAMPLES and chosen > SHORTEST_STEP:
        chosen /= 2
    while duration / chosen > (PLENTY if chosen < LONGEST_STEP else MAX_SAMPLES):
        chosen *= 2
    return chosen


def face_step(duration: float | None) -> float:
    """Return the seconds between samples in which faces are detected.

    It is 1, less for clips under 3 seconds, and more if the samples themselves are farther apart.
    """
    if duration is None or duration >= STEP * MIN_SAMPLES:
        return max(FACE_STEP, step(duration))
    return max(step(duration), duration / MIN_SAMPLES)


def shown_at(start: float, every: float) -> float:
    """Return the time in seconds at which the picture of the cell beginning at `start` is taken."""
    return start + max(0.0, every - STEP) / 2


def chapter(time: float) -> int:
    """Return the number, from 0, of the chapter in which a grid point lies."""
    return int(time // CHAPTER)


def on_grid(moments: Iterable[Moment], every: float, *, start: float = 0.0) -> Iterator[Instant]:
    """Yield the moment on screen at each grid point, then the last one. `moments` are in order of time.

    `start`: the first grid point; the first of `moments` is on screen at it, or earlier. A frame that stays
    on screen over several grid points is given for each. At most a few more than `MAX_SAMPLES` are given, for
    any input.
    """
    for time, seen, moment in _shown(((moment.time, moment) for moment in moments), every, start):
        yield Instant(time, seen, moment)


def wanted(times: Sequence[float], every: float) -> list[bool]:
    """Tell which of the frames shown at `times` (ascending, from 0) `on_grid` will use."""
    chosen = [False] * len(times)
    for _, _, place in _shown(zip(times, range(len(times)), strict=True), every):
        chosen[place] = True
    return chosen


def _shown[Thing](
    frames: Iterable[tuple[float, Thing]], every: float, start: float = 0.0
) -> Iterator[tuple[float, float, Thing]]:
    """Yield for each cell of the grid its start, the time of its picture, and the thing on screen then."""
    cell = _Cell(every, start)
    shown: tuple[float, Thing] | None = None
    for time, thing in frames:
        while shown is not None and cell.seen < time - SLACK:
            yield cell.start, cell.seen, shown[1]
            cell.advance()
        shown = time, thing
    if shown is None:
        return
    last, thing = shown
    while cell.seen <= last + SLACK:
        yield cell.start, cell.seen, thing
        cell.advance()
    if last > cell.before + SLACK:
        yield min(cell.start, last), last, thing


class _Cell:
    """The next cell of the grid: its `start`, the time of its picture, and `before`, that of the previous
    cell."""

    def __init__(self, every: float, start: float) -> None:
        self.start = start
        self._every = every
        self.before = self.seen - every if start else -1.0
        self._left = MAX_SAMPLES + BEYOND - round(start / every)

    @property
    def seen(self) -> float:
        return shown_at(self.start, self._every)

    def advance(self) -> None:
        self.before = self.seen
        self.start += self._every
        self._left -= 1
        if not self._left:
            self._every *= 2
            self._left = BEYOND
