"""How well copies are found: every edit of every fake, through the public API, with the figures beside it.

    make bench-recipes EVAL=FOLDER          (or: python -m tests.bench.accuracy FOLDER)

FOLDER holds `manifest.csv` and the media it names. Fakes and ordinary clips are registered, each an entry,
with `fakeprint up` of this run; copies of them, made by the recipes of recipes.py, are fingerprinted here and
looked up as documents, as `fakeprint lookup` does. A copy is found where its entry is among the matches with
a span that overlaps the truth, verdict known_fake or related. Two files are related only if their group is
the same.

QUICK=1 takes four sources; SOURCES=20 edits so many, evenly chosen, and registers the others unedited;
EDITS='mirror,gif' makes only these edits; OUT=file writes the figures as JSON.
Media and documents are kept in .cache/bench-accuracy. `clip_recall_mean` and `_min` are over the edits of
pictures; `sound kept` (another picture under the same sound) is apart, as `sound_kept_recall`. `still_recall`
is the mean, over these edits, of the stills found, one frame of each copy.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from tests.bench.accuracy.media.material import read
from tests.bench.accuracy.run import run


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    chosen = [name.strip() for name in os.environ.get("EDITS", "").split(",") if name.strip()]
    most = int(os.environ.get("SOURCES") or 0)
    out = os.environ.get("OUT")
    run(
        read(parser.parse_args().eval, quick=quick, most=most),
        quick=quick,
        chosen=chosen,
        out=Path(out) if out else None,
    )


if __name__ == "__main__":
    main()
