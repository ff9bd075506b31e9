"""The edits whose parameters are drawn, by name. Change what one draws, and it makes other copies."""

from __future__ import annotations

import random
from typing import Final

from tests.bench.accuracy.drawn import pictures, scenes
from tests.bench.accuracy.drawn.drawing import Drawn

EDITS: Final = (
    Drawn("messenger", pictures.messenger),
    Drawn("two messengers", pictures.two_messengers),
    Drawn("heavy", pictures.heavy),
    Drawn("crop", pictures.crop),
    Drawn("vertical crop", pictures.vertical_crop),
    Drawn("mirror", scenes.mirror),
    Drawn("mirror crop caption", pictures.mirror_crop_caption),
    Drawn("bars", pictures.bars),
    Drawn("border", pictures.border),
    Drawn("caption bar", pictures.caption),
    Drawn("Arabic subtitles", pictures.arabic_subtitles),
    Drawn("sticker", pictures.sticker),
    Drawn("sticker on face", pictures.sticker_on_face, faced=True),
    Drawn("colours", pictures.colours),
    Drawn("rotated", pictures.rotated),
    Drawn("stretched", pictures.stretched),
    Drawn("zoom and pan", pictures.zoom_and_pan),
    Drawn("filmed screen", pictures.filmed_screen),
    Drawn("bleeps", pictures.bleeps, loud=True),
    Drawn("gif", pictures.gif),
    Drawn("few frames", pictures.few_frames),
    Drawn("picture in picture", scenes.picture_in_picture),
    Drawn("side by side", scenes.side_by_side),
    Drawn("grid", scenes.grid),
    Drawn("reaction", scenes.reaction),
    Drawn("phone frame", scenes.phone_frame),
    Drawn("speed", scenes.speed, timed=True),
    Drawn("trim", scenes.trim, least=3.5, timed=True),
    Drawn("inserted, sound", scenes.inserted_loud, least=3.0, timed=True, inserted=True),
    Drawn("inserted, mute", scenes.inserted_mute, least=3.0, timed=True, inserted=True),
    Drawn("compilation", scenes.compilation, least=3.0, timed=True),
)
GENUINE: Final = ("messenger", "heavy", "crop", "mirror crop caption", "filmed screen", "caption bar")
"""What becomes of originals before they are looked up."""


def generator(seed: int, edit: str, sha256: str) -> random.Random:
    """Return the generator of one edit of one file in a run of `seed`."""
    return random.Random(f"{seed}|{edit}|{sha256}")  # noqa: S311  # repeatable, guards nothing
