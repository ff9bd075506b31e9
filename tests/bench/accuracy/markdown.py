"""The table of docs/figures.md: this run beside the first release and its peers, in Markdown."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from tests.bench.accuracy.judging import Outcome, still_of
from tests.bench.accuracy.singles import Column
from tests.bench.accuracy.tables import mean_recall, wilson

FIRST: Final = Path(__file__).with_name("first_release.json")
"""What the first release found, by the quick run of its time: six clips of each edit."""
PEERS: Final = ("vPDQ 31/50", "PDQ", "pHash-256", "SSCD")


def table(
    labels: Sequence[str],
    clips: Sequence[Outcome],
    stills: Sequence[Outcome],
    columns: Sequence[Column],
    figures: Mapping[str, float],
) -> str:
    """Two tables: recall by edit, and what the whole run comes to."""
    first = json.loads(FIRST.read_text(encoding="utf-8"))
    return "\n\n".join(
        (_by_edit(labels, clips, stills, columns, first["recall"]), _whole(figures, first["figures"]))
    )


def _by_edit(
    labels: Sequence[str],
    clips: Sequence[Outcome],
    stills: Sequence[Outcome],
    columns: Sequence[Column],
    first: Mapping[str, float],
) -> str:
    peers = [column for name in PEERS for column in columns if column.name == name]
    head = ["edit", "found [95 %]", "its stills", "first release", *(column.name for column in peers)]
    rows = []
    for label in labels:
        places = [place for place, one in enumerate(clips) if one.query.label == label]
        if places:
            hits = sum(clips[place].found for place in places)
            low, high = wilson(hits, len(places))
            still = mean_recall([still_of(label)], stills)
            rows.append(
                [
                    label,
                    f"**{hits / len(places):.2f}** [{low:.2f}–{high:.2f}]",
                    *(f"{value:.2f}" for value in still.values()),
                    *([] if still else ["–"]),
                    f"{first[label]:.2f}" if label in first else "–",
                    *(f"{statistics.mean(column.found[place] for place in places):.2f}" for column in peers),
                ]
            )
    rows.append(_means(labels, clips, stills, peers, first))
    return _rows(head, rows)


def _means(
    labels: Sequence[str],
    clips: Sequence[Outcome],
    stills: Sequence[Outcome],
    peers: Sequence[Column],
    first: Mapping[str, float],
) -> list[str]:
    def mean(values: Sequence[float]) -> str:
        return f"**{statistics.mean(values):.2f}**" if values else "–"

    measured = [label for label in labels if any(clip.query.label == label for clip in clips)]
    by_peer = []
    for column in peers:
        by_label = [
            statistics.mean(
                hit for hit, one in zip(column.found, clips, strict=True) if one.query.label == label
            )
            for label in measured
        ]
        by_peer.append(mean(by_label))
    return [
        "**mean of the edits**",
        mean(list(mean_recall(labels, clips).values())),
        mean(list(mean_recall(list(map(still_of, labels)), stills).values())),
        mean([first[label] for label in measured if label in first]),
        *by_peer,
    ]


ROWS: Final[tuple[tuple[str, str, str], ...]] = (
    ("copies looked up", "copies", "count"),
    ("mean recall of the edits", "clip_recall_mean", "share"),
    ("recall of the worst edit", "clip_recall_min", "share"),
    ("single frames of these copies, found", "still_recall", "share"),
    ("real edits, found", "real_edit_recall", "share"),
    ("real edits of stills, found", "real_still_recall", "share"),
    ("unrelated entries accused (`known_fake`)", "false_known_fake", "accused"),
    ("originals answered `known_fake` though the original is registered", "originals_known_fake", "resent"),
    ("edges of spans within half a second", "span_within_half_second", "share"),
    ("calibration error of `known_fake`", "known_fake_calibration_error", "share"),
    ("from document to answer, median", "answer_p50_ms", "ms"),
    ("CPU of fingerprinting a query over decoding alone", "fingerprint_over_decode", "times"),
    ("the same of what is registered", "registration_over_decode", "times"),
    ("CPU of a progressive lookup over decoding", "progressive_over_decode", "times"),
)


def _whole(figures: Mapping[str, float], first: Mapping[str, float]) -> str:
    rows = [
        [name, _value(figures, key, how), _value(first, key, how)]
        for name, key, how in ROWS
        if key in figures or key in first
    ]
    return _rows(["", "now", "first release"], rows)


def _value(figures: Mapping[str, Any], key: str, how: str) -> str:
    if key not in figures:
        return "–"
    value = figures[key]
    if how == "count":
        return f"{value:,.0f} of {figures['footage_groups']:.0f} clips"
    if how == "accused":
        pairs = figures["unrelated_pairs"] + figures.get("unrelated_still_pairs", 0)
        return f"{value:.0f} of {pairs:,.0f} pairs"
    if how == "resent":
        return f"{value:.0f} of {figures['originals_resent']:.0f}"
    return {"share": f"{value:.3f}", "ms": f"{value:.0f} ms", "times": f"{value:.2f} ×"}[how]


def _rows(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
