"""Write and alter clips with the ffmpeg inside `imageio-ffmpeg`."""

from __future__ import annotations

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path

import imageio_ffmpeg

from deploy.demo.camera import FPS, HEIGHT, WIDTH
from deploy.demo.faces import Picture


class FfmpegFailed(RuntimeError):
    """ffmpeg ended with an error; its last words are the message."""


def encode(frames: Iterable[Picture], path: Path, *, crf: int = 18) -> None:
    """Write BGR frames as an H.264 MP4.

    Raises:
        FfmpegFailed: ffmpeg did not take them.
    """
    raw = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:0"]
    _run([*raw, *_x264(crf), str(path)], b"".join(frame.tobytes() for frame in frames))


def alter(inputs: Sequence[Path], graph: str, path: Path, *, crf: int) -> None:
    """Run the inputs through a filter graph that ends in [out], and encode it.

    Raises:
        FfmpegFailed: ffmpeg could not.
    """
    input_options = [part for file in inputs for part in ("-i", str(file))]
    _run([*input_options, "-filter_complex", graph, "-map", "[out]", *_x264(crf), str(path)])


def _x264(crf: int) -> list[str]:
    return ["-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p"]


def _run(arguments: list[str], sent: bytes | None = None) -> None:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-hide_banner", "-loglevel", "error", "-y", *arguments]
    done = subprocess.run(command, input=sent or b"", capture_output=True, check=False)
    if done.returncode:
        raise FfmpegFailed(done.stderr.decode(errors="replace").strip()[-600:])
