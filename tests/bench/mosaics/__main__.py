"""Measure mosaic.1: how often it tells a fake from its original, and whether anybody is known by it.

    make bench-mosaics EVAL=FOLDER          (or: python -m tests.bench.mosaics FOLDER)

FOLDER holds `manifest.csv` and the media it names, as for `make bench-accuracy`.

1. Each fake whose original is in the folder, and the original, are edited alike. Each copy is compared with
   both by `registry.matching.alignment.model.matched_filter`, as a clip and by single frames. No hash, no
   vector and no face is used; the alignment in time is off by up to .15 s. `nearer`: right by a bar at .5.
   `decided`: right and beyond the bounds. `wrong`: the number decided wrongly. The CPU time of a pair is
   printed too: a lookup compares up to 24.
2. Two photographs each of people (role `face`): SFace compares the mosaic of one, enlarged and aligned by the
   true landmarks, with the other photograph and with its mosaic. The photograph fills the picture, or .6 or
   .33 of its height.

HELD_OUT=1 measures the footage that nothing was tuned on: by the hash of the group's name in the manifest,
without footage that the other half has too. OUT=file writes the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path

from tests.bench.mosaics import deciding, knowing


def main() -> None:
    """Run, print, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    half = "held-out" if os.environ.get("HELD_OUT", "") not in {"", "0"} else "development"
    decided = deciding.measure(folder, held_out=half == "held-out")
    known = knowing.measure(folder)
    print(f"{decided.pairs} pairs of the {half} half")
    for row in decided.rows:
        print(f"  {row}")
    middle, late = decided.cpu_ms
    print(f"  CPU of a pair: {middle} ms in the median, {late} ms at the 95th percentile")
    print(f"{known.people} people, faces {known.face:.2f} of the photograph's height")
    for line in known.lines:
        print(f"  {line}")
    if out := os.environ.get("OUT"):
        figures = {"half": half, "pairs": decided.pairs, "people": known.people}
        figures |= {"pair_cpu_ms_p50": decided.cpu_ms[0], "pair_cpu_ms_p95": decided.cpu_ms[1]}
        figures |= {"decided": [row.figures() for row in decided.rows], "known": list(known.lines)}
        Path(out).write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
