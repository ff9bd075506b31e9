"""What those who looked say of matches, held against the confidence that these were answered with.

    fakeprint admin opinions --json > opinions.jsonl
    make bench-calibration OPINIONS=opinions.jsonl [EVAL=FOLDER]

A line is a labelled pair: `confidence`, `signals`, `opinion`. They judge the curves and fit none: people say
something of what they were shown, and of what surprises them above all, and anybody can say it. That nobody
drowns the others, what one organization says of one entry counts once, however often.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tests.bench.accuracy import reliability

LABELS: Final = {"true_positive": True, "false_positive": False}


@dataclass(frozen=True, slots=True)
class Said:
    """A match that somebody judged. `weight`: all that one organization says of one entry weighs 1."""

    confidence: float
    right: bool
    exact: bool
    weight: float


def read(path: Path) -> list[Said]:
    """The pairs of an export. Raises `SystemExit` with the line for what is none; matches without a
    confidence are left out."""
    rows = [_row(line, number) for number, line in enumerate(path.read_text("utf-8").splitlines(), 1) if line]
    rows = [row for row in rows if row["confidence"] is not None]
    times = Counter((row["organization"], row["entry_id"]) for row in rows)
    return [
        Said(
            confidence=float(row["confidence"]),
            right=LABELS[row["opinion"]],
            exact=bool(row["exact"]),
            weight=1 / times[row["organization"], row["entry_id"]],
        )
        for row in rows
    ]


def report(said: list[Said]) -> dict[str, float]:
    """Print the reliability diagram; the figures. The very same file needs no curve and is left out."""
    kept = [item for item in said if not item.exact]
    print(f"\nopinions: {len(said)}, {len(said) - len(kept)} of them of the very same file")
    if not kept:
        return {"opinions": 0.0}
    confidence = np.array([item.confidence for item in kept])
    right = np.array([item.right for item in kept], dtype=np.bool_)
    weight = np.array([item.weight for item in kept])
    found = reliability.bins(confidence, right, weight)
    reliability.show(found)
    figures = {
        "opinions": float(len(kept)),
        "opinions_denied": float((~right * weight).sum() / weight.sum()),
        "opinions_calibration_error": reliability.calibration_error(found),
        "opinions_log_loss": reliability.log_loss(confidence, right, weight),
    }
    print("  " + ", ".join(f"{name} {value:.4g}" for name, value in figures.items()))
    return figures


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row: dict[str, Any] = json.loads(line)
        known = row["opinion"] in LABELS and {"confidence", "organization", "entry_id", "exact"} <= row.keys()
    except (ValueError, KeyError, TypeError):
        known = False
    if not known:
        raise SystemExit(f"line {number} is no opinion: see `fakeprint admin opinions --json`")
    return row
