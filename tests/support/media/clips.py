"""Media generated for tests, from synthetic pixels or the pictures of scikit-image, and encoded here."""

from __future__ import annotations

import struct
import subprocess
import zlib
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from pathlib import Path

import av
import imageio_ffmpeg
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray
from PIL import Image
from skimage import data

Pixels = NDArray[np.uint8]

MATRIX_CLOCKWISE = struct.pack(">9i", 0, 1 << 16, 0, -1 << 16, 0, 0, 0, 0, 1 << 30)
"""MP4 display matrix that rotates frames clockwise, like a phone held upright."""
MATRIX_NONE = struct.pack(">9i", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)


@cache
def photograph(name: str) -> Pixels:
    """Return a photograph of scikit-image as RGB.

    `astronaut` (a face; NASA, public domain), `coffee`, `chelsea`, or the left picture of
    `stereo_motorcycle`.
    """
    found = getattr(data, name)()
    pixels = found[0] if isinstance(found, tuple) else found
    return np.ascontiguousarray(np.asarray(pixels)[:, :, :3])


def drawn(width: int, height: int, seed: int = 0) -> Pixels:
    """Return gradients and blocks, computed with integers only and without randomness."""
    x = np.arange(width)[None, :]
    y = np.arange(height)[:, None]
    cell = (x * 13 // width) * 7 + (y * 11 // height) * 17 + seed * 29
    red = (x * 255 // max(1, width - 1) + 0 * y) % 256
    green = (y * 255 // max(1, height - 1) + 0 * x) % 256
    blue = (cell * cell * 37 + cell * 11) % 256
    return np.stack([(red + blue) // 2, (green + blue) // 2, blue], axis=2).astype(np.uint8)


def view(picture: Pixels, width: int, height: int, share: float) -> Pixels:
    """Return a window of the enlarged picture (1.25 times the window's size).

    `share`: position 0-1 from the top left to the bottom right.
    """
    return _window(_enlarged(picture, width, height), width, height, share)


def _enlarged(picture: Pixels, width: int, height: int) -> Image.Image:
    image = Image.fromarray(picture)
    scale = max(width / image.width, height / image.height) * 1.25
    size = (round(image.width * scale), round(image.height * scale))
    return image.resize(size, Image.Resampling.BILINEAR)


def _window(large: Image.Image, width: int, height: int, share: float) -> Pixels:
    left, top = round((large.width - width) * share), round((large.height - height) * share)
    return np.asarray(large.crop((left, top, left + width, top + height)))


def panning(name: str, width: int, height: int, frames: int, reach: float = 1.0) -> Iterator[Pixels]:
    """Yield frames that pan over a photograph and back. `reach`: how far, 0-1 of the way to the bottom
    right."""
    large = _enlarged(photograph(name), width, height)
    for index in range(frames):
        share = index / max(1, frames - 1)
        yield _window(large, width, height, reach * (1 - abs(1 - 2 * share)))


def encode(
    path: Path,
    frames: Iterator[Pixels],
    *,
    rate: int = 25,
    codec: str = "libx264",
    options: dict[str, str] | None = None,
    pts: Callable[[int], int] | None = None,
) -> Path:
    """Write frames as a video. The suffix decides the container. `pts` gives ticks of 1 / (rate * 1000) s."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, options=options or {"crf": "20", "preset": "fast"})
        assert isinstance(stream, VideoStream)
        stream.codec_context.time_base = Fraction(1, rate * 1000)
        stream.pix_fmt = "yuv420p"
        for index, pixels in enumerate(frames):
            if index == 0:
                stream.height, stream.width = pixels.shape[:2]
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            frame.time_base = Fraction(1, rate * 1000)
            frame.pts = pts(index) if pts else index * 1000
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def clip(
    path: Path,
    name: str = "astronaut",
    *,
    seconds: float = 6.0,
    size: tuple[int, int] = (640, 360),
    rate: int = 25,
) -> Path:
    """Create an H.264 clip that pans over a photograph."""
    return encode(path, panning(name, *size, round(seconds * rate)), rate=rate)


def ffmpeg(*arguments: str | Path) -> None:
    """Run the ffmpeg of imageio-ffmpeg. Raises `CalledProcessError` with its output."""
    subprocess.run(
        [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", *map(str, arguments)],
        check=True,
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )


def turn_by_matrix(source: Path, target: Path) -> Path:
    """Copy the MP4 `source` with the display matrix of a phone held upright. The frames are unchanged but
    shown rotated."""
    content = source.read_bytes()
    place = content.index(MATRIX_NONE, content.index(b"tkhd"))
    target.write_bytes(content[:place] + MATRIX_CLOCKWISE + content[place + len(MATRIX_CLOCKWISE) :])
    return target


def png_claiming(width: int, height: int) -> bytes:
    """Return a PNG whose header claims this size but which contains no pixel data."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", header)
        + _chunk(b"IDAT", zlib.compress(b""))
        + _chunk(b"IEND", b"")
    )


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_bars(path: Path, side: int, frames: int) -> None:
    """Write an animated PNG of large frames, half a second each: a growing bar. No frame is held in
    memory."""
    parts = [
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)),
        _chunk(b"acTL", struct.pack(">II", frames, 0)),
    ]
    rows = [b"\x00" + bytes(colour) * side for colour in ((20, 40, 200), (250, 220, 20))]
    number = 0
    for index in range(frames):
        edge = side * (index + 1) // (frames + 1)
        packer = zlib.compressobj(1)
        body = b"".join([packer.compress(rows[row < edge]) for row in range(side)]) + packer.flush()
        control = struct.pack(">IIIIIHHBB", number, side, side, 0, 0, 500, 1000, 0, 1)
        parts.append(_chunk(b"fcTL", control))
        number += 1
        if index == 0:
            parts.append(_chunk(b"IDAT", body))
        else:
            parts.append(_chunk(b"fdAT", struct.pack(">I", number) + body))
            number += 1
    path.write_bytes(b"".join([*parts, _chunk(b"IEND", b"")]))
