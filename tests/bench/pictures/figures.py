"""The figures of a run: shares by edit, and their means over the edits."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.bench.pictures.edits import EDITS
from tests.bench.pictures.measuring import Result


@dataclass(frozen=True, slots=True)
class Row:
    """Shares of the answers to one edit. `copies`, `genuine`: queries with originals registered. `found`,
    `decided`: of copies. `accused`: originals answered `known_fake`. `authentic`: originals answered so.
    `whitewashed`: copies answered `authentic_original`. `_alone`: without originals registered."""

    edit: str
    copies: int
    genuine: int
    found: float
    decided: float
    accused: int
    authentic: float
    whitewashed: int
    decided_alone: float
    accused_alone: int


def rows(results: Sequence[Result]) -> list[Row]:
    """Return a row for each edit that was made."""
    by_edit = [[result for result in results if result.copy.edit == edit] for edit in EDITS]
    return [_row(some) for some in by_edit if some]


def _row(results: Sequence[Result]) -> Row:
    copies, genuine = (
        [item for item in results if item.originals and item.copy.genuine == side] for side in (False, True)
    )
    copies_alone, genuine_alone = (
        [item for item in results if not item.originals and item.copy.genuine == side]
        for side in (False, True)
    )
    return Row(
        results[0].copy.edit.name,
        len(copies),
        len(genuine),
        _share([*copies_alone, *copies], lambda item: item.own is not None),
        _share(copies, decided),
        sum(item.verdict == "known_fake" for item in genuine),
        _share(genuine, lambda item: item.verdict == "authentic_original"),
        sum(item.verdict == "authentic_original" for item in copies),
        _share(copies_alone, decided),
        sum(item.verdict == "known_fake" for item in genuine_alone),
    )


def decided(result: Result) -> bool:
    """Whether a copy needs no person."""
    return result.verdict == "known_fake" and result.own == "known_fake"


def _share(results: Sequence[Result], right: Callable[[Result], bool]) -> float:
    return sum(map(right, results)) / len(results) if results else 0.0


def figures(found: Sequence[Row]) -> dict[str, Any]:
    """Return the figures of a run. Means are over edits."""
    genuine = sum(row.genuine for row in found)
    return {
        "picture_found_mean": _mean(found, "found"),
        "picture_found_min": min(row.found for row in found),
        "picture_decided_mean": _mean(found, "decided"),
        "picture_originals_accused": sum(row.accused for row in found) / max(genuine, 1),
        "picture_originals_accused_alone": sum(row.accused_alone for row in found) / max(genuine, 1),
        "picture_originals_authentic_mean": _mean(found, "authentic"),
        "picture_copies_whitewashed": sum(row.whitewashed for row in found),
        "picture_decided_alone_mean": _mean(found, "decided_alone"),
        "picture_copies": sum(row.copies for row in found),
        "picture_originals": genuine,
    }


def _mean(found: Sequence[Row], name: str) -> float:
    return round(statistics.fmean(getattr(row, name) for row in found), 4)


def show(results: Sequence[Result]) -> None:
    """Print a table of the edits, and one of what was registered."""
    heads = (("copies", 7), ("found", 7), ("decided", 9), ("alone", 7), ("accused", 9), ("alone", 7))
    print(f"{'edit':20}" + "".join(f"{head:>{wide}}" for head, wide in (*heads, ("authentic", 11))))
    for row in rows(results):
        print(
            f"{row.edit:20}{row.copies:7}{row.found:7.2f}{row.decided:9.2f}{row.decided_alone:7.2f}"
            f"{row.accused:9}{row.accused_alone:7}{row.authentic:11.2f}"
        )
    for bank, kind in sorted({(item.bank, item.copy.pair.kind) for item in results}):
        some = [item for item in results if (item.bank, item.copy.pair.kind) == (bank, kind)]
        means = figures(rows(some))
        told = ", ".join(f"{name.removeprefix('picture_')} {value:.3g}" for name, value in means.items())
        print(f"{bank}, {kind}: {told}")
    why = Counter(
        ", ".join(item.reasons)
        for item in results
        if item.originals and not item.copy.genuine and not decided(item)
    )
    print(
        "copies not decided: "
        + "; ".join(f"{reasons or 'no reason'} {count}" for reasons, count in why.most_common(8))
    )
