"""Compare sampling rates: one picture a second, two, or one for each change; and cells of long media.

    make bench-sampling EVAL=FOLDER [OUT=FILE]

Twelve clips of the folder are registered: 5 to 20 seconds each, of different footage, spread over its
sources. Six edits of each are looked up (recipes.py). Everything runs in this process by the rules of
registry.matching, and every clip is a candidate of every query. Both sides use the same sampling. Only
cells of long media apply to the registered side alone. CPU is that of fingerprinting a minute of media,
with faces and decoding.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final
from uuid import uuid4

from registry.catalogue.entries.model.entry import Candidate, Policy, Query
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import FULL, STORED_VIEWS, Fingerprint
from registry.matching.decision.model import decision
from registry.matching.decision.model.rulings import Ruling
from tests.bench.accuracy.media import copies, material
from tests.bench.accuracy.media.material import Item, Material
from tests.bench.accuracy.media.recipes import EDITS, VERSION, Setting, Truth
from workers.media import frames, sampling
from workers.pipeline.fingerprint import fingerprint_file

SOURCES: Final = 12
SHORTEST, LONGEST = 5.0, 20.0
CHOSEN: Final = ("messenger", "heavy", "crop 10 %", "trim to 4 s", "speed 1.25", "4 s in a minute")
TIMED: Final = frozenset(CHOSEN[3:])
NEAR: Final = 0.5


@dataclass(frozen=True, slots=True)
class Way:
    """A sampling policy. `step`: seconds between samples. Two samples are one picture while their
    thumbnails differ by at most `mean` and `most` grey levels. `cell`: seconds of a cell on the registered
    side, as in long media."""

    name: str
    step: float = sampling.STEP
    mean: float = frames.STATIC_MEAN
    most: float = frames.STATIC_MAX
    cell: float = 0.0


WAYS: Final = (
    Way("2 a second"),
    Way("1 a second", step=1.0),
    Way("on change", step=0.2, mean=8.0, most=256.0),
    Way("cells of 1 s", cell=1.0),
    Way("cells of 2 s", cell=2.0),
)
"""`on change`: looked at five times a second, kept where 32 x 32 thumbnails differ by 8 of 255 on average."""


@dataclass(frozen=True, slots=True)
class Print:
    """A fingerprint and the CPU seconds it took."""

    of: Fingerprint
    cpu: float


@dataclass(frozen=True, slots=True)
class Copy:
    """A file to look up: the edit, the name of its source, and the matching seconds."""

    edit: str
    source: str
    path: Path
    truth: Truth


def main() -> None:
    """Measure every policy, print the table, write the figures."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, help="folder of the evaluation media")
    found = material.read(parser.parse_args().eval, quick=False)
    sources = chosen(found.sources)
    made = _copies(found, sources)
    figures = {}
    print(f"{len(sources)} clips, {len(made)} copies\n")
    print(f"{'':14}{'found':>7}{'known':>7}{'false':>7}{'|error| p50':>13}{'p90':>6}{'< .5 s':>8}", end="")
    print(f"{'frames/min':>12}{'CPU ms/min':>12}")
    for way in WAYS:
        figures[way.name] = row = measured(way, sources, made)
        print(
            f"{way.name:14}{row['found']:7.3f}{row['known_fake']:7.3f}{row['false']:7.0f}{row['error_p50']:13.2f}"
            f"{row['error_p90']:6.2f}{row['within_half_second']:8.3f}{row['frames_a_minute']:12.0f}"
            f"{row['cpu_ms_a_minute']:12.0f}",
            flush=True,
        )
        print("   " + ", ".join(f"{edit} {row[edit]:.2f}" for edit in CHOSEN), flush=True)
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n", encoding="utf-8")


def chosen(items: Iterable[Item]) -> list[Item]:
    """Return the sources of this measurement."""
    by_group = {item.group: item for item in items if SHORTEST <= item.duration <= LONGEST}
    every = list(by_group.values())
    count = min(SOURCES, len(every))
    if not count:
        message = f"no clip of {SHORTEST:g} to {LONGEST:g} seconds in the folder"
        raise SystemExit(message)
    return [every[place * len(every) // count] for place in range(count)]


def measured(way: Way, sources: Sequence[Item], made: Sequence[Copy]) -> dict[str, float]:
    """Return the figures of one policy. `found`: the share of copies whose own clip matches at the right
    seconds. `known_fake`: the share with that verdict. `false`: the number of other clips that match."""
    registered = _prints(way, [item.path for item in sources], cells=True)
    query_prints = _prints(way, [copy.path for copy in made], cells=False)
    candidates = [_candidate(item, one.of) for item, one in zip(sources, registered, strict=True)]
    found: dict[str, list[bool]] = defaultdict(list)
    known, false, errors = [], 0, list[float]()
    for copy, one in zip(made, query_prints, strict=True):
        decided = decision.decide(Query.of(one.of, *timeline.of_fingerprint(one.of)), candidates)
        rulings = [ruling for group in decided.groups for ruling in group]
        own = [ruling for ruling in rulings if ruling.match.candidate.title == copy.source]
        false += len({ruling.match.candidate.title for ruling in rulings} - {copy.source})
        apart = [_errors(ruling, copy.truth) for ruling in own if _meets(ruling, copy.truth)]
        found[copy.edit].append(bool(apart))
        known.append(decided.verdict == "known_fake")
        if apart and copy.edit in TIMED:
            errors += min(apart, key=sum)
    every = registered if way.cell else [*registered, *query_prints]
    minutes = sum(item.of.media.duration for item in every) / 60
    return {
        "found": statistics.mean(hit for hits in found.values() for hit in hits),
        "known_fake": statistics.mean(known),
        "false": float(false),
        "error_p50": statistics.median(errors),
        "error_p90": statistics.quantiles(errors, n=10)[-1],
        "within_half_second": statistics.mean(error <= NEAR for error in errors),
        "frames_a_minute": sum(_rows(item.of) for item in every) / minutes,
        "cpu_ms_a_minute": sum(item.cpu for item in every) * 1000 / minutes,
        **{edit: statistics.mean(found[edit]) for edit in CHOSEN},
    }


def _copies(found: Material, sources: Sequence[Item]) -> list[Copy]:
    """Return every edit of every source, made if it is not cached."""
    edits = [edit for edit in EDITS if edit.name in CHOSEN]
    made = []
    for source in sources:
        setting = Setting(source, None, found.carriers, copies.CACHE / f"drawings-{VERSION}")
        for edit in edits:
            job = copies.job(edit, setting)
            assert job.plan is not None
            if not job.path.exists():
                print(f"making {job.key}", file=sys.stderr, flush=True)
                copies.make(job.plan, job.path)
            made.append(Copy(edit.name, source.name, job.path, job.plan.truth))
    return made


def _prints(way: Way, paths: Sequence[Path], *, cells: bool) -> list[Print]:
    """Fingerprint in two processes that use this policy."""
    context = get_context("spawn")
    cell = way.cell if cells else 0.0
    with ProcessPoolExecutor(2, context, initializer=_sample, initargs=(way, cell)) as pool:
        return list(pool.map(_print, paths))


def _sample(way: Way, cell: float) -> None:
    """Make this process use a sampling policy. The shipped code runs; only its constants differ."""
    sampling.MIN_SAMPLES = round(sampling.MIN_SAMPLES * sampling.STEP / way.step)  # type: ignore[misc]
    sampling.STEP = way.step  # type: ignore[misc]
    frames.STATIC_MEAN, frames.STATIC_MAX = way.mean, way.most  # type: ignore[misc]
    if cell:
        sampling.PLENTY, sampling.LONGEST_STEP = 0, cell  # type: ignore[misc]


def _print(path: Path) -> Print:
    began = time.process_time()
    found = fingerprint_file(path)
    return Print(found, time.process_time() - began)


def _rows(fingerprint: Fingerprint) -> int:
    return sum(frame.view == FULL for frame in fingerprint.frames)


def _candidate(item: Item, fingerprint: Fingerprint) -> Candidate:
    kept = [frame for frame in fingerprint.frames if frame.view in STORED_VIEWS]
    return Candidate(
        asset_id=uuid4(),
        entry_id=uuid4(),
        role="fake",
        sha256=item.sha256,
        kind=fingerprint.media.kind,
        duration=fingerprint.media.duration,
        title=item.name,
        bank="bench",
        tier="reviewed",
        original_tier="unreviewed",
        manipulation=None,
        own=True,
        policy=Policy(),
        references=(),
        frames=timeline.of_frames(kept),
        faces=timeline.of_faces(fingerprint.faces),
    )


def _meets(ruling: Ruling, truth: Truth) -> bool:
    span = ruling.match.aligned.span
    return all(
        min(found[1], wanted[1]) > max(found[0], wanted[0])
        for found, wanted in ((span.query, truth.query), (span.asset, truth.asset))
    )


def _errors(ruling: Ruling, truth: Truth) -> list[float]:
    span = ruling.match.aligned.span
    edges = zip((*span.query, *span.asset), (*truth.query, *truth.asset), strict=True)
    return [abs(found - wanted) for found, wanted in edges]


if __name__ == "__main__":
    main()
