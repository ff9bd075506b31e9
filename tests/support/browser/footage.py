"""Clips of one face swap in front of several scenes, for tests of whole days on one service.

Different scenes do not count as the same footage.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from tests.support.media import clips as media
from tests.support.story import pan, swapped

HEAD: Final = (110, 0, 370, 300)
"""Left, top, right and bottom of head and shoulders in the astronaut's photograph."""
PLACES: Final = {
    "rocket": (70, 60),
    "immunohistochemistry": (420, 90),
    "stereo_motorcycle": (400, 60),
    "hubble_deep_field": (90, 90),
    "retina": (300, 90),
}
"""Background photographs that no other test registers in that service, with the position of the head."""


def clips(folder: Path, scene: str) -> dict[str, Path]:
    """Create clips of four seconds each and return their paths.

    `original`; `fake`: with another face; `turned`: the fake mirrored; `other`: a fake with a third face;
    `shared`: the fake as messengers compress it, without its first second; `broadcast`: the original in
    another quality.
    """
    people = {"original": media.photograph("astronaut"), "fake": swapped(), "other": swapped(5)}
    made = {
        name: media.encode(folder / f"{name}.mp4", _before(scene, one), rate=8)
        for name, one in people.items()
    }
    for name, source, how in (
        ("turned", "fake", ("-vf", "hflip", "-crf", "24")),
        ("shared", "fake", ("-ss", "1", "-vf", "scale=480:-2", "-crf", "30")),
        ("broadcast", "original", ("-vf", "scale=480:-2", "-crf", "28")),
    ):
        made[name] = folder / f"{name}.mp4"
        before = how[:2] if how[0] == "-ss" else ()
        media.ffmpeg(*before, "-i", made[source], *how[len(before) :], made[name])
    return made


def _before(scene: str, person: media.Pixels) -> Iterator[media.Pixels]:
    whole = Image.fromarray(media.photograph(scene)).resize((800, 450))
    whole.paste(Image.fromarray(person).crop(HEAD), PLACES[scene])
    return pan(np.asarray(whole))
