"""Open a video or sound file with FFmpeg (PyAV) so that it can read nothing but its own bytes.

The file is passed as a stream, formats are an allowlist, and no protocol is allowed. So a playlist, a concat
script or a reference inside a file opens neither another file nor the network.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import av
import av.error
import av.stream
import av.subtitles.stream  # loaded by a file's tracks otherwise, perhaps where no memory is left
from av.stream import Discard

from registry.core.errors import BadMedia, NoPicture, NotMedia, TruncatedMedia, UnsupportedMedia, ZeroLength
from workers.media import descriptor, memory
from workers.media.decoder_buffers import Holding
from workers.media.limits import FORMATS, Limits, too_large

NOTHING: Final = "none"
"""A protocol that does not exist: FFmpeg may open nothing by itself."""
TILED: Final = frozenset({b"heic", b"heix", b"heim", b"heis", b"mif1", b"avif"})
MAX_STREAMS: Final = 64
INDEX_MB: Final = 400
"""Megabytes that FFmpeg may take to read a file's header, where MP4 keeps an index of all frames. A film of
four hours at 60 frames a second needs 200; 600 bytes can declare an index of 2 GB."""
MAX_PACKETS: Final = 2_000_000
"""Most packets of a track that are read: four hours at 138 frames per second. Reading them takes some four
seconds of a core."""
READ_BYTES: Final = 1 << 18


@contextmanager
def opened_for_sound(path: Path, limits: Limits) -> Iterator[tuple[Any, Any | None]]:
    """Yield PyAV's container and its video stream, as `opened` does; None for a file of sound alone.

    Raises `BadMedia` as `opened`, but not `no_picture`.
    """
    with descriptor.opened(path) as raw, _container(raw) as container:
        if not _pictures(container) and container.streams.audio:
            if container.duration:
                limits.check_seconds(container.duration / av.time_base)
            yield container, None
            return
    with opened(path, limits) as found:
        yield found


@contextmanager
def opened(path: Path, limits: Limits) -> Iterator[tuple[Any, Any]]:
    """Yield PyAV's container and the video stream that a player shows, with headers read and nothing decoded.

    Raises `BadMedia` with code `not_media`, `no_picture`, `zero_length`, `unsupported_media` or `too_large`.
    """
    with descriptor.opened(path) as raw, _container(raw) as container:
        pictures = _pictures(container)
        if not pictures:
            raise _no_picture(container)
        # The stream marked as default, else the first.
        stream = max(pictures, key=lambda picture: bool(picture.disposition & av.stream.Disposition.default))
        if stream.codec_context is None:
            raise unknown_codec()
        limits.check_video_frame(stream.codec_context.width, stream.codec_context.height)
        holding = Holding(stream.codec_context)
        limits.check_held(holding.frames, holding.frame_bytes)
        # For frames that are larger than the header says.
        stream.codec_context.options = {"max_pixels": str(limits.max_video_pixels)}
        # One thread: workers scale by processes, and threads multiply the frames held.
        stream.codec_context.thread_count = 1
        yield container, stream


def packets(container: Any, stream: Any) -> Iterator[Any]:
    """Yield the packets of a stream as FFmpeg reads them, also those that an edit list discards.

    Packets of other streams are passed over by FFmpeg, 70 ns each. Raises `BadMedia` (`too_large`) after
    `MAX_PACKETS`, and FFmpeg's errors.
    """
    for other in container.streams:
        other.discard = Discard.default if other.index == stream.index else Discard.all
    for count, packet in enumerate(container.demux(stream)):
        if count >= MAX_PACKETS:
            raise too_large(f"The file has more than {MAX_PACKETS:,} frames in one track.")
        yield packet


def unknown_codec() -> BadMedia:
    """Return the error for a video with a known container and an unknown codec."""
    return UnsupportedMedia(
        "The file uses a codec that cannot be decoded here.", next_step="Convert it to H.264 in MP4."
    )


def formats_of(container: Any) -> frozenset[str]:
    """Return FFmpeg's names of the container's format."""
    return frozenset(container.format.name.split(","))


@contextmanager
def _container(raw: BinaryIO) -> Iterator[Any]:
    _refuse_tiles(raw)
    options = {"format_whitelist": FORMATS, "protocol_whitelist": NOTHING, "max_streams": str(MAX_STREAMS)}
    try:
        with memory.bounded(INDEX_MB):
            container = av.open(
                _Positions(raw), mode="r", container_options=options, buffer_size=READ_BYTES, io_open=_refused
            )
    except MemoryError as error:
        raise too_large("The file's index declares more frames than fit into memory.") from error
    except (av.error.FFmpegError, ValueError) as error:
        raise _unopened(raw) from error
    with container:
        yield container


class _Positions:
    """The file as FFmpeg reads it. A position before its start, which a file may name, is FFmpeg's error."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw
        self.read, self.tell = raw.read, raw.tell

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._raw.seek(offset, whence)
        except OSError:
            return -1


def _refused(url: str, _flags: int, _options: object) -> Any:
    """Refuse whatever a demuxer wants to open besides the file itself."""
    message = f"not opened: {url!r}"
    raise PermissionError(message)


def _refuse_tiles(raw: BinaryIO) -> None:
    """Refuse HEIC and similar files, which store a picture as a grid of small ones.

    Each small picture alone would pass for a video. These files are read by `stills` if the package for them
    is installed.
    """
    start = raw.read(12)
    raw.seek(0)
    if start[4:8] == b"ftyp" and start[8:12] in TILED:
        raise UnsupportedMedia(
            "The file is a HEIF picture, which cannot be decoded here.",
            next_step="Convert it to JPEG or PNG; to read it needs the package pi-heif, and a sound file.",
        )


def _unopened(raw: BinaryIO) -> BadMedia:
    """Return the error: an MP4 without its index is cut short; anything else has no known format."""
    raw.seek(0)
    if raw.read(12)[4:8] in {b"ftyp", b"mdat", b"moov", b"wide", b"free"}:
        return TruncatedMedia("The file is damaged or cut short: it lacks its index.")
    return NotMedia(next_step="Send a JPEG, PNG, WebP, GIF, MP4, WebM, MOV or AVI file, or a voice note.")


def _pictures(container: Any) -> list[Any]:
    return [stream for stream in container.streams.video if not _is_cover(stream)]


def _is_cover(stream: Any) -> bool:
    """Tell whether the stream is the cover picture of a music file."""
    return bool(stream.disposition & av.stream.Disposition.attached_pic)


def _no_picture(container: Any) -> BadMedia:
    if container.streams.audio and _sounds(container):
        return NoPicture("The file holds no picture, only sound.")
    if container.streams.audio:
        return NotMedia(next_step="Send a JPEG, PNG, WebP, GIF, MP4, WebM, MOV or AVI file, or a voice note.")
    return ZeroLength("The file holds no video stream.", next_step="Export it again.")


def _sounds(container: Any) -> bool:
    """Tell whether any sound can be decoded. FFmpeg sometimes takes arbitrary bytes for MP3."""
    try:
        return next(container.decode(audio=0), None) is not None
    except av.error.FFmpegError:
        return False
