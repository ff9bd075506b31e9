"""The frozen vectors of views, tests/vectors/views.1.json: which parts of drawn pictures are looked at.

Run as a module it prints them anew: `python -m tests.workers.hashers.views > tests/vectors/views.1.json`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np

from registry.catalogue.fingerprints.model.reframed import REFRAMED
from tests.workers.hashers import vectors
from workers.hashers import reframed
from workers.media import boxes, rectangles
from workers.media.picture import Pixels

WHAT: Final = (
    "Groups of four pictures of one shot. A picture is a base (flat RGB, or drawn by the formula of "
    "pictures.json), then what is set into it at left and top, all sizes in pixels. `border`: shares of the "
    "frame at the left, top, right and bottom, null for none. `rectangles`: left, top, right and bottom as "
    "shares, and whether what lies around is quiet; the likeliest first. `reframed`: what became of width "
    "and height in each view (cut off before and after, negative: added; hidden before and after), and "
    "pHash-256 of two pictures of pictures.json in it."
)
GROUPS: Final[dict[str, Callable[[int], dict[str, Any]]]] = {
    "a picture that fills the frame": lambda at: _picture([512, 288, 40 + at]),
    "bars above and below": lambda at: _picture([288, 512], (288, 162, 10 + at, 0, 175)),
    "bars of grey at both sides": lambda at: _picture([512, 288, 90], (162, 288, 20 + at, 175, 0)),
    "a bar below, a moment of black": lambda at: (
        _picture([320, 328], (320, 288, 30 + at, 0, 0)) if at else _picture([320, 328])
    ),
    "a picture in another": lambda at: _picture([512, 288, 50 + at], (240, 136, 60 + at, 200, 100)),
    "two beside each other": lambda at: _picture(
        [600, 288], (300, 288, 70 + at, 0, 0), (300, 288, 80 + at, 300, 0)
    ),
    "four in a grid": lambda at: _picture(
        [600, 360],
        (300, 180, 20 + at, 0, 0),
        (300, 180, 70 + at, 300, 0),
        (300, 180, 80 + at, 0, 180),
        (300, 180, 50 + at, 300, 180),
    ),
    "a phone's screen": lambda at: _picture(
        [288, 512, 235], (250, 140, 15 + at, 19, 120), (200, 20, 5, 30, 30)
    ),
}
HASHED: Final = ("astronaut", "drawn 512 x 288")


def read() -> dict[str, Any]:
    """The vectors."""
    content: dict[str, Any] = json.loads((vectors.FOLDER / "views.1.json").read_text(encoding="utf-8"))
    return content


def pictures(group: Mapping[str, Any]) -> list[Pixels]:
    """The pictures of a group, drawn."""
    return [_drawn(picture) for picture in group["pictures"]]


def named(name: str) -> Pixels:
    """A picture of pictures.json."""
    known = json.loads((vectors.FOLDER / "pictures.json").read_text(encoding="utf-8"))["pictures"]
    return vectors.draw(known[name])


def computed() -> dict[str, Any]:
    """The vectors as Python says them now."""
    groups = []
    for name, make in GROUPS.items():
        group = {"name": name, "pictures": [make(at) for at in range(4)]}
        edge = boxes.border(pictures(group))
        found = rectangles.rectangles(pictures(group))
        groups.append(
            group
            | {
                "border": None if edge == boxes.NONE else _rounded(edge),
                "rectangles": [[*_rounded(rectangle[:4]), rectangle.quiet] for rectangle in found],
            }
        )
    return {
        "what": WHAT,
        "groups": groups,
        "reframed": {
            "views": {view: [list(axis) for axis in axes] for view, axes in REFRAMED.items()},
            "values": {
                name: {view: value.hex() for view, value in reframed.compute(named(name)).items()}
                for name in HASHED
            },
        },
    }


def _picture(base: Sequence[int], *insets: tuple[int, int, int, int, int]) -> dict[str, Any]:
    """`base`: width, height, and, where it is no black picture, a seed, or a grey level over 89."""
    width, height, *more = base
    ground = {"width": width, "height": height}
    if more and more[0] < 90:
        ground["seed"] = more[0]
    else:
        ground["flat"] = more[0] if more else 0
    drawn = [dict(zip(("width", "height", "seed", "left", "top"), inset, strict=True)) for inset in insets]
    return ground | ({"insets": drawn} if drawn else {})


def _drawn(picture: Mapping[str, Any]) -> Pixels:
    if "seed" in picture:
        pixels = vectors.draw(dict(picture)).copy()
    else:
        pixels = np.full((picture["height"], picture["width"], 3), picture["flat"], np.uint8)
    for inset in picture.get("insets", ()):
        top, left = inset["top"], inset["left"]
        pixels[top : top + inset["height"], left : left + inset["width"]] = vectors.draw(inset)
    return pixels


def _rounded(shares: Sequence[float]) -> list[float]:
    return [round(share, 6) for share in shares]


if __name__ == "__main__":
    print(json.dumps(computed(), indent=1))
