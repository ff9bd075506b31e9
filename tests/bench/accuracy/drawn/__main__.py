"""How well copies are found and decided: edits drawn from a seed, through the public API.

    make bench-accuracy EVAL=FOLDER [SEED=N] [OUT=FILE]      (or: python -m tests.bench.accuracy.drawn FOLDER)

FOLDER holds `manifest.csv` and the media it names. All fakes and clips are registered, each an entry, with
`fakeprint up` of this run. Every edit's parameters are drawn anew from the seed, by edit and source. The
copies are fingerprinted here and looked up as documents: without their originals registered, then with them,
with and without faces, and one frame of each.

A copy is `found` if its entry is among the matches at the right seconds, `decided` if it also is answered
`known_fake`, which needs no person. `span`: all four edges within .6 s of the truth. `identity_kept_accused`:
of the originals whose face a registered fake keeps, as lip-syncs do, the share accused.

`pair_…`: of fakes and originals that are both registered, the edited originals answered `authentic_original`
and those accused, the copies decided and those called authentic. `known_fake_below_policy`: answers
`known_fake` with less confidence than the bank demands. `server_errors`: answers with a status from 500 on.

`quick_found_of_full`: of the copies found, the share that the effort `quick` does not lose.
`misses_over_decode`: CPU of unknown videos with that effort, over that of decoding their pictures.

`python -m tests.bench.faces.swaps` makes a folder of other fakes.

Groups of footage are split in two by the SHA-256 of their name. Tune on the development half only. The half
held out is looked at for a report: HELD_OUT=1.

SEED=N uses one seed, else there are two: 1, and a fresh one, which is printed. SOURCES=N edits so many clips
of each half (default 12; 0: all). EDITS='crop;grid' makes only these edits. QUICK=1 takes four clips and one
seed. OUT=file writes the figures of the last half as JSON, all seeds together, SVG=file the curve of recall
against false accusation. A figure of seed 1 that is worse than in `last.json` ends the run with status 1;
ACCEPT=1 keeps the new ones there. Media and documents are kept in .cache/bench-accuracy by content and
parameters.
"""

from __future__ import annotations

import argparse
import json
import os
import random
from dataclasses import replace
from pathlib import Path
from typing import Final

from tests.bench.accuracy.asking import plain as plainly
from tests.bench.accuracy.drawn import curve, figures, last, measuring, queries
from tests.bench.accuracy.drawn.edits import EDITS
from tests.bench.accuracy.drawn.footage import HALVES, Half, gathered
from tests.bench.accuracy.first import running
from tests.bench.accuracy.media.copies import made
from tests.bench.accuracy.media.material import say

FIXED: Final = 1
SOURCES: Final = 12
QUICK_SOURCES: Final = 4


def run(folder: Path, seeds: tuple[int, ...], halves: tuple[Half, ...], most: int, *, quick: bool) -> None:
    """Make, register, look up, print, and write the figures."""
    chosen = _chosen()
    print(f"seeds: {', '.join(map(str, seeds))}; halves: {', '.join(halves)}")
    footage = gathered(folder, quick=quick)
    registered = [replace(plainly(item), glance=True) for item in footage.everything()]
    plain = made(registered, what="fingerprinting what is registered")
    copies = [
        copy
        for seed in seeds
        for half in halves
        for copy in queries.drawn(footage, plain, seed, half, most, chosen)
    ]
    jobs = [replace(copy.job, glance=True) for copy in copies]
    edited = made(jobs, what="making and fingerprinting copies")
    failed = [f"{key}: {result.failed}" for key, result in edited.items() if result.failed is not None]
    with running() as server:
        results, notes = measuring.measured(server.client, footage, plain, copies, edited)
    say((*footage.notes, *notes, *failed))
    worse = []
    for half in halves:
        for seed in seeds:
            mine = [item for item in results if item.copy is None or item.copy.part == (seed, half)]
            figures.show(half, seed, mine)
            if seed == FIXED and not chosen:
                kind = f"{half} half, {most or 'all'} clips, seed {seed}"
                worse += last.compared(kind, figures.figures(mine), accept=_is_set("ACCEPT"))
    pooled = [item for item in results if item.copy is None or item.copy.half == halves[-1]]
    text = json.dumps({"figures": figures.figures(pooled)}, indent=2)
    print(f"\n{halves[-1]} half, all seeds:\n{text}")
    _write("OUT", text + "\n")
    reported = [item for item in results if item.copy and item.copy.half == halves[-1]]
    _write("SVG", curve.drawn(reported, f"Recall against false accusation, {halves[-1]} half"))
    if worse:
        raise SystemExit("\n".join(("worse than in the last run:", *worse)))


def _chosen() -> list[str]:
    chosen = [name.strip() for name in os.environ.get("EDITS", "").split(";") if name.strip()]
    known = {edit.name for edit in EDITS}
    if wrong := set(chosen) - known:
        message = f"no such edit: {', '.join(sorted(wrong))}; there are {'; '.join(sorted(known))}"
        raise SystemExit(message)
    return chosen


def _is_set(name: str) -> bool:
    return os.environ.get(name, "") not in {"", "0"}


def _write(name: str, text: str) -> None:
    if path := os.environ.get(name):
        Path(path).write_text(text, encoding="utf-8")


def main() -> None:
    """Read the options from the environment and run."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    quick, held_out = _is_set("QUICK"), _is_set("HELD_OUT")
    seed = os.environ.get("SEED")
    fresh = random.SystemRandom().randrange(2, 1_000_000)
    seeds = (int(seed),) if seed else (FIXED,) if quick else (FIXED, fresh)
    most = int(os.environ.get("SOURCES") or (QUICK_SOURCES if quick else SOURCES))
    run(folder, seeds, HALVES if held_out else HALVES[:1], most, quick=quick)


if __name__ == "__main__":
    main()
