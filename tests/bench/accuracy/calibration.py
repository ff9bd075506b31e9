"""Fit the curves of confidence, and judge them on footage that was not used for the fit.

    make bench-calibration EVAL=FOLDER [QUICK=1] [SOURCES=N] [OUT=FILE] [OPINIONS=FILE]

Copies made by the recipes of the accuracy benchmark are compared with every clip of FOLDER. The functions
of the registry run directly, without a service and without a threshold. The clip that a copy was made of
is a true pair, every other clip a false pair. The command prints the numbers of the reliability diagram by
five folds over groups of footage, and the lines for registry/matching/decision/model/confidence.py.

SOURCES=8 edits so many clips, evenly chosen, and compares fewer photographs. That is enough to count what
the thresholds of banks miss, and too few pairs to change the curves for.

Media and fingerprints are those of `make bench-recipes`. If they exist already, it takes a few minutes.
OUT writes the figures as JSON. OPINIONS=FILE is the output of `fakeprint admin opinions --json`; the
confidences are then compared with people's opinions. It also works without EVAL.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from registry.catalogue.banks.model import PRESETS
from registry.matching.decision.model import confidence
from tests.bench.accuracy import asking, curves, opinions
from tests.bench.accuracy.judging import still_of
from tests.bench.accuracy.media import copies, pairs
from tests.bench.accuracy.media.copies import Made, made
from tests.bench.accuracy.media.material import STRANGE, Item, Material, read, say
from tests.bench.accuracy.media.pairs import Asking, Faced, Gathered, Pair, Shelf
from tests.bench.accuracy.media.recipes import EDITS, Edit, Setting

EDITS_EACH: Final = 8
"""Edits taken of each source, others of the next, so that all come up."""
PEOPLE: Final = 300
"""Photographs of faces that are compared, one of a person."""
FEW: Final = 40
"""The same, of a run with SOURCES."""
GENUINE: Final = ("messenger", "heavy", "crop 10 %", "dark")
"""What becomes of originals, against which the fakes' faces are held."""


CLIPS: Final = False
"""Kind of the queries counted, as in `Gathered.compared`: clips, not single pictures."""


def main() -> None:
    """Collect pairs, fit the curves, print them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("eval", type=Path, nargs="?", help="folder of the evaluation media")
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    folder, said = parser.parse_args().eval, os.environ.get("OPINIONS")
    if folder is None and not said:
        parser.error("give EVAL, or OPINIONS")
    most = int(os.environ.get("SOURCES") or 0)
    found = calibrate(read(folder, quick=quick, most=most), FEW if most else PEOPLE) if folder else {}
    if said:
        found |= opinions.report(opinions.read(Path(said)))
    if folder and (quick or most):
        print("a run of few clips shows that all works; its pairs are too few to change the code for")
    print("\n" + json.dumps({"figures": found}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": found}, indent=2) + "\n", encoding="utf-8")


def calibrate(material: Material, people: int) -> dict[str, float]:
    """Run the whole benchmark and return its figures by name. `people`: photographs that are compared."""
    plain = made([asking.plain(item) for item in _plain(material, people)], what="fingerprinting as it is")
    material = asking.readable(material, plain)
    say(material.notes)
    return report(pairs.gather(_shelves(material, plain), _queries(material, plain, people)))


def report(gathered: Gathered) -> dict[str, float]:
    """Fit each curve. Print its quality and the lines for the code."""
    clips = [pair for pair in gathered.pairs if not pair.evidence.single]
    singles = [pair for pair in gathered.pairs if pair.evidence.single]
    apart = [(item, item.apart) for item in gathered.faced if item.apart is not None]
    odds = [(item, item.odds) for item in gathered.faced if item.odds is not None]
    samples = (
        curves.footage("CLIPS", "clips", clips, gathered, confidence.CLIPS, single=False),
        curves.footage("SINGLES", "one picture", singles, gathered, confidence.SINGLES, single=True),
        curves.faces("FACES", "faces alone", *_columns(apart), confidence.FACES),
        curves.faces("COMPETITORS", "a fake against its original", *_columns(odds), confidence.COMPETITORS),
    )
    figures: dict[str, float] = thresholds(gathered)
    lines = []
    for sample in samples:
        found, curve = curves.judged(sample)
        figures |= found
        if curve is not None:
            lines.append((curves.line(sample, curve), curves.same(sample, curve)))
    kept = all(same for _, same in lines)
    print(f"\nregistry/matching/decision/model/confidence.py has {'these' if kept else 'other'} curves:")
    for line, same in lines:
        print(f"{line}{'' if same else '    # new'}")
    return {name: round(value, 4) for name, value in figures.items()} | {"code_is_fitted": float(kept)}


def thresholds(gathered: Gathered) -> dict[str, float]:
    """Print both rates for each preset of `registry/catalogue/banks/model.py`, and return the counts.

    A copy is missed if its footage reaches less than the threshold with its own clip. A query is accused if
    it reaches the threshold with any clip that it has nothing to do with. Faces are not counted: they only
    keep answers back.
    """
    copies, _ = gathered.compared.get((CLIPS, True), (0, 0))
    strangers, groups = gathered.compared.get((CLIPS, False), (0, 0))
    clips = [pair for pair in gathered.pairs if not pair.evidence.single]
    print(f"\nthresholds of a bank, {copies} copies, {strangers} unrelated queries of {groups} groups:")
    figures = {"copies": float(copies), "strangers": float(strangers)}
    for preset in PRESETS:
        least = preset.min_confidence
        missed = copies - _reached(clips, least, right=True)
        accused = _reached(clips, least, right=False)
        print(
            f"  {preset.code:10} {least:.2f}: missed {missed} of {copies}, accused {accused} of {strangers}"
        )
        figures |= {f"{preset.code}_missed": float(missed), f"{preset.code}_accused": float(accused)}
    return figures


def _reached(clips: Sequence[Pair], least: float, *, right: bool) -> int:
    return sum(pair.right == right and confidence.footage(pair.evidence) >= least for pair in clips)


def _columns(found: Sequence[tuple[Faced, float]]) -> tuple[list[Faced], list[float]]:
    return [one for one, _ in found], [value for _, value in found]


def _plain(material: Material, people: int) -> tuple[Item, ...]:
    """Return all registered and looked-up files without edits, once each, and a sample of unrelated ones."""
    strangers = [item for item in material.strangers if item.role not in STRANGE]
    faces = {item.group: item for item in material.strangers if item.role in STRANGE}
    strangers += list(faces.values())[:people]
    originals = asking.originals(material)
    named = (*material.sources, *material.bystanders, *material.kept, *originals, *material.real, *strangers)
    return tuple({item.name: item for item in named}.values())


def _shelves(material: Material, plain: Mapping[str, Made]) -> list[Shelf]:
    """Return all registered clips with their originals."""
    shelves = []
    for item in (*material.sources, *material.bystanders, *material.kept):
        original = material.originals.get(item.name)
        known = plain[original.name].whole if original else None
        shelves.append(Shelf(item.name, item.group, plain[item.name].whole, known))
    return shelves


def _queries(material: Material, plain: Mapping[str, Made], most: int) -> list[Asking]:
    """Return the queries: copies with a still of each, real edits, unrelated clips, and originals as
    messengers send them."""
    chosen = _chosen(material)
    genuine = asking.resent(material, [edit for edit in EDITS if edit.name in GENUINE])
    jobs = [copies.job(edit, setting) for setting, edit in (*chosen, *genuine)]
    done = made(jobs, what="making and fingerprinting copies")
    found = []
    for setting, edit in chosen:
        source, one = setting.source, done[f"{edit.name}|{setting.source.name}"]
        plan = edit.plan(setting)
        groups = frozenset({source.group, *(item.group for item in plan.also)})
        if one.failed is None:
            found.append(Asking(edit.name, source.group, groups, one.whole, source.name, plan.truth))
        if one.still is not None:
            found.append(Asking(still_of(edit.name), source.group, groups, one.still, source.name))
    for setting, edit in genuine:
        item, one = setting.source, done[f"{edit.name}|{setting.source.name}"]
        groups = frozenset({item.group})
        found.append(Asking(asking.GENUINE, item.group, groups, one.whole, None, genuine=True))
    kept = {item.group: item.name for item in material.kept}
    for item in _plain(material, most):
        own = kept.get(item.group) if item in material.real else None
        if own or item in material.strangers:
            groups = frozenset({item.group})
            found.append(Asking(asking.REAL, item.group, groups, plain[item.name].whole, own))
    return found


def _chosen(material: Material) -> list[tuple[Setting, Edit]]:
    """Choose different edits for each source."""
    found = []
    taken = [edit for edit in EDITS if not edit.audio]
    for place, setting in enumerate(asking.settings(material)):
        able = [edit for edit in taken if not edit.lacks(setting)]
        start = place * EDITS_EACH
        found += [(setting, able[(start + at) % len(able)]) for at in range(min(EDITS_EACH, len(able)))]
    return found


if __name__ == "__main__":
    main()
