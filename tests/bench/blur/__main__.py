"""Measure how strong the blur of previews has to be, and what can still be seen in it.

    make bench-blur EVAL=FOLDER          (or: python -m tests.bench.blur FOLDER)

FOLDER holds `manifest.csv` and the media it names, as for `make bench-faces`. For each length of the blurred
picture's longer side it prints two tables.

1. Faces. A person is enrolled with one clear photograph, and searched with another one that is blurred. The
   attacker knows where the eyes, nose and mouth are, because a detector rarely finds them in a blurred
   picture. It prints how often SFace ranks the right person first, against clear photographs and against
   blurred ones, beside chance. The photographs are close-ups, the worst case: a face is a third as wide as
   the picture.
2. Footage. A fake and its original are read at the same moments. It prints how well the same footage is told
   from other footage by the correlation of blurred pictures. It also prints how well a fake is told from its
   original, by the largest difference of a pixel. The comparison is the original sent again: 480 pixels, JPEG
   of quality 30.

The last row of each table is the rule that previews follow: the length depends on the widest face
(`previews.model.blurred_length`).

QUICK=1 takes 40 persons and four pairs. OUT=file writes the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Final

from tests.bench.accuracy.media import material
from tests.bench.blur import footage, recognition

LENGTHS: Final = (8, 10, 12, 16, 20, 24, 32, 48)
"""Longer sides of the blurred picture that are tried, in pixels."""
QUICK_PERSONS: Final = 40
QUICK_PAIRS: Final = 4


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    items, _ = material.listed(folder)
    recognised = recognition.measure(items, LENGTHS, most=QUICK_PERSONS if quick else 0)
    told = footage.measure(items, LENGTHS, most=QUICK_PAIRS if quick else 0)
    figures = {"faces": recognised, "footage": told}
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
