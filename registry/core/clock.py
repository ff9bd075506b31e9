"""Checks of the time stamps in a fingerprint document: samples lie within the clip, cover it to its end, and
are not too many."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

from registry.core.errors import BadDocument, DocumentTooLarge

MAX_MOMENTS: Final = 9_000
"""Most distinct sample times in a document. The sampler takes 7,200; the rest allows for a file that is
longer than its header says."""
DENSEST: Final = 4.0
"""Sample times a second that a document may hold: twice the sampling rate ..."""
SHORT: Final = 64
"""... plus this many, because short clips are sampled more densely."""
SLACK: Final = 1.0
"""Seconds by which a sample may end after the clip."""
TAIL: Final = 12.0
"""Seconds at the end of a clip that may have no sample. Two keyframes that settle a lookup lie no farther
apart. If samples are sparser, twice the largest gap between them is allowed."""


class Clock:
    """Checks the sample times of one document against its `duration` in seconds. `duration` is None for an
    image, which has no time."""

    def __init__(self, duration: float | None) -> None:
        self._duration = duration
        self._most = MAX_MOMENTS if duration is None else min(MAX_MOMENTS, int(DENSEST * duration) + SHORT)
        self._moments: set[float] = set()

    def see(self, time: float, lasts: float, place: str) -> None:
        """Count a sample. Raises `BadDocument`: `bad_document` if it lies outside the clip,
        `document_too_large` if the document holds more sample times than the clip allows."""
        self.check(time, lasts, place)
        self._moments.add(time)
        if len(self._moments) > self._most:
            raise DocumentTooLarge(
                f"The document holds more than the {self._most} moments that its duration allows."
            )

    def check(self, time: float, lasts: float, place: str) -> None:
        """Raises `BadDocument` if a sample begins or ends after the clip."""
        if self._duration is not None and time + lasts > self._duration + SLACK:
            raise BadDocument(
                f"{place} lasts to {time + lasts:.3f} s, beyond the `duration` of {self._duration:.3f} s.",
                next_step="Give `t` and `d` in seconds from the first frame.",
            )

    def until(self) -> dict[float, float]:
        """Map each sample time, except the last, to the next sample time."""
        return dict(itertools.pairwise(sorted(self._moments)))

    def close(self, ends: Iterable[float]) -> None:
        """Raises `BadDocument` if the clip continues too long after its last sample. `ends`: end times of the
        samples."""
        if self._duration is None:
            return
        end = max(ends)
        gap = max((after - time for time, after in self.until().items()), default=0.0)
        if self._duration > end + max(TAIL, 2 * gap):
            raise BadDocument(
                f"`duration` is {self._duration:.3f} s, and the last sample ends at {end:.3f} s.",
                next_step="Give each sample as `d` how long it stands, or sample the clip to its end.",
            )
