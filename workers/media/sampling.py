"""Which moments of a video are looked at: a fixed grid in time, and the last frame. Pure.

The grid is fixed (0, 0.5, 1 … seconds from the first frame) so that two copies of a video are sampled at the
same instants whatever their frame rates. A grid point takes the frame that is on screen then.

Long videos have a coarser grid, so that what they cost is bounded. One picture then stands for a cell of one
or more seconds, and is taken from near its middle: taken from its start, it would draw every alignment with
footage sampled more finely to one side (of 40 cuts of four seconds, found in an asset sampled every 2 s,
95 % against 65 % have all four edges within a second).
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
"""A cut of four seconds still meets two pictures."""
PLENTY: Final = 3600
"""Samples from which the grid gets coarser, up to `LONGEST_STEP`: half an hour at 2 Hz, an hour at 1 Hz."""
MAX_SAMPLES: Final = 7200
"""Samples of one video at most, four hours at `LONGEST_STEP`; longer ones have a coarser grid yet."""
BEYOND: Final = 128
"""Where a video turns out longer than it said: samples beyond `MAX_SAMPLES` after which the step doubles."""
MIN_SAMPLES: Final = 6
"""A short clip is sampled more finely until so many fit, since one frame decides nothing."""
FACE_STEP: Final = 1.0
"""Seconds between the samples in which faces are sought."""
SLACK: Final = 1e-3
"""Timestamps are often rounded to a millisecond."""
CHAPTER: Final = 60.0
"""Seconds after which a reader begins anew: what it remembers of the footage (the shot, where pictures are
set in, how it is turned, when faces were sought last) is forgotten, so that a long video can be read in
pieces that start at a chapter, and comes out the same. Runs and tracks go on over it
(`workers.pipeline.chapters`)."""


@dataclass(frozen=True, slots=True)
class Instant:
    """The moment on screen at `seen`, which stands for the time from `time` on until the next one's. Both are
    one but on the coarse grids of long videos; of the last frame they are its own time."""

    time: float
    seen: float
    moment: Moment


def step(duration: float | None) -> float:
    """Seconds between samples of a video of `duration` seconds (None: not known): `STEP` times a power of
    two."""
    chosen = STEP
    if duration is None:
        return chosen
    while duration / chosen < MIN_SAMPLES and chosen > SHORTEST_STEP:
        chosen /= 2
    while duration / chosen > (PLENTY if chosen < LONGEST_STEP else MAX_SAMPLES):
        chosen *= 2
    return chosen


def face_step(duration: float | None) -> float:
    """Seconds between samples in which faces are sought: 1, less where the clip is under 3 seconds, more
    where the samples themselves are farther apart."""
    if duration is None or duration >= STEP * MIN_SAMPLES:
        return max(FACE_STEP, step(duration))
    return max(step(duration), duration / MIN_SAMPLES)


def shown_at(start: float, every: float) -> float:
    """When, in seconds, the picture is taken that stands for the cell from `start` on."""
    return start + max(0.0, every - STEP) / 2


def chapter(time: float) -> int:
    """The number, from 0, of the chapter in which a grid point lies."""
    return int(time // CHAPTER)


def on_grid(moments: Iterable[Moment], every: float, *, start: float = 0.0) -> Iterator[Instant]:
    """The moment on screen at each grid point, then the last one. `moments` come in order of time. `start`:
    the grid point to begin with; the first of `moments` is then on screen at it, or earlier.

    A frame that stays on screen over several grid points is given for each of them. There are no more than
    `MAX_SAMPLES` and a few, whatever comes.
    """
    for time, seen, moment in _shown(((moment.time, moment) for moment in moments), every, start):
        yield Instant(time, seen, moment)


def wanted(times: Sequence[float], every: float) -> list[bool]:
    """Which of the frames shown at `times` (ascending, from 0) `on_grid` will use."""
    chosen = [False] * len(times)
    for _, _, place in _shown(zip(times, range(len(times)), strict=True), every):
        chosen[place] = True
    return chosen


def _shown[Thing](
    frames: Iterable[tuple[float, Thing]], every: float, start: float = 0.0
) -> Iterator[tuple[float, float, Thing]]:
    """For each cell of the grid its start, the time its picture is taken at, and what is on screen then."""
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
    """The cell of the grid that is next: `start`, the time its picture is taken at, `before` that of the cell
    before."""

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
