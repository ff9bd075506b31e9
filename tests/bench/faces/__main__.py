"""How well faces are told apart: persons, and fakes from the footage that they were made from.

    make bench-faces EVAL=FOLDER          (or: python -m tests.bench.faces FOLDER)

FOLDER holds `manifest.csv` and the media it names, laid out as for `make bench-accuracy`; what it lacks is
said, and the rest is measured.

1. Verification on the photographs of faces (role `face`, one group a person, and `distractor`): how many
   pairs of one person pass where 1 %, 0.1 % and 0.01 % of pairs of two persons do, with 95 % intervals, and
   which false-accept rate so many strangers can prove.
2. Identification: the two clearest photographs of each person enrolled, then one alone; the others and
   the distractors are searched, as they are, as JPEG of quality 20, dark, mirrored, and as video at half the
   size with CRF 35 and at CRF 42.
3. The relation of a match, through the public API of `fakeprint up`: every fake and every original, as it is
   and as a messaging app sends it, without originals registered and with them; each pair in a row.
4. Other fakes of the same footage: what each says of the others, none of which is a copy.
5. Lip-sync, made here: the mouth of another moment of the same clip put into it, sent on by a messaging app.

QUICK=1 takes four pairs and 20 persons; OUT=file writes the figures as JSON. Media, faces and documents are
kept in .cache/bench-faces and .cache/bench-accuracy.
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
