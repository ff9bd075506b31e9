"""Measure face comparison: between persons, and between fakes and their original footage.

    make bench-faces EVAL=FOLDER          (or: python -m tests.bench.faces FOLDER)

FOLDER holds `manifest.csv` and the media it names, as for `make bench-accuracy`. Missing parts are
reported, and the rest is measured.

1. Verification on photographs of faces (role `face`, one group a person, and `distractor`). It prints the
   true-match rates at 1 %, 0.1 % and 0.01 % false matches with 95 % intervals. It also prints the
   false-match rate that so many strangers can prove.
2. Identification. The two clearest photographs of each person are enrolled, then only one. The others and the
   distractors are searched: as they are, as JPEG of quality 20, dark and mirrored. They are also searched
   as video at half the size with CRF 35, and at CRF 42.
3. The relation of a match, through the public API of `fakeprint up`. Every fake and every original is looked
   up as it is and as a messaging app sends it, without registered originals and with them.
4. Other fakes of the same footage: none is a copy of another.
5. Lip-sync, made here: the mouth of another moment of the same clip is put into it. The result is encoded
   as by a messaging app.

QUICK=1 takes four pairs and 20 persons. OUT=file writes the figures as JSON. Media, faces and documents
are cached in .cache/bench-faces and .cache/bench-accuracy.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tests.bench.faces.run import run


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    out = os.environ.get("OUT")
    run(folder, quick=os.environ.get("QUICK", "") not in {"", "0"}, out=Path(out) if out else None)


if __name__ == "__main__":
    main()
