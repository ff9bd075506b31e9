"""What a drawn run comes to: tables by edit and by kind of footage, and figures by name."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from registry.catalogue.banks.model import Policy
from tests.bench.accuracy.drawn.edits import EDITS
from tests.bench.accuracy.drawn.footage import KINDS, Half
from tests.bench.accuracy.drawn.measuring import WITH, WITHOUT, Result
from tests.bench.accuracy.service import SERVER_ERROR
from tests.bench.accuracy.tables import wilson

NEAR: Final = 0.6
"""Seconds by which each of a span's four edges may be off: half a second and the rounding of samples."""
LEAST: Final = Policy().min_confidence

Share = float | None


def copies(results: Iterable[Result], originals: str = WITHOUT) -> list[Result]:
    """Return the whole documents of copies of registered media."""
    return [item for item in _own(results, originals) if not item.still and not item.faceless]


def _own(results: Iterable[Result], originals: str, *, genuine: bool = False) -> list[Result]:
    return [
        item
        for item in results
        if item.copy is not None and item.copy.genuine == genuine and item.originals == originals
    ]


def found(item: Result) -> bool:
    return item.outcome.found


def decided(item: Result) -> bool:
    """Tell whether the copy was found and answered without a person."""
    return item.outcome.found and item.outcome.known_fake


def placed(item: Result) -> bool:
    """Tell whether the span is at the right seconds of both sides."""
    errors = item.outcome.errors
    return bool(errors) and max(errors) <= NEAR


def share(test: Callable[[Result], bool], items: Sequence[Result]) -> Share:
    return statistics.mean(map(test, items)) if items else None


def by_edit(test: Callable[[Result], bool], items: Sequence[Result]) -> dict[str, float]:
    """Return the share by edit, of the edits that were measured."""
    rows = {edit.name: [item for item in items if item.outcome.query.label == edit.name] for edit in EDITS}
    return {name: statistics.mean(map(test, row)) for name, row in rows.items() if row}


def figures(results: Sequence[Result]) -> dict[str, float]:
    """Return the figures of one half and seed, by name; what was not measured is left out."""
    mine = copies(results)
    timed = [item for item in mine if item.copy and item.copy.edit.timed]
    inserted = [item for item in timed if item.copy and item.copy.edit.inserted]
    recall, sure = by_edit(found, mine), by_edit(decided, mine)
    values: dict[str, Share] = {
        "found_mean": _mean(recall.values()),
        "found_min": min(recall.values(), default=None),
        "decided_mean": _mean(sure.values()),
        "decided_min": min(sure.values(), default=None),
        "span_within_half_second": share(placed, timed),
        "span_inserted": share(placed, inserted),
        "copies": len(mine),
        "footage_groups": len({item.outcome.query.group for item in mine}),
        "answer_p50_ms": statistics.median([item.outcome.ms for item in mine]) if mine else None,
        **_accusations(results),
        **_faceless(results),
        "single_frame_right": share(_single_right, _found_stills(results)),
        **_quickly(results),
    }
    return {name: round(value, 4) for name, value in values.items() if value is not None}


def _mean(values: Iterable[float]) -> Share:
    listed = list(values)
    return statistics.mean(listed) if listed else None


def _accusations(results: Sequence[Result]) -> dict[str, Share]:
    without = [item for item in _own(results, WITHOUT, genuine=True) if not item.still and not item.faceless]
    known = [item for item in _own(results, WITH, genuine=True) if not item.still and not item.faceless]
    again = copies(results, WITH)
    return {
        "originals_accused_without": share(accused, without),
        "originals_accused_with": share(accused, known),
        "identity_kept_accused": share(accused, [item for item in without if item.kept]),
        "originals_looked_up": len(without),
        "pair_original_authentic": share(authentic, known),
        "pair_original_accused": sum(map(accused, known)),
        "pair_copy_known_fake": share(accused, again),
        "pair_copy_whitewashed": sum(map(authentic, again)),
        "decided_with_original": share(decided, again),
        "known_fake_below_policy": sum(map(unsure, results)),
        "server_errors": sum(item.outcome.verdict == SERVER_ERROR.verdict for item in results),
        "unrelated_accused": sum(len(item.outcome.accused) for item in results),
        "unrelated_named": sum(len(item.outcome.false) for item in results),
        "unrelated_pairs": sum(item.outcome.pairs for item in results if not item.faceless),
    }


def accused(item: Result) -> bool:
    return item.outcome.known_fake


def authentic(item: Result) -> bool:
    return item.outcome.verdict == "authentic_original"


def unsure(item: Result) -> bool:
    """Tell whether a fake is named with less confidence than the policy of its bank demands."""
    claims = [claim.confidence for claim in item.outcome.claims if claim.verdict == "known_fake"]
    return any(confidence is not None and confidence < LEAST for confidence in claims)


def _faceless(results: Sequence[Result]) -> dict[str, Share]:
    def some(items: Sequence[Result]) -> list[Result]:
        return [item for item in items if item.faceless]

    genuine = [*_own(results, WITHOUT, genuine=True), *_own(results, WITH, genuine=True)]
    return {
        "decided_no_faces": share(decided, some(_own(results, WITHOUT))),
        "decided_no_faces_with_original": share(decided, some(_own(results, WITH))),
        "originals_accused_no_faces": sum(map(accused, some(genuine))),
    }


def _quickly(results: Sequence[Result]) -> dict[str, Share]:
    """Return what is found with `effort` `quick` of what is found otherwise, and what unknown videos cost."""
    known = [item for item in copies(results) if item.outcome.found and item.decode_ms]
    unknown = [item for item in results if item.outcome.verdict == "no_match" and item.decode_ms]
    unknown = [item for item in unknown if item.copy is None]
    decoding = sum(item.decode_ms for item in unknown)
    return {
        "quick_found_of_full": share(lambda item: not item.quick_miss, known),
        "misses_over_decode": sum(item.quick_ms for item in unknown) / decoding if decoding else None,
    }


def _found_stills(results: Sequence[Result]) -> list[Result]:
    """Return single frames of copies and originals in whose answer their footage is named, originals
    registered."""
    stills = [*_own(results, WITH), *_own(results, WITH, genuine=True)]
    return [item for item in stills if item.still and item.outcome.verdict != "no_match"]


def _single_right(item: Result) -> bool:
    """Tell whether one frame is told to be of the fake, or of its original, as it is."""
    wanted = "original" if item.copy and item.copy.genuine else "copy"
    return wanted in item.outcome.relations


def show(half: Half, seed: int, results: Sequence[Result]) -> None:
    """Print the tables of one half and seed."""
    mine, again = copies(results), copies(results, WITH)
    print(
        f"\nseed {seed}, {half} half: {len(mine)} copies of {len({i.outcome.query.name for i in mine})} clips"
    )
    print(f"{'edit':22}{'n':>4}  {'found [95 %]':18}{'decided':>8}{'+orig.':>7}{'span':>6}  why not decided")
    for edit in EDITS:
        _show_row(edit.name, mine, again, timed=edit.timed, of=lambda item: item.outcome.query.label)
    print()
    for kind in KINDS:
        _show_row(kind, mine, again, timed=True, of=lambda item: item.kind)
    genuine = [item for item in _own(results, WITHOUT, genuine=True) if not item.still and not item.faceless]
    for item in genuine:
        if accused(item):
            print(f"  original accused: {item.outcome.query.label}, {item.outcome.query.name}")
    for item in mine:
        if item.quick_miss and found(item):
            print(f"  missed by quick: {item.outcome.query.label}, {item.outcome.query.name}")
    for item in results:
        if item.outcome.accused:
            print(f"  unrelated accused: {item.outcome.query.name}: {', '.join(item.outcome.accused)}")


def _show_row(
    name: str, mine: Sequence[Result], again: Sequence[Result], *, timed: bool, of: Callable[[Result], str]
) -> None:
    rows = [item for item in mine if of(item) == name]
    if not rows:
        return
    low, high = wilson(sum(map(found, rows)), len(rows))
    known = [item for item in again if of(item) == name]
    spans = [item for item in rows if item.copy and item.copy.edit.timed]
    why = Counter((item.outcome.reasons or (item.outcome.verdict,))[0] for item in rows if not decided(item))
    print(
        f"{name[:21]:22}{len(rows):>4}  {share(found, rows) or 0:>5.2f} [{low:.2f}-{high:.2f}]  "
        f"{share(decided, rows) or 0:>6.2f}{_text(share(decided, known)):>7}"
        f"{_text(share(placed, spans)) if timed else '':>6}  "
        + ", ".join(f"{count} {reason}" for reason, count in why.most_common(4))
    )


def _text(value: Share) -> str:
    return "-" if value is None else f"{value:.2f}"
