"""What a document may say of time: samples within the clip, as many as it can hold, to its end."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

from registry.core.errors import BadDocument

MAX_MOMENTS: Final = 9_000
"""Moments of a document at most: 7,200 are sampled, and some more where a file is longer than it said."""
DENSEST: Final = 4.0
"""Moments a second: twice what is sampled ..."""
SHORT: Final = 64
"""... and that many more, since short clips are sampled more densely."""
SLACK: Final = 1.0
"""Seconds by which a sample may outlast the clip."""
TAIL: Final = 12.0
"""Seconds at the end of a clip that may have no sample: two keyframes that settle a lookup lie no farther
apart. Where samples are, twice as much as the farthest two may have none."""


class Clock:
    """Holds the samples of one document against its `duration` in seconds; None for a picture, of which time
    says nothing."""

    def __init__(self, duration: float | None) -> None:
        self._duration = duration
        self._most = MAX_MOMENTS if duration is None else min(MAX_MOMENTS, int(DENSEST * duration) + SHORT)
        self._moments: set[float] = set()

    def see(self, time: float, lasts: float, place: str) -> None:
        """Count a frame. Raises `BadDocument`: `bad_document` where it is not within the clip,
        `document_too_large` where there are more moments than the clip can hold."""
        self.check(time, lasts, place)
        self._moments.add(time)
        if len(self._moments) > self._most:
            raise BadDocument(
                f"The document holds more than the {self._most} moments that its duration allows.",
                code="document_too_large",
                next_step="Sample at 2 Hz, as `fakeprint hash` does.",
            )

    def check(self, time: float, lasts: float, place: str) -> None:
        """Raises `BadDocument` where a sample begins or ends after the clip."""
        if self._duration is not None and time + lasts > self._duration + SLACK:
            raise BadDocument(
                f"{place} lasts to {time + lasts:.3f} s, beyond the `duration` of {self._duration:.3f} s.",
                next_step="Give `t` and `d` in seconds from the first frame.",
            )

    def until(self) -> dict[float, float]:
        """When the next moment begins, for each but the last."""
        return dict(itertools.pairwise(sorted(self._moments)))

    def close(self, ends: Iterable[float]) -> None:
        """Raises `BadDocument` where the clip goes on for long after the last of its samples `ends`."""
        if self._duration is None:
            return
        end = max(ends)
        gap = max((after - time for time, after in self.until().items()), default=0.0)
        if self._duration > end + max(TAIL, 2 * gap):
            raise BadDocument(
                f"`duration` is {self._duration:.3f} s, and the last sample ends at {end:.3f} s.",
                next_step="Give each sample as `d` how long it stands, or sample the clip to its end.",
            )
