"""Small, well-formed media of every format, made by FFmpeg and Pillow at run time: what is then changed."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any, Final, NamedTuple

import av
import numpy as np
from PIL import Image

from tests.hostile.shapes import boxes, elements, images, streams
from tests.hostile.shapes.shape import Shape
from tests.support.media import heif
from tests.support.media.clips import drawn, ffmpeg

os.environ.setdefault("SVT_LOG", "1")  # the AV1 encoder is silent unless it fails

WIDTH: Final = 96
HEIGHT: Final = 64
FRAMES: Final = 10
RATE: Final = 5


class Base(NamedTuple):
    """`shape`: finds the fields and parts of the file that `make` returns."""

    suffix: str
    make: Callable[[], bytes]
    shape: Callable[[bytes], Shape]


def _written(suffix: str, write: Callable[[Path], object]) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"base{suffix}"
        write(path)
        return path.read_bytes()


def _ogg(path: Path) -> None:
    source = path.with_suffix(".mkv")
    source.write_bytes(media("ffv1.mkv"))
    sound = ("-f", "lavfi", "-i", "sine=duration=2", "-c:a", "libvorbis")
    ffmpeg("-i", source, *sound, "-c:v", "libtheora", "-fflags", "+bitexact", "-flags", "+bitexact", path)


class Video(NamedTuple):
    """How a video is encoded: FFmpeg's muxer, encoder and pixel format, and the encoder of its sound."""

    muxer: str
    codec: str
    pixels: str = "yuv420p"
    sound: str = ""
    options: Mapping[str, str] = {}
    muxing: Mapping[str, str] = {}


X264: Final = {"preset": "ultrafast", "threads": "1", "x264-params": "keyint=4"}
X265: Final = {"preset": "ultrafast", "x265-params": "log-level=none:pools=none:frame-threads=1:keyint=4"}
AV1: Final = {"preset": "12", "svtav1-params": "lp=1"}
FRAGMENTS: Final = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}


@contextmanager
def _scheduled_as_before() -> Iterator[None]:
    """SVT-AV1 makes a thread of root that calls it a real-time one (SCHED_FIFO), and so all that it starts
    later: no process would leave the CPU to others. Undo that."""
    if sys.platform != "linux":
        yield
        return
    policy, parameters = os.sched_getscheduler(0), os.sched_getparam(0)
    try:
        yield
    finally:
        os.sched_setscheduler(0, policy, parameters)


def video(how: Video) -> bytes:
    """Return two seconds of a drawn picture that changes, with sound if `how.sound` names an encoder."""
    out = io.BytesIO()
    options = {"fflags": "+bitexact"} | dict(how.muxing)
    with _scheduled_as_before(), av.open(out, "w", format=how.muxer, options=options) as container:
        stream: Any = container.add_stream(
            how.codec, rate=RATE, options={"flags": "+bitexact"} | dict(how.options)
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, how.pixels
        sound: Any = container.add_stream(how.sound, rate=48_000) if how.sound else None
        if sound is not None:
            container.mux(_sounds(sound))
        for index in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(drawn(WIDTH, HEIGHT, index // 3), format="rgb24")
            frame.pts, frame.time_base = index, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return out.getvalue()


def _sounds(stream: Any) -> list[Any]:
    samples = (np.sin(np.arange(96_000) / 20) * 0.3).astype(np.float32)[None]
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = 48_000, 0, Fraction(1, 48_000)
    stream.codec_context.layout = "mono"
    resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=48_000)
    return [packet for piece in resampler.resample(frame) for packet in stream.encode(piece)]


def picture(kind: str, mode: str = "RGB", *, frames: int = 1, **options: Any) -> bytes:
    """Return a picture, or an animation of so many frames, as Pillow writes it."""
    made = [Image.fromarray(drawn(WIDTH, HEIGHT, index)).convert(mode) for index in range(frames)]
    more: dict[str, Any] = {"save_all": True, "append_images": made[1:]} if frames > 1 else {}
    out = io.BytesIO()
    made[0].save(out, kind, **more, **options)
    return out.getvalue()


def _exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a picture"
    return exif.tobytes()


VIDEOS: Final = {
    "h264.mp4": Video("mp4", "libx264", sound="aac", options=X264),
    "fragments.mp4": Video("mp4", "libx264", options=X264, muxing=FRAGMENTS),
    "hevc.mp4": Video("mp4", "libx265", options=X265),
    "av1.mp4": Video("mp4", "libsvtav1", options=AV1),
    "vp9.mp4": Video("mp4", "libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}),
    "mjpeg.mov": Video("mov", "mjpeg", "yuvj420p", "pcm_s16le"),
    "prores.mov": Video("mov", "prores_ks", "yuv422p10le"),
    "h264.mkv": Video("matroska", "libx264", sound="libopus", options=X264),
    "ffv1.mkv": Video("matroska", "ffv1"),
    "vp9.webm": Video("webm", "libvpx-vp9", options={"deadline": "realtime", "cpu-used": "8"}),
    "h264.ts": Video("mpegts", "libx264", sound="mp3", options=X264),
    "mpeg2.ts": Video("mpegts", "mpeg2video"),
    "mpeg4.avi": Video("avi", "mpeg4", sound="mp3"),
    "mjpeg.avi": Video("avi", "mjpeg", "yuvj420p"),
    "flv1.flv": Video("flv", "flv"),
    "wmv2.asf": Video("asf", "wmv2"),
    "mpeg2.mpg": Video("mpeg", "mpeg2video"),
    "ffv1.nut": Video("nut", "ffv1"),
}
SHAPES: Final = {
    **dict.fromkeys(("mp4", "mov", "avif", "heic", "jp2"), boxes.shape),
    **dict.fromkeys(("mkv", "webm"), elements.shape),
    "ts": streams.ts,
    "avi": streams.riff,
    "webp": streams.riff,
    "ogg": streams.ogg,
    "flv": streams.flv,
    **dict.fromkeys(("asf", "mpg", "nut"), lambda _: Shape((), ())),  # bytes anywhere, and no field
    "jpg": images.jpeg,
    "png": images.png,
    "gif": images.gif,
    "tif": images.tiff,
}
PICTURES: Final[dict[str, Callable[[], bytes]]] = {
    "baseline.jpg": lambda: picture("JPEG", exif=_exif()),
    "progressive.jpg": lambda: picture("JPEG", progressive=True),
    "cmyk.jpg": lambda: picture("JPEG", "CMYK"),
    "plain.png": lambda: picture("PNG", "RGBA"),
    "palette.png": lambda: picture("PNG", "P"),
    "animated.png": lambda: picture("PNG", frames=4, duration=300),
    "animated.gif": lambda: picture("GIF", frames=4, duration=300),
    "lossy.webp": lambda: picture("WEBP"),
    "animated.webp": lambda: picture("WEBP", frames=4, duration=300, lossless=True),
    "wavelets.jp2": lambda: picture("JPEG2000"),
    "tiles.jp2": lambda: picture("JPEG2000", tile_size=(32, 32)),
    "plain.avif": lambda: picture("AVIF", speed=10),
    "animated.avif": lambda: picture("AVIF", frames=4, duration=300, speed=10),
    "deflated.tif": lambda: picture("TIFF", compression="tiff_adobe_deflate"),
    "lzw.tif": lambda: picture("TIFF", compression="tiff_lzw"),
    "jpeg.tif": lambda: picture("TIFF", compression="jpeg"),
    "hevc.heic": lambda: _written(".heic", lambda path: heif.write(path, drawn(WIDTH, HEIGHT))),
}
OTHERS: Final[dict[str, Callable[[], bytes]]] = {
    "theora.ogg": lambda: _written(".ogg", _ogg),
}
"""What PyAV's FFmpeg has no encoder for."""
NAMES: Final = (*VIDEOS, *PICTURES, *OTHERS)


@cache
def media(name: str) -> bytes:
    """Return the well-formed file of this name: one of `NAMES`."""
    return video(VIDEOS[name]) if name in VIDEOS else (PICTURES | OTHERS)[name]()


def shape_of(name: str, data: bytes) -> Shape:
    """Return the shape of a file by the suffix of its name."""
    return SHAPES[name.rpartition(".")[2]](data)
