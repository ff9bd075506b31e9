"""The media of the scenario: a fake, its original, copies of the fake as they spread, and what is no copy.

With a folder such as EVAL names, a pair of `deepfake_pairs` (X.left.mp4, X.right.mp4: original and face
swap); else a pan over a photograph of scikit-image, with another face laid over hers in the fake."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from tests.support.media import clips as media
from tests.support.story import pan, swapped

PAIR: Final = "deepfake_pairs/dfl/Emily_Winston_1"
OTHER: Final = "clips/sample-videos"
BAR: Final = 48
"""Pixels of a caption's bar."""
_QUICK: Final = ("-an", "-preset", "veryfast", "-pix_fmt", "yuv420p")

Alter = Callable[[Path, Path], None]


@dataclass(frozen=True)
class Material:
    """Files by what they show. `copies`: of the fake, by how they were altered; `broadcast`: the original,
    encoded anew; `debunk`: the original, then the fake."""

    folder: Path
    fake: Path
    original: Path
    broadcast: Path
    unrelated: Path
    debunk: Path
    copies: Mapping[str, Path]


def make(folder: Path, evaluation: Path | None, *, most: int = 5) -> Material:
    """All of it in `folder`, with `most` copies that were altered in different ways. Raises
    `FileNotFoundError` where the pair is not in `evaluation`."""
    folder.mkdir(parents=True, exist_ok=True)
    fake, original, unrelated = (folder / f"{name}.mp4" for name in ("fake", "original", "unrelated"))
    if evaluation is not None:
        fake.write_bytes((evaluation / f"{PAIR}.right.mp4").read_bytes())
        original.write_bytes((evaluation / f"{PAIR}.left.mp4").read_bytes())
        other = next(path for path in sorted((evaluation / OTHER).iterdir()) if path.suffix == ".mp4")
        media.ffmpeg("-t", "8", "-i", other, "-vf", "scale=480:-2", *_QUICK, "-crf", "26", unrelated)
    else:
        media.encode(original, pan(media.photograph("astronaut"), 32), rate=8)
        media.encode(fake, pan(swapped(), 32), rate=8)
        media.clip(unrelated, "coffee", seconds=4, rate=8)
    copies = {}
    for name, alter in list(ALTERED.items())[:most]:
        copies[name] = folder / f"copy-{name}.mp4"
        alter(fake, copies[name])
    broadcast, debunk = folder / "broadcast.mp4", folder / "debunk.mp4"
    _filtered("scale=trunc(iw*0.4)*2:-2", "30")(original, broadcast)
    joined = "[0]fps=25,setsar=1[a];[1]fps=25,setsar=1[b];[a][b]concat=n=2:v=1:a=0[out]"
    media.ffmpeg(
        *("-i", original, "-i", fake, "-filter_complex", joined, "-map", "[out]", *_QUICK, "-crf", "24"),
        debunk,
    )
    return Material(folder, fake, original, broadcast, unrelated, debunk, copies)


def _filtered(graph: str, crf: str, *before: str) -> Alter:
    def alter(source: Path, target: Path) -> None:
        media.ffmpeg(*before, "-i", source, "-vf", graph, *_QUICK, "-crf", crf, target)

    return alter


def _captioned(source: Path, target: Path) -> None:
    caption = target.with_suffix(".png")
    bar = Image.new("RGB", (1280, BAR), "white")
    font = ImageFont.load_default(size=22)
    ImageDraw.Draw(bar).text((12, BAR // 2), "SHARE before they delete it", "black", font, anchor="lm")
    bar.save(caption)
    graph = f"[0]pad=iw:ih+{BAR}:0:{BAR}:white[v];[v][1]overlay=0:0[out]"
    media.ffmpeg(
        *("-i", source, "-i", caption, "-filter_complex", graph, "-map", "[out]", *_QUICK, "-crf", "26"),
        target,
    )
    caption.unlink()


ALTERED: Final[Mapping[str, Alter]] = {
    "reencoded": _filtered("scale=trunc(iw*0.4)*2:-2", "30"),
    "captioned": _captioned,
    "cut": _filtered("null", "24", "-ss", "1", "-t", "2.5"),
    "cropped": _filtered("crop=trunc(iw*0.45)*2:trunc(ih*0.45)*2", "26"),
    "mirrored": _filtered("hflip", "24"),
}
"""How the fake was altered on its way."""
