"""Decode videos once, frame by frame, on one thread: everything with time that is not an animated picture."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, Final

import av.error
import numpy as np
from av.video.reformatter import Interpolation

from registry.core.errors import BadMedia, TruncatedMedia, UnsupportedMedia, ZeroLength
from workers.media import container, timetable
from workers.media.decoder_buffers import Holding
from workers.media.limits import Limits
from workers.media.picture import Moment, Pixels, Size
from workers.media.timetable import BACK, BREAK, Timetable

LONGEST_FRAME: Final = 1.0
"""Most seconds that the last frame counts for."""
ALL: Final = "DEFAULT"
REFERENCES: Final = "NONREF"
"""FFmpeg's setting for skipping frames that no other frame refers to."""


class Video:
    """An opened video: the data of its packets, then its moments, once."""

    def __init__(self, opened: Any, stream: Any, table: Timetable, limits: Limits) -> None:
        self._container = opened
        self._stream = stream
        self._table = table
        self._limits = limits
        self._first: float | None = None
        self._last = -timetable.frame_seconds(stream)
        self._bad = 0
        self.truncated = table.cut
        """Whether the file is cut short or damaged. Final after `moments`."""

    @property
    def duration(self) -> float | None:
        """Seconds by the packets; None if they carry no time."""
        return self._table.duration

    def moments(self) -> Iterator[Moment]:
        """Yield the frames in display order, with time relative to the first. Frames that no sample uses may
        be missing.

        Everything that can be decoded is used. Raises `BadMedia` with code `too_large`, `truncated_media`,
        `zero_length` or `unsupported_media`.
        """
        usual = timetable.frame_seconds(self._stream)
        first, last = self._first, self._last
        for frame in self._decoded():
            self._limits.check_video_frame(frame.width, frame.height)
            time = last + usual
            if frame.time is not None:
                first = frame.time if first is None else first
                if not last - BACK < frame.time - first < last + BREAK:
                    first = frame.time - time
                # If timestamps repeat or run backwards, decoding order is display order.
                time = frame.time - first if frame.time - first > last else time
            self._limits.check_seconds(time)
            last = time
            lasts = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else usual
            yield Moment(time, min(lasts, LONGEST_FRAME), self._shown(frame), partial(_pixels, frame))

    def _decoded(self) -> Iterator[Any]:
        """Yield frames, skipping broken packets; stop at the first error of the container itself."""
        good = 0
        holding = Holding(self._stream.codec_context)
        for packet in self._packets():
            holding.see(packet)
            self._limits.check_held(holding.frames, holding.frame_bytes)
            try:
                frames = packet.decode()
            except (av.error.EOFError, StopIteration):
                break
            except MemoryError:
                raise
            except av.error.FFmpegError:
                self._bad += 1
                continue
            except ValueError as error:  # PyAV's error for a codec without a decoder
                raise container.unknown_codec() from error
            for frame in frames:
                good += 1
                yield frame
        self.truncated = self.truncated or self._bad > 0
        if not good:
            raise _nothing_decoded(broken=self.truncated)

    def _packets(self) -> Iterator[Any]:
        """Yield packets, telling the decoder for each whether its frame is needed."""
        needed = self._table.needed
        context = self._stream.codec_context
        packets = self._demuxed()
        while True:
            try:
                packet = next(packets, None)
            except av.error.FFmpegError:
                self.truncated = True
                return
            if packet is None:
                return
            if not packet.size and packet.pts is not None:
                # "The same picture again" (Theora, AVI). The packet that flushes the decoder has no time.
                continue
            if needed is not None:
                context.skip_frame = ALL if packet.pts is None or packet.pts in needed else REFERENCES
            yield packet

    def _demuxed(self) -> Iterator[Any]:
        yield from container.packets(self._container, self._stream)

    def _shown(self, frame: Any) -> Size:
        """Return the size of a frame upright and with square pixels."""
        width, height = frame.width, frame.height
        shape = self._stream.sample_aspect_ratio
        if shape and Fraction(1, 8) < shape < 8:
            width = max(1, round(width * shape))
        return Size(height, width) if _quarters(frame) % 2 else Size(width, height)


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Video]:
    """Yield the video at `path`, after reading its packets once.

    Raises `BadMedia` with code `not_media`, `no_picture`, `zero_length`, `truncated_media`, `too_large` or
    `unsupported_media`.
    """
    table = timetable.read(path, limits)
    with container.opened(path, limits) as (file, stream):
        yield Video(file, stream, table, limits)


def _pixels(frame: Any, size: Size) -> Pixels:
    """Return the frame scaled by area and rotated upright; `size` is the size as shown."""
    quarters = _quarters(frame)
    width, height = (size.height, size.width) if quarters % 2 else size
    try:
        scaled = frame.reformat(width, height, "rgb24", interpolation=Interpolation.AREA, threads=1)
        pixels: Pixels = scaled.to_ndarray()
    except (av.error.FFmpegError, ValueError) as error:
        raise UnsupportedMedia(
            f"Frames of the kind {frame.format.name!r} cannot be read here.",
            next_step="Convert the video to H.264 in MP4.",
        ) from error
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels


def _quarters(frame: Any) -> int:
    """Return the quarter turns, counter-clockwise, by the display matrix."""
    return round((frame.rotation or 0) / 90) % 4


def _nothing_decoded(*, broken: bool) -> BadMedia:
    if broken:
        return TruncatedMedia("Nothing in the file can be decoded: it is damaged or cut short.")
    return ZeroLength("The file holds no frame.", next_step="Export it again.")
