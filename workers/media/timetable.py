"""Read from a video's packets when its frames are shown, without decoding (7 ms for a minute).

It gives the true duration, whatever the header says. It also lets the decoder skip frames that no sample
needs and no other frame refers to. That saves a third of the cost, and the rest stays bit-exact.
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import av.error
import numpy as np
from numpy.typing import NDArray

from workers.media import container, sampling
from workers.media.limits import Limits

TRUSTED: Final = frozenset({"mov", "matroska", "webm"})
"""Containers whose packets carry the display time of their frame."""
SKIPPABLE: Final = frozenset({"h264", "hevc", "mpeg4", "mpeg2video"})
"""Codecs whose decoders can skip frames that no other frame refers to."""
BREAK: Final = 3600.0
BACK: Final = 10.0
"""Seconds forward (BREAK) and back by which a jump means that the clock was reset. No frame lasts so long,
and no decoder reorders frames so far. Following frames are taken to come directly after."""
MISSING: Final = 1.0
"""Seconds by which a file may be shorter than its header says before it counts as cut."""


@dataclass(frozen=True, slots=True)
class Timetable:
    """Timing of a video.

    `duration`: seconds, None if unknown. `cut`: the file ends before its header says. `needed`: timestamps
    (in the stream's time base) that samples use, or None if all frames must be decoded.
    """

    duration: float | None
    cut: bool
    needed: frozenset[int] | None


def read(path: Path, limits: Limits) -> Timetable:
    """Return the timetable of a video. Raises `BadMedia` as `container.opened` does, and `too_large`."""
    with container.opened(path, limits) as (opened, stream):
        base = float(stream.time_base or 0)
        stamps, timeless, broken = _stamps(opened, stream)
        usual = frame_seconds(stream)
        # If time is missing, stands still or runs back, frames follow each other at the usual rate.
        steady = (len(stamps) + timeless) * usual
        if not stamps or not base:
            limits.check_seconds(promised(stream) or 0.0)
            return Timetable(max(promised(stream) or 0.0, steady) or None, broken, None)
        in_order = np.frombuffer(stamps, np.int64)
        ordered = np.sort(in_order)
        times = _times(ordered, base, usual)
        duration = float(times[-1]) + usual
        limits.check_seconds(duration)
        needed = None
        behind = float((np.maximum.accumulate(in_order) - in_order).max()) * base
        truthful = not timeless and behind < BACK and bool((np.diff(ordered) > 0).all())
        if truthful and container.formats_of(opened) & TRUSTED and stream.codec_context.name in SKIPPABLE:
            sampled = sampling.wanted(times.tolist(), sampling.step(duration))
            needed = frozenset(ordered[np.array(sampled)].tolist())
        short = container.formats_of(opened) & TRUSTED and duration + MISSING < (promised(stream) or 0.0)
        return Timetable(duration if truthful else max(duration, steady), broken or bool(short), needed)


def _times(ordered: NDArray[np.int64], base: float, usual: float) -> NDArray[np.float64]:
    """Return seconds from the first of the timestamps, without the jumps of a reset clock."""
    gaps = np.diff(ordered) * base
    jumps = np.cumsum(np.where(gaps > BREAK, gaps - usual, 0.0))
    return np.asarray((ordered - ordered[0]) * base - np.concatenate([[0.0], jumps]), dtype=np.float64)


def frame_seconds(stream: Any) -> float:
    """Return the average duration of a frame in seconds; .04 if the stream gives no sensible value."""
    rate = float(stream.average_rate or stream.guessed_rate or 25)
    return 1 / rate if 0.1 <= rate <= 1000 else 0.04


def promised(stream: Any) -> float | None:
    """Return the stream's duration in seconds by its header."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    # Matroska stores it in a tag: "00:01:02.500000000".
    hours, _, minutes_seconds = str(stream.metadata.get("DURATION", "")).partition(":")
    minutes, _, seconds = minutes_seconds.partition(":")
    try:
        return int(hours) * 3600 + int(minutes) * 60 + float(seconds)
    except ValueError:
        return None


def _stamps(opened: Any, stream: Any) -> tuple[array[int], int, bool]:
    """Return the packets' timestamps, the number of packets without one, and whether reading broke off."""
    stamps: array[int] = array("q")
    timeless = 0
    try:
        for packet in container.packets(opened, stream):
            if not packet.size or packet.is_discard:
                continue
            if packet.pts is None:
                timeless += 1
            else:
                stamps.append(packet.pts)
    except av.error.FFmpegError:
        return stamps, timeless, True
    return stamps, timeless, False
