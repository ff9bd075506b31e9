"""Get the picture that a medium shows at an instant, without decoding everything before it.

Times are those of the full reading: seconds from the first picture shown. If the container says when each
picture is shown, the decoder begins at the keyframe before the instant. Other files are read from the start,
and only as far as a budget allows, since people wait.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final, override

import numpy as np

from registry.core.errors import BadMedia, DecodeFailed, TruncatedMedia
from workers.errors import NotDivisible, TooFarIn
from workers.media import container, stills, timetable
from workers.media.keyframes import CODECS, marked_packets
from workers.media.limits import Limits
from workers.media.picture import Moment
from workers.media.pieces import Sought
from workers.media.timetable import TRUSTED, Timetable

MOST_PIXELS: Final = 3_000_000_000
"""Most pixels decoded for one instant: two minutes of 720p, 360 pictures of 4K, 90 of 8K; about ten seconds
of a core."""
SLACK: Final = 1e-3
"""Tolerance in seconds: timestamps are often rounded to a millisecond."""
MISSING: Final = 1.0
"""Seconds after the last decodable picture in which it still counts as shown."""

Found = Moment | BadMedia


@dataclass(frozen=True, slots=True)
class _Keys:
    """Timestamps of keyframes in the stream's time base, ascending.

    `first`: timestamp of the first picture shown. `base`: seconds per unit.
    """

    first: int
    stamps: tuple[int, ...]
    base: float

    def before(self, second: float) -> int:
        """Return the keyframe from which the picture at that second is decoded."""
        latest = self.first + (second + SLACK) / self.base
        return self.stamps[max(0, int(np.searchsorted(self.stamps, latest, side="right")) - 1)]


def shown(path: Path, limits: Limits, instants: Sequence[float]) -> Iterator[tuple[float, Found]]:
    """Yield the picture on screen at each of `instants` (seconds, ascending), or the error why there is none.

    The errors are `truncated_media` if the file ends earlier, and `too_far_in` beyond the budget. Use each
    picture before requesting the next. Raises `BadMedia` if nothing of the file can be read.
    """
    with stills.opened(path, limits) as pictures:
        if pictures is not None:
            yield from _guarded(pictures.moments() if pictures.moves else iter([pictures.still()]), instants)
            return
    keys = _keys(path, limits)
    for key, some in groupby(instants, key=lambda instant: None if keys is None else keys.before(instant)):
        with container.opened(path, limits) as (file, stream):
            yield from _guarded(_From(file, stream, limits, keys, key).moments(), list(some))


def _guarded(moments: Iterator[Moment], instants: Sequence[float]) -> Iterator[tuple[float, Found]]:
    """Yield as `_on_screen`; an error is given for all remaining instants."""
    left = list(instants)
    try:
        for second, moment in _on_screen(_within(moments), instants):
            left.pop(0)
            yield second, moment
    except BadMedia as error:
        yield from ((second, error) for second in left)
    except NotDivisible as error:
        broken = DecodeFailed(error.message)
        yield from ((second, broken) for second in left)


def _on_screen(moments: Iterable[Moment], instants: Sequence[float]) -> Iterator[tuple[float, Found]]:
    left = list(instants)
    last: Moment | None = None
    for moment in moments:
        while left and moment.time > left[0] + SLACK:
            yield left.pop(0), last or moment
        if not left:
            return
        last = moment
    ended = TruncatedMedia("The file ends before that instant.")
    for second in left:
        reached = last is not None and second <= last.time + max(last.duration, MISSING)
        yield second, last if last is not None and reached else ended


def _within(moments: Iterator[Moment]) -> Iterator[Moment]:
    spent = 0
    for moment in moments:
        spent += moment.size.width * moment.size.height
        if spent > MOST_PIXELS:
            raise TooFarIn("The instant lies too far from where the video can be entered.")
        yield moment


def _keys(path: Path, limits: Limits) -> _Keys | None:
    """Return the keyframes at which decoding can begin; None if the video must be read from its start."""
    with container.opened(path, limits) as (opened, stream):
        base = float(stream.time_base or 0)
        seekable = stream.codec_context.name in CODECS
        if not base or not seekable or not container.formats_of(opened) & TRUSTED:
            return None
        packets = marked_packets(opened, stream)
    if packets is None:
        return None
    first = min(stamp for stamp, _ in packets)
    marked = sorted(stamp for stamp, key in packets if key)
    if not marked or marked[0] != first:
        return None
    limits.check_seconds((max(stamp for stamp, _ in packets) - first) * base)
    return _Keys(first, tuple(marked), base)


class _From(Sought):
    """A video whose decoder gets the packets from a keyframe on, or all (`key` None)."""

    def __init__(self, opened: Any, stream: Any, limits: Limits, keys: _Keys | None, key: int | None) -> None:
        super().__init__(opened, stream, Timetable(None, cut=False, needed=None), limits)
        self._key = key
        if keys is not None and key is not None:
            self._first = keys.first * keys.base
            self._last = (key - keys.first) * keys.base - timetable.frame_seconds(stream)

    @override
    def _decoded(self) -> Iterator[Any]:
        for frame in super()._decoded():
            # Pictures shown before the keyframe refer to pictures that were not decoded.
            if self._key is None or frame.pts is None or frame.pts >= self._key:
                yield frame
