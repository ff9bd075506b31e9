"""How many pairs of unrelated footage are accused: each file looked up against each other, pair by pair.

    make bench-unrelated EVAL=FOLDER [COPIES=N] [SEED=N] [OUT=FILE]

FOLDER holds `manifest.csv` and the media it names, as for `make bench-accuracy`. Every file is a fake that is
registered alone, and every file of another group is looked up: `unrelated_pairs`. A pair is decided in
process, without the search for candidates, which would never compare most of them. `unrelated_accused`:
answered `known_fake`. `unrelated_related`: answered `related`.

COPIES=N also looks up the drawn edits of N clips of each half, with the seed of SEED (default 1).
"""

from __future__ import annotations

import argparse
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from concurrent.futures import as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from registry.catalogue.entries.model.entry import Candidate, Policy, Query
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model import audio, mosaics, timeline
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.matching.decision.model import decision
from tests.bench.accuracy.asking import plain as plainly
from tests.bench.accuracy.drawn import queries
from tests.bench.accuracy.drawn.footage import HALVES, gathered
from tests.bench.accuracy.judging import kept
from tests.bench.accuracy.media.copies import Made, Print, made, processes, progress
from tests.bench.accuracy.service import MANIPULATION

LISTED: Final = 20
"""Accused pairs that are named."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A document by its file's name, and the footage in it."""

    name: str
    category: str
    groups: frozenset[str]
    printed: Print

    @property
    def kind(self) -> str:
        return "still" if self.printed.kind == "image" else "video"


@dataclass(frozen=True, slots=True)
class Pair:
    """What was answered to a query, where only an unrelated entry was registered."""

    query: str
    entry: str
    kinds: str
    verdict: Verdict


Entry = tuple[Filed, Candidate]
_FILLED: list[Entry] = []


def pairs(asked: Sequence[Filed], registered: Sequence[Filed]) -> list[Pair]:
    """Decide each pair whose sides have no footage in common. What is answered `no_match` is kept too."""
    found: list[Pair] = []
    with processes(_fill, (tuple(registered),)) as pool:
        futures = [pool.submit(_decided, filed) for filed in asked]
        for future in progress(as_completed(futures), len(futures), "deciding pairs"):
            found += future.result()
    return found


def figures(found: Iterable[Pair]) -> dict[str, int]:
    verdicts = Counter(pair.verdict for pair in found)
    return {
        "unrelated_pairs": verdicts.total(),
        "unrelated_accused": verdicts["known_fake"],
        "unrelated_related": verdicts["related"],
    }


def entries(registered: Iterable[Filed]) -> list[Entry]:
    """Return each file as the fake of an entry of its own."""
    return [(filed, candidate) for filed in registered if (candidate := _candidate(filed)) is not None]


def decided(asked: Filed, known: Iterable[Entry]) -> list[Pair]:
    """Look a file up among one entry at a time, without those that have footage in common with it."""
    document = asked.printed.document()
    if document is None:
        return []
    fingerprint = from_document(document)
    query = Query.of(fingerprint, *timeline.of_fingerprint(fingerprint))
    return [
        Pair(
            asked.name,
            filed.name,
            f"{asked.kind} of {filed.kind}",
            decision.decide(query, [candidate]).verdict,
        )
        for filed, candidate in known
        if not asked.groups & filed.groups
    ]


def _fill(registered: Sequence[Filed]) -> None:
    _FILLED[:] = entries(registered)


def _decided(asked: Filed) -> list[Pair]:
    return decided(asked, _FILLED)


def _candidate(filed: Filed) -> Candidate | None:
    document = filed.printed.document()
    if document is None:
        return None
    fingerprint = from_document(document)
    media = fingerprint.media
    return Candidate(
        asset_id=uuid4(),
        entry_id=uuid4(),
        role="fake",
        sha256=media.sha256,
        kind=media.kind,
        duration=media.duration,
        title=filed.name,
        bank="",
        tier="reviewed",
        original_tier="reviewed",
        manipulation="face_swap" if filed.category in MANIPULATION else "edited",
        own=True,
        policy=Policy(),
        references=(),
        frames=timeline.of_frames(kept(fingerprint)),
        faces=timeline.of_faces(fingerprint.faces),
        audio=audio.values(fingerprint.audio),
        mosaics=mosaics.of_mosaics([coarse for coarse in fingerprint.mosaics if coarse.view == FULL]),
    )


def _filed(folder: Path, seed: int, most: int) -> tuple[list[Filed], list[Filed]]:
    """Return what is looked up, and what is registered."""
    footage = gathered(folder, quick=False)
    once = {item.name: item for item in footage.everything()}
    plain = made(list(map(plainly, once.values())), what="fingerprinting")
    registered = [
        Filed(item.name, item.category, frozenset({item.group}), plain[item.name].whole)
        for item in once.values()
        if _there(plain[item.name])
    ]
    copies = [copy for half in HALVES for copy in queries.drawn(footage, plain, seed, half, most, ())]
    edited = made([copy.job for copy in copies if most], what="copies") if most else {}
    asked = [
        Filed(
            key,
            copy.source.category,
            frozenset({copy.source.group, *(item.group for item in copy.plan.also)}),
            edited[key].whole,
        )
        for key, copy in {copy.key: copy for copy in copies}.items()
        if key in edited and _there(edited[key])
    ]
    return [*registered, *asked], registered


def _there(done: Made) -> bool:
    return done.failed is None and done.whole.error is None


def main() -> None:
    """Fingerprint, decide, print, and write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    folder = parser.parse_args().eval
    seed, most = int(os.environ.get("SEED") or 1), int(os.environ.get("COPIES") or 0)
    found = pairs(*_filed(folder, seed, most))
    print(f"{'looked up and registered':28}{'pairs':>9}{'accused':>9}{'related':>9}")
    for kinds in sorted({pair.kinds for pair in found}):
        row = figures(pair for pair in found if pair.kinds == kinds)
        print(f"{kinds:28}" + "".join(f"{value:>9}" for value in row.values()))
    for pair in [pair for pair in found if pair.verdict == "known_fake"][:LISTED]:
        print(f"  accused: {pair.query}: {pair.entry}")
    text = json.dumps({"figures": figures(found)}, indent=2)
    print(text)
    if out := os.environ.get("OUT"):
        Path(out).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
