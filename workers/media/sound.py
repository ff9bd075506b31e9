"""A file's sound as samples on the picture's clock: what is heard when its first frame is shown comes first.

Sound that begins later is preceded by silence, what comes before the picture is left out, gaps are silence.
What is broken is passed over. Read with PyAV from the file's own bytes, as the picture is, in pieces.
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
"""Samples a second: what Chromaprint listens to."""
GAP: Final = 0.1
"""Seconds that sound may be away from where its timestamps say; containers round to a millisecond."""
PIECE: Final = 10 * RATE
"""Samples of one piece."""
PROBLEMS: Final = 200
"""Broken packets in a row after which the rest is given up."""

Samples = NDArray[np.int16]


class Sound:
    """The sound of one file. `there`, `good` and `broken` are known once the samples have been read: has the
    file a track of sound, was any of it decoded, was some of it not?"""

    def __init__(self) -> None:
        self.there = self.good = self.broken = False
        self._resampler: Any = None
        self._layout: tuple[object, ...] = ()

    def samples(self, path: Path, limits: Limits, *, duration: float) -> Iterator[Samples]:
        """Pieces of one channel, 16 bit, `RATE` samples a second, from the picture's first moment on.

        `duration`: the picture's, in seconds. At most `OUTLASTS` seconds more are read, and never more than
        the limit. Raises `BadMedia` where the file cannot be opened.
        """
        most = round(min(duration + OUTLASTS, limits.max_seconds) * RATE)
        with container.opened(path, limits) as (opened, picture):
            track = _track(opened)
            if track is None:
                return
            self.there = True
            track.codec_context.thread_count = 1
            held: list[Samples] = []
            for piece in self._placed(self._frames(opened, track), _start(picture, track), most):
                held.append(piece)
                if sum(map(len, held)) >= PIECE:
                    yield np.concatenate(held)
                    held = []
            if held:
                yield np.concatenate(held)

    def _placed(self, frames: Iterator[Any], start: float, most: int) -> Iterator[Samples]:
        """Resampled sound from the picture's `start` on, in order and without a hole; `most` samples."""
        at: int | None = None
        shift = 0
        for frame, said in ((frame, _said(frame, start)) for frame in chain(frames, [None])):
            if at is None:
                at = said if said is not None and -OUTLASTS * RATE <= said < 0 else 0
            if frame is not None and not self._fits(frame):
                self._resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
            off = said + shift - at if said is not None else 0
            pause = off if off > GAP * RATE and at + off < most else 0
            if not pause and abs(off) > GAP * RATE:
                # A clock that jumps back, or beyond the end: what is decoded next is heard next.
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
        """What the resampler gives for a frame; None: what it still holds."""
        if self._resampler is None:
            return
        try:
            for item in self._resampler.resample(frame):
                yield item.to_ndarray()[0]
        except (av.error.FFmpegError, ValueError):
            self.broken = True

    def _frames(self, opened: Any, track: Any) -> Iterator[Any]:
        """Decoded frames, past broken packets."""
        bad = 0
        packets = opened.demux(track)
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
            ):  # ValueError: PyAV's word for a codec without a decoder
                self.broken = True
                bad += 1


def _track(opened: Any) -> Any | None:
    """The track that a player plays: the default one, else the first."""
    tracks = [track for track in opened.streams.audio if track.codec_context is not None]
    chosen = [track for track in tracks if track.disposition & av.stream.Disposition.default]
    return next(iter([*chosen, *tracks]), None)


def _start(picture: Any, track: Any) -> float:
    """When the picture begins, in seconds of the file's clock."""
    for stream in (picture, track):
        if stream.start_time is not None and stream.time_base:
            return float(stream.start_time * stream.time_base)
    return 0.0


def _said(frame: Any | None, start: float) -> int | None:
    """Where a frame's timestamp places it, in samples from `start`."""
    return None if frame is None or frame.time is None else round((frame.time - start) * RATE)


def _silence(count: int) -> Iterator[Samples]:
    while count > 0:
        yield np.zeros(min(count, PIECE), dtype=np.int16)
        count -= PIECE
