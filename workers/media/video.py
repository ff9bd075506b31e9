"""Everything with time that is not an animated picture, through PyAV (FFmpeg).

The file is handed over as a stream, formats are a closed list and no protocol is allowed: a playlist, a
concat script or a reference inside a file opens nothing else, neither another file nor the network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
import numpy as np
from av.video.reformatter import Interpolation

from registry.errors import BadMedia
from workers.media.limits import Limits
from workers.media.picture import Moment, Pixels, Size

FORMATS: Final = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpeg,mpegts,mpegvideo,m4v,flv,live_flv,asf,ogg,rm,mxf,nut,dv,"
    "h264,hevc,av1,obu,ivf,vc1,gif,yuv4mpegpipe,wtv,amv,mp3,wav,w64,flac,aac,ac3,eac3,aiff,amr,caf,ape"
)
NOTHING: Final = "none"
"""A protocol that does not exist: FFmpeg may open nothing by itself."""
MAX_STREAMS: Final = 64
RATE_LIMIT: Final = 1000
SLOWEST: Final = 1.0
"""Frame duration assumed at most where none is said, in seconds."""
READ_BYTES: Final = 1 << 18


class Video:
    """An opened video: its header, then its moments, once."""

    def __init__(self, container: Any, stream: Any, name: str, limits: Limits) -> None:
        self._container = container
        self._stream = stream
        self._name = name
        self._limits = limits
        self.truncated = False
        """Did decoding end before the file's content should have? Known after `moments`."""

    def moments(self) -> Iterator[Moment]:
        """Every frame in the order shown, time rebased to the first. What decodes is used.

        Raises `BadMedia` with code `too_large`, `truncated_media`, `zero_length` or `unsupported_media`.
        """
        usual = self._frame_time()
        first: float | None = None
        last = -usual
        for frame in self._decoded():
            if frame.width * frame.height > self._limits.max_pixels:
                raise _too_many_pixels(self._name, frame, self._limits)
            time = last + usual
            if frame.time is not None:
                first = frame.time if first is None else first
                # Where timestamps repeat or run backwards, the order of decoding is the order of showing.
                time = frame.time - first if frame.time - first > last else time
            if time > self._limits.max_seconds:
                raise _too_long(self._name, self._limits)
            last = time
            said = float(frame.duration * frame.time_base) if frame.duration and frame.time_base else usual
            yield Moment(time, min(said, SLOWEST), self._shown(frame), partial(_pixels, frame))

    def _decoded(self) -> Iterator[Any]:
        """Frames, past broken packets; ends at the first error of the container itself."""
        packets = self._container.demux(self._stream)
        good = bad = 0
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                break
            except av.error.FFmpegError:
                self.truncated = True
                break
            try:
                frames = packet.decode()
            except av.error.EOFError:
                break
            except av.error.FFmpegError:
                bad += 1
                continue
            for frame in frames:
                good += 1
                yield frame
        if bad:
            self.truncated = True
        if not good:
            raise _nothing_decoded(self._name, broken=self.truncated)

    def duration(self) -> float | None:
        """Seconds as the file says, or None. Raises `BadMedia` `too_large` before anything is decoded where
        it is too long, or its picture too large."""
        picture = self._stream.codec_context
        if picture.width * picture.height > self._limits.max_pixels:
            raise _too_many_pixels(self._name, picture, self._limits)
        said = None
        if self._stream.duration and self._stream.time_base:
            said = float(self._stream.duration * self._stream.time_base)
        elif self._container.duration:
            said = float(self._container.duration / av.time_base)
        if said is not None and said > self._limits.max_seconds:
            raise _too_long(self._name, self._limits)
        return said

    def _shown(self, frame: Any) -> Size:
        """Upright and with square pixels."""
        width, height = frame.width, frame.height
        shape = self._stream.sample_aspect_ratio
        if shape and Fraction(1, 8) < shape < 8:
            width = max(1, round(width * shape))
        return Size(height, width) if _quarters(frame) % 2 else Size(width, height)

    def _frame_time(self) -> float:
        rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(25)
        return float(1 / rate) if 0 < rate <= RATE_LIMIT else 1 / RATE_LIMIT


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[Video]:
    """The video at `path`, its header read.

    Raises `BadMedia` with code `not_media`, `no_picture`, `zero_length`, `truncated_media` or
    `unsupported_media`.
    """
    with path.open("rb", buffering=0) as raw, _container(raw, path.name) as container:
        pictures = [stream for stream in container.streams.video if not _cover(stream)]
        if not pictures:
            raise _no_picture(container, path.name)
        stream = pictures[0]
        if stream.codec_context is None:
            raise BadMedia(
                f"{path.name!r} uses a codec that cannot be decoded here.",
                code="unsupported_media",
                next_step="Convert it to H.264 in MP4.",
            )
        stream.codec_context.thread_count = 1
        yield Video(container, stream, path.name, limits)


@contextmanager
def _container(raw: BinaryIO, name: str) -> Iterator[Any]:
    options = {"format_whitelist": FORMATS, "protocol_whitelist": NOTHING, "max_streams": str(MAX_STREAMS)}
    try:
        container = av.open(raw, mode="r", container_options=options, buffer_size=READ_BYTES)
    except (av.error.FFmpegError, ValueError, UnicodeError) as error:
        raise BadMedia(
            f"{name!r} is not an image or a video of a known format.",
            code="not_media",
            next_step="Send a JPEG, PNG, WebP, GIF, MP4, WebM, MOV or AVI file.",
        ) from error
    with container:
        yield container


def _pixels(frame: Any, size: Size) -> Pixels:
    """The frame scaled by area and turned upright: `size` is the size as shown."""
    quarters = _quarters(frame)
    width, height = (size.height, size.width) if quarters % 2 else size
    scaled = frame.reformat(width, height, "rgb24", interpolation=Interpolation.AREA)
    pixels: Pixels = scaled.to_ndarray()
    return np.ascontiguousarray(np.rot90(pixels, quarters)) if quarters else pixels


def _quarters(frame: Any) -> int:
    """Quarter turns, counter-clockwise, by the display matrix."""
    return round((frame.rotation or 0) / 90) % 4


def _cover(stream: Any) -> bool:
    """Is the stream the cover picture of a music file?"""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _no_picture(container: Any, name: str) -> BadMedia:
    if container.streams.audio:
        return BadMedia(
            f"{name!r} holds no picture, only sound.",
            code="no_picture",
            next_step="Sound alone is not compared; send the video.",
        )
    return BadMedia(f"{name!r} holds no video stream.", code="zero_length")


def _nothing_decoded(name: str, *, broken: bool) -> BadMedia:
    if broken:
        return BadMedia(
            f"Nothing in {name!r} can be decoded: it is damaged or cut short.",
            code="truncated_media",
            next_step="Fetch the file again; its download may have been cut.",
        )
    return BadMedia(f"The video {name!r} holds no frame.", code="zero_length", next_step="Export it again.")


def _too_many_pixels(name: str, picture: Any, limits: Limits) -> BadMedia:
    return BadMedia(
        f"{name!r} is {picture.width} x {picture.height} pixels large; at most {limits.max_pixels} are decoded.",
        code="too_large",
        next_step="Scale it down and try again.",
    )


def _too_long(name: str, limits: Limits) -> BadMedia:
    return BadMedia(
        f"{name!r} is longer than {limits.max_seconds:g} seconds.",
        code="too_large",
        next_step="Cut it, or raise FAKEPRINT_MAX_SECONDS.",
    )
