"""Decode a video's keyframes and its last picture: a tenth of the cost of decoding it all.

Only packets of keyframes reach the decoder, and for the last picture those of its group. Times are those of
the full reading: seconds from the first frame shown.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, override

import av
import av.error

from registry.core.errors import DecodeFailed
from registry.matching.decision.model import keyframe_answers
from workers.media import container, stills, timetable, video
from workers.media.limits import Limits
from workers.media.picture import Moment
from workers.media.timetable import Timetable
from workers.media.video import Video

CODECS: Final = frozenset({"h264", "hevc", "mpeg4", "mpeg2video", "vp8", "vp9", "av1", "mjpeg"})
"""Codecs whose marked packets decode to one picture each, and whose containers mark them correctly."""
FEWEST: Final = 8
EVERY: Final = 2.5
"""Most keyframes read: one every so many seconds, and at least `FEWEST`. If there are more (a keyframe a
second, or nothing else), evenly spaced ones are read."""
SLACK: Final = 1e-3
"""Seconds within which two times belong to one frame."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The pictures to decode.

    `keys`: timestamps of keyframes in the stream's time base, ascending. `last`: timestamp of the last
    picture shown; `group`: that of the keyframe it depends on. In seconds: `times` of the keys, `end` time of
    the last picture, and `duration` by the packets.
    """

    keys: tuple[int, ...]
    last: int
    group: int
    times: tuple[float, ...]
    end: float
    duration: float


def plan(path: Path, limits: Limits) -> Plan | None:
    """Plan what to decode, or return None if keyframes cannot be read alone.

    That is the case for a picture, for a container that does not mark keyframes, and for keyframes that are
    too far apart. Raises `BadMedia` as `container.opened` does.
    """
    with stills.opened(path, limits) as pictures:
        if pictures is not None:
            return None
    with container.opened(path, limits) as (opened, stream):
        base = float(stream.time_base or 0)
        formats = container.formats_of(opened)
        if not base or not formats & timetable.TRUSTED or stream.codec_context.name not in CODECS:
            return None
        packets = marked_packets(opened, stream)
        usual = timetable.frame_seconds(stream)
    if packets is None:
        return None
    marked = [stamp for stamp, key in packets if key]
    first, last = min(stamp for stamp, _ in packets), max(stamp for stamp, _ in packets)
    end = (last - first) * base
    if not marked or marked[0] != first or marked != sorted(set(marked)):
        return None
    limits.check_seconds(end)
    chosen = _thinned(marked, max(FEWEST, int(end / EVERY)))
    times = tuple((stamp - first) * base for stamp in chosen)
    if not keyframe_answers.covers(times, end + usual):
        return None
    return Plan(tuple(chosen), last, marked[-1], times, end, end + usual)


@contextmanager
def opened(
    path: Path, limits: Limits, plan: Plan, keys: Collection[int], *, tail: bool
) -> Iterator[Iterator[Moment]]:
    """Yield the moments of these keyframes of a plan, its first included, and with `tail` of the last
    picture, by time.

    Reading them raises `BadMedia`, also (`decode_failed`) if one is missing or broken.
    """
    with container.opened(path, limits) as (file, stream):
        yield _moments(_Keyed(file, stream, limits, plan, frozenset(keys), tail=tail))


def _moments(clip: _Keyed) -> Iterator[Moment]:
    times = clip.times
    found = 0
    for moment in clip.moments():
        if found < len(times) and abs(moment.time - times[found]) <= SLACK:
            found += 1
            yield moment
    if found < len(times) or clip.truncated:
        raise DecodeFailed("Not all keyframes of the video can be decoded.")


class _Keyed(Video):
    """A video whose decoder gets few packets: those of `keys`, and with `tail` those of the last group."""

    def __init__(
        self, opened: Any, stream: Any, limits: Limits, plan: Plan, keys: frozenset[int], *, tail: bool
    ) -> None:
        super().__init__(opened, stream, Timetable(plan.duration, cut=False, needed=None), limits)
        self._plan = plan
        self._keys = keys
        self._tail = tail
        self.times = [time for key, time in zip(plan.keys, plan.times, strict=True) if key in keys]
        """Seconds at which the wanted pictures are shown."""
        if tail and plan.end > plan.times[-1] + SLACK:
            self.times.append(plan.end)

    @override
    def _packets(self) -> Iterator[Any]:
        context = self._stream.codec_context
        skips = context.name in timetable.SKIPPABLE
        reached = False
        packets = container.packets(self._container, self._stream)
        while (packet := self._next(packets)) is not None:
            if packet.pts is None:  # the packet that flushes the decoder
                yield packet
                continue
            reached = reached or (self._tail and packet.pts == self._plan.group)
            if packet.pts in self._keys or reached:
                needed = packet.pts in self._keys or packet.pts == self._plan.last or not skips
                context.skip_frame = video.ALL if needed else video.REFERENCES
                yield packet
            if packet.pts in self._keys and not reached:
                # With open groups the decoder would reorder the pictures wrongly.
                yield self._end()
                context.flush_buffers()

    def _end(self) -> Any:
        """Return a packet that makes the decoder output the frames it holds."""
        packet = av.Packet()
        packet.stream = self._stream
        packet.time_base = self._stream.time_base
        return packet

    def _next(self, packets: Iterator[Any]) -> Any:
        try:
            return next(packets, None)
        except av.error.FFmpegError:
            self.truncated = True
            return None


def marked_packets(opened: Any, stream: Any) -> list[tuple[int, bool]] | None:
    """Return each packet's timestamp and whether it is a keyframe.

    None if a packet has no timestamp, if two share one, or if reading breaks off. Raises as
    `container.packets` does.
    """
    found: list[tuple[int, bool]] = []
    try:
        for packet in container.packets(opened, stream):
            if not packet.size or packet.is_discard:
                continue
            if packet.pts is None or packet.is_corrupt:
                return None
            found.append((packet.pts, bool(packet.is_keyframe)))
    except av.error.FFmpegError:
        return None
    return found if found and len({stamp for stamp, _ in found}) == len(found) else None


def _thinned(marked: Sequence[int], most: int) -> list[int]:
    """Return all, or at most `most` nearest to evenly spaced times; first and last are kept."""
    if len(marked) <= most:
        return list(marked)
    span = marked[-1] - marked[0]
    chosen = []
    at = 0
    for index in range(most):
        target = marked[0] + span * index / (most - 1)
        while at + 1 < len(marked) and abs(marked[at + 1] - target) <= abs(marked[at] - target):
            at += 1
        chosen.append(marked[at])
    return sorted(set(chosen))
