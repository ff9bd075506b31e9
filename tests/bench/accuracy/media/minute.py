"""What fingerprinting a minute of 720p costs over decoding it, on clips of the material."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tests.bench.accuracy.media.copies import CACHE, ffmpeg
from tests.bench.accuracy.media.material import Item
from tests.bench.accuracy.media.recipes import VERSION
from tests.bench.speed.fingerprint import measured

SECONDS: Final = 60
SHOT: Final = 6
SHAPE: Final = (
    "scale=1280:720:force_original_aspect_ratio=increase,crop=1280:720,setsar=1,fps=30,"
    f"trim=0:{SHOT},setpts=PTS-STARTPTS"
)


def fingerprint_over_decode(sources: Sequence[Item], *, runs: int) -> tuple[float, float, float]:
    """CPU of the default query, faces and sound included, over CPU of decoding the pictures alone (one
    thread); the same for what is registered; that decoding in CPU seconds. Models are loaded before, as in a
    worker's second task."""
    path = made(sources)
    decode = min(measured("decode", path)["cpu_s"] for _ in range(runs))
    query, asset = (min(measured(what, path)["cpu_s"] for _ in range(runs)) for what in ("query", "warm"))
    return query / decode, asset / decode, decode


def made(sources: Sequence[Item]) -> Path:
    """The minute: six seconds of each of ten sources, of fewer again, under noise that AAC cannot make light
    of."""
    long = [source for source in sources if source.duration >= SHOT]
    shots = [long[index % len(long)] for index in range(SECONDS // SHOT)]
    path = (
        CACHE
        / f"media-{VERSION}"
        / f"minute-heard-{min(len(long), len(shots))}-of-{SECONDS // SHOT}-{shots[0].sha256[:12]}.mp4"
    )
    if not path.exists():
        parts = [f"[{index}:v]{SHAPE}[p{index}]" for index in range(len(shots))]
        joined = "".join(f"[p{index}]" for index in range(len(shots)))
        graph = ";".join([*parts, f"{joined}concat={len(shots)}:1:0[v]"])
        inputs = [argument for shot in shots for argument in ("-i", str(shot.path))]
        inputs += ["-f", "lavfi", "-i", f"anoisesrc=color=pink:seed=1:duration={SECONDS}"]
        options = [
            "-filter_complex",
            graph,
            "-map",
            "[v]",
            "-map",
            f"{len(shots)}:a",
            "-shortest",
            "-c:v",
            "libx264",
            "-preset",
            "fast",
            "-crf",
            "23",
        ]
        ffmpeg([*inputs, *options], path)
    return path
