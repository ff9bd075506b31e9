"""The figures as tables for people and as one object for machines."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Sequence
from typing import Final

from tests.bench.accuracy.judging import Outcome, still_of
from tests.bench.accuracy.proposals import Recall
from tests.bench.accuracy.singles import Column

Z: Final = 1.959964
"""Of a 95 % interval."""
NEAR: Final = 0.5
"""Seconds by which an edge of a span may be off."""


def wilson(hits: float, of: float) -> tuple[float, float]:
    """Wilson's 95 % interval of a share (E. B. Wilson, 1927). It takes the queries as independent: where
    there are fewer footage groups than queries, the truth lies in a wider one."""
    if not of:
        return 0.0, 1.0
    share = hits / of
    centre = share + Z * Z / (2 * of)
    spread = Z * math.sqrt(share * (1 - share) / of + Z * Z / (4 * of * of))
    scale = 1 + Z * Z / of
    return max(0.0, (centre - spread) / scale), min(1.0, (centre + spread) / scale)


def edits(
    labels: Sequence[str],
    outcomes: Sequence[Outcome],
    stills: Sequence[Outcome],
    known: Sequence[Outcome],
) -> None:
    """One row an edit. `known`: the same queries' outcomes once originals were registered."""
    print(
        f"\n{'edit':20}{'n':>4}{'groups':>7}  {'recall [95 %]':18}{'known_fake':>11}{'pairs':>7}{'+orig.':>7}"
        f"{'still':>7}{'false':>6}{'accused':>8}{'span≤.5s':>9}{'CPU ms':>8}"
    )
    for label in labels:
        rows = _of(label, outcomes)
        if rows:
            print(_edit_row(label, rows, _of(still_of(label), stills), _of(label, known)))
    print(
        "known_fake: share of all, no original registered; pairs, +orig.: share of the copies of fakes\n"
        "whose original is known, without and with it registered; still: one frame of the copy, found;\n"
        "false: unrelated entries among the matches, accused: with known_fake; span: share of edges;\n"
        "CPU: median of fingerprinting"
    )


def _edit_row(
    label: str, rows: Sequence[Outcome], stills: Sequence[Outcome], known: Sequence[Outcome]
) -> str:
    wanted = [row for row in rows if row.query.entry is not None]
    low, high = wilson(sum(row.found for row in wanted), len(wanted))
    interval = f"[{low:.2f}-{high:.2f}]" if wanted else ""
    pairs = [row for row in rows if row.query.has_original]
    errors = [error for row in rows for error in row.errors]
    cost = statistics.median(row.query.printed.cpu_ms for row in rows)
    return (
        f"{label:20}{len(rows):>4}{len({row.query.group for row in rows}):>7}  "
        f"{_share(_found, wanted):>5} {interval:14}{_share(_known_fake, rows):>8}"
        f"{_share(_known_fake, pairs):>7}{_share(_known_fake, known):>7}{_share(_found, stills):>7}"
        f"{sum(len(row.false) for row in rows):>6}{sum(len(row.accused) for row in rows):>8}"
        f"{_share(lambda error: error <= NEAR, errors):>9}{cost:>8.0f}"
    )


def singles(labels: Sequence[str], outcomes: Sequence[Outcome], columns: Sequence[Column]) -> None:
    """Recall of each fingerprint alone beside the whole, by edit; `columns` in the order of `outcomes`."""
    print(f"\n{'recall by':20}{'all':>6}", *(f"{column.name:>16}" for column in columns))
    totals: list[list[float]] = [[] for _ in range(len(columns) + 1)]
    for label in labels:
        places = [place for place, one in enumerate(outcomes) if one.query.label == label]
        if not places:
            continue
        shares = [statistics.mean(outcomes[place].found for place in places)]
        shares += [statistics.mean(column.found[place] for place in places) for column in columns]
        for total, share in zip(totals, shares, strict=True):
            total.append(share)
        print(f"{label:20}{shares[0]:>6.2f}", *(f"{share:>16.2f}" for share in shares[1:]))
    means = [statistics.mean(total) if total else 0.0 for total in totals]
    print(f"{'mean':20}{means[0]:>6.2f}", *(f"{mean:>16.2f}" for mean in means[1:]))
    print(f"{'distance under':20}{'':6}", *(f"{column.threshold:>16.3g}" for column in columns))
    print(
        "each alone at the loosest distance without a false pair in this run, within its limit (singles.py)"
    )


def candidates(recalls: Sequence[Recall]) -> None:
    """Candidate recall by distance."""
    print(f"\n{'hash':12}{'bits apart':>12}{'pairs':>7}{'proposed':>10} [95 %]")
    for recall in recalls:
        low, high = wilson(recall.proposed, recall.pairs)
        band = f"{recall.band}-{recall.band + 7}"
        print(
            f"{recall.algorithm:12}{band:>12}{recall.pairs:>7}{recall.proposed / recall.pairs:>10.3f}"
            f" [{low:.2f}-{high:.2f}]"
        )


def faults(outcomes: Sequence[Outcome], title: str, wrong: Callable[[Outcome], str]) -> None:
    """The queries that went wrong, each with what `wrong` says of it ('' : nothing)."""
    listed = [(outcome, said) for outcome in outcomes if (said := wrong(outcome))]
    if listed:
        print(f"\n{title}:")
    for one, said in listed:
        print(f"  {one.query.label:20} {one.query.name}: {said}")


def mean_recall(labels: Sequence[str], outcomes: Sequence[Outcome]) -> dict[str, float]:
    """Recall by label, of the labels that were measured."""
    found = {label: [item.found for item in _of(label, outcomes)] for label in labels}
    return {label: statistics.mean(hits) for label, hits in found.items() if hits}


def share_near(outcomes: Sequence[Outcome]) -> float | None:
    """Share of span edges within NEAR, over timed edits; None where none was found."""
    errors = [error for outcome in outcomes if outcome.query.timed for error in outcome.errors]
    return statistics.mean(error <= NEAR for error in errors) if errors else None


def _of(label: str, outcomes: Sequence[Outcome]) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.query.label == label]


def _share[Thing](test: Callable[[Thing], bool], things: Sequence[Thing]) -> str:
    return f"{statistics.mean(map(test, things)):.2f}" if things else "-"


def _found(outcome: Outcome) -> bool:
    return outcome.found


def _known_fake(outcome: Outcome) -> bool:
    return outcome.known_fake
