"""Read a file's sound as samples on the picture's clock: the first sample is heard when the first frame is
shown. Sound alone begins with its first sample.

Silence precedes sound that begins later. Sound before the picture is left out. Gaps become silence, and
broken packets are skipped. PyAV reads it from the file's own bytes, as it does the picture, in pieces.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any, Final

import av
import av.error
import av.stream
import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model.audio import OUTLASTS
from workers.media import container
from workers.media.limits import Limits

RATE: Final = 11_025
"""Samples per second: Chromaprint's input rate."""
GAP: Final = 0.1
"""Most seconds by which sound may differ from its timestamps; containers round to a millisecond."""
PIECE: Final = 10 * RATE
"""Samples of one piece."""
PROBLEMS: Final = 200
"""Broken packets in a row after which the rest is given up."""

Samples = NDArray[np.int16]


class Sound:
    """The sound of one file.

    Known after the samples were read: `there`, the file has a sound track; `good`, some of it was decoded;
    `broken`, some of it was not; `seconds` of it that were read.
    """

    def __init__(self) -> None:
        self.there = self.good = self.broken = False
        self.seconds = 0.0
        self._resampler: Any = None
        self._layout: tuple[object, ...] = ()

    def samples(self, path: Path, limits: Limits, *, duration: float) -> Iterator[Samples]:
        """Yield pieces of one channel, 16 bit, `RATE` samples per second, from the picture's first moment on.

        `duration`: that of the picture, in seconds; infinite for sound alone. At most `OUTLASTS` seconds more
        are read, and never more than the limit. Raises `BadMedia` if the file cannot be opened.
        """
        most = round(min(duration + OUTLASTS, limits.max_seconds) * RATE)
        with container.opened_for_sound(path, limits) as (opened, picture):
            track = _track(opened)
            if track is None:
                return
            self.there = True
            track.codec_context.thread_count = 1
            pieces: list[Samples] = []
            for piece in self._placed(self._frames(opened, track), _start(picture, track), most):
                pieces.append(piece)
                self.seconds += len(piece) / RATE
                if sum(map(len, pieces)) >= PIECE:
                    yield np.concatenate(pieces)
                    pieces = []
            if pieces:
                yield np.concatenate(pieces)

    def _placed(self, frames: Iterator[Any], start: float, most: int) -> Iterator[Samples]:
        """Yield at most `most` samples of resampled sound from the picture's `start` on, in order and without
        gaps."""
        at: int | None = None
        shift = 0
        for frame, position in ((frame, _position(frame, start)) for frame in chain(frames, [None])):
            if at is None:
                at = position if position is not None and -OUTLASTS * RATE <= position < 0 else 0
            if frame is not None and not self._fits(frame):
                self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            off = position + shift - at if position is not None else 0
            pause = off if off > GAP * RATE and at + off < most else 0
            if not pause and abs(off) > GAP * RATE:
                # A clock that jumps back, or beyond the end: play the next decoded sound next.
                shift -= off
            for piece in chain(_silence(pause), self._resampled(frame)):
                yield piece[max(0, -at) : max(0, most - at)]
                at += len(piece)
            if at >= most:
                return

    def _fits(self, frame: Any) -> bool:
        layout = (frame.format.name, frame.layout.name, frame.sample_rate)
        same, self._layout = layout == self._layout, layout
        return same

    def _resampled(self, frame: Any) -> Iterator[Samples]:
        """Yield the resampler's output for a frame; None: the rest that it still holds."""
        if self._resampler is None:
            return
        try:
            for resampled in self._resampler.resample(frame):
                yield resampled.to_ndarray()[0]
        except (av.error.FFmpegError, ValueError):
            self.broken = True

    def _frames(self, opened: Any, track: Any) -> Iterator[Any]:
        """Yield decoded frames, skipping broken packets."""
        bad = 0
        packets = container.packets(opened, track)
        while bad < PROBLEMS:
            try:
                packet = next(packets, None)
                if packet is None:
                    return
                for frame in packet.decode():
                    self.good, bad = True, 0
                    yield frame
            except av.error.EOFError:
                return
            except MemoryError:
                raise
            except (
                av.error.FFmpegError,
                ValueError,
            ):  # ValueError: PyAV's error for a codec without a decoder
                self.broken = True
                bad += 1


def _track(opened: Any) -> Any | None:
    """Return the track that a player plays: the default one, else the first."""
    tracks = [track for track in opened.streams.audio if track.codec_context is not None]
    chosen = [track for track in tracks if track.disposition & av.stream.Disposition.default]
    return next(iter([*chosen, *tracks]), None)


def _start(picture: Any, track: Any) -> float:
    """Return the time at which the picture begins, in seconds of the file's clock."""
    for stream in filter(None, (picture, track)):
        if stream.start_time is not None and stream.time_base:
            return float(stream.start_time * stream.time_base)
    return 0.0


def _position(frame: Any | None, start: float) -> int | None:
    """Return a frame's position by its timestamp, in samples from `start`."""
    return None if frame is None or frame.time is None else round((frame.time - start) * RATE)


def _silence(count: int) -> Iterator[Samples]:
    while count > 0:
        yield np.zeros(min(count, PIECE), dtype=np.int16)
        count -= PIECE
