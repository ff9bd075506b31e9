"""Which moments of a video are looked at: a fixed grid in time, and the last frame. Pure.

The grid is fixed (0, 0.5, 1 … seconds from the first frame) so that two copies of a video are sampled at the
same instants whatever their frame rates. A grid point takes the frame that is on screen then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from workers.media.picture import Moment

STEP: Final = 0.5
"""Seconds between samples (2 Hz): alignment to half a second needs no more (measured, FACTS)."""
SHORTEST_STEP: Final = 1 / 64
MIN_SAMPLES: Final = 6
"""A short clip is sampled more finely until so many fit, since one frame decides nothing."""
FACE_STEP: Final = 1.0
"""Seconds between the samples in which faces are sought."""
SLACK: Final = 1e-3
"""Timestamps are often rounded to a millisecond."""


@dataclass(frozen=True, slots=True)
class Instant:
    """The moment on screen at `time` (a grid point, or the last frame's own time)."""

    time: float
    moment: Moment


def step(duration: float | None) -> float:
    """Seconds between samples of a video of `duration` seconds (None: not known)."""
    chosen = STEP
    while duration is not None and duration / chosen < MIN_SAMPLES and chosen > SHORTEST_STEP:
        chosen /= 2
    return chosen


def face_step(duration: float | None) -> float:
    """Seconds between samples in which faces are sought: 1, less where the clip is under 3 seconds."""
    if duration is None or duration >= STEP * MIN_SAMPLES:
        return FACE_STEP
    return max(step(duration), duration / MIN_SAMPLES)


def on_grid(moments: Iterable[Moment], every: float) -> Iterator[Instant]:
    """The moment on screen at each grid point, then the last one. `moments` come in order of time.

    A frame that stays on screen over several grid points is given for each of them.
    """
    index = 0
    shown: Moment | None = None
    for moment in moments:
        if shown is not None:
            while index * every < moment.time - SLACK:
                yield Instant(index * every, shown)
                index += 1
        shown = moment
    if shown is None:
        return
    while index * every <= shown.time + SLACK:
        yield Instant(index * every, shown)
        index += 1
    if shown.time > (index - 1) * every + SLACK:
        yield Instant(shown.time, shown)


def wanted(times: Sequence[float], every: float) -> list[bool]:
    """Which of the frames shown at `times` (ascending, from 0) `on_grid` will use."""
    chosen = [False] * len(times)
    index = 0
    for place in range(len(times)):
        following = times[place + 1] if place + 1 < len(times) else None
        while following is None or index * every < following - SLACK:
            chosen[place] = True
            if following is None:
                break
            index += 1
    return chosen
