"""What a bank's threshold costs: copies that it does not call known fakes, and strangers that it does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from registry.catalogue.banks.model import PRESETS
from registry.matching.decision.model import confidence
from tests.bench.accuracy.media.pairs import Gathered, Pair

CLIPS: Final = False
"""Kind of the queries counted, as in `Gathered.compared`: clips, not single pictures."""


def report(gathered: Gathered) -> dict[str, float]:
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
