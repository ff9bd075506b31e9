"""How well single pictures are found and decided: drawn edits of fake pictures and of their originals.

    make bench-pictures EVAL=FOLDER [SEED=N] [HELD_OUT=1] [SOURCES=N] [OUT=FILE]

FOLDER holds `manifest.csv` and the media it names, as for `make bench-accuracy`. Pairs are stills of fakes
and of their originals at the same moment, and stand-ins: pictures in which the clothing was replaced, while
the face and the room stay. Each edit's parameters, the moments and the stand-ins are drawn from SEED, by
default a fresh one, which is printed. Each copy is looked up among registered pictures (`pictures`), and
stills of videos among the videos (`videos`), first without the originals (`alone`), then with them, through
the public API of a service of this run.

`picture_found_mean`: copies whose own entry is named. `picture_decided_mean`: copies answered `known_fake`,
their originals registered. `picture_originals_accused`: originals answered `known_fake`.
`picture_unrelated_accused`: of `picture_unrelated_pairs`, each copy against a fake and its original of other
footage, decided in process. Means are over edits.

Footage is in halves by the hash of its group's name. The half held out (HELD_OUT=1) is for reports: nothing
is tuned on it. SOURCES=N takes N fakes, and as many stand-ins. OUT=file writes the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tests.bench.accuracy.first import running
from tests.bench.pictures import figures, measuring, unrelated
from tests.bench.pictures.material import Half, gathered

SOURCES: Final = 20
"""Most fakes, and most stand-ins. 0: all."""


def run(folder: Path, half: Half, seed: int, most: int) -> None:
    """Make, register, look up, print, and write the figures."""
    print(f"seed {seed}, {half} half", flush=True)
    pairs, others = gathered(folder, half, seed, most)
    swapped = sum(pair.kind == "swapped" for pair in pairs)
    print(f"{swapped} stills of fakes, {len(pairs) - swapped} stand-ins", flush=True)
    copies = measuring.copies_of(pairs, others, seed)
    done = measuring.printed(pairs, copies)
    with running() as server:
        results = measuring.looked_up(server.client, pairs, copies, done)
    figures.show(results)
    strange = unrelated.measured(copies, pairs, done)
    found = figures.figures(figures.rows(results)) | {
        "picture_unrelated_pairs": strange.pairs,
        "picture_unrelated_accused": strange.accused,
        "picture_unrelated_named": strange.others,
    }
    by_edit = [asdict(row) for row in figures.rows(results)]
    text = json.dumps({"seed": seed, "half": half, "figures": found, "edits": by_edit}, indent=1)
    print(json.dumps(found, indent=1))
    if out := os.environ.get("OUT"):
        Path(out).write_text(text + "\n", encoding="utf-8")


def main() -> None:
    """Read the options from the environment and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    held_out = os.environ.get("HELD_OUT", "") not in {"", "0"}
    seed = int(os.environ.get("SEED") or random.SystemRandom().randrange(2, 1_000_000))
    run(folder, "held out" if held_out else "development", seed, int(os.environ.get("SOURCES") or SOURCES))


if __name__ == "__main__":
    main()
