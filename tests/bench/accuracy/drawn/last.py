"""The figures of the last committed run, so that none gets worse unseen.

`tests/bench/accuracy/last.json` holds them by what was run: the half, how many clips, and the fixed seed. A
fresh seed draws other copies, so figures of two are not compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

LAST: Final = Path(__file__).parents[1] / "last.json"
BETTER_HIGHER: Final = (
    *("found_mean", "found_min", "decided_mean", "decided_min", "span_within_half_second"),
    *("decided_with_original", "decided_no_faces_with_original", "single_frame_right", "quick_found_of_full"),
    *("pair_original_authentic", "pair_copy_known_fake"),
)
BETTER_LOWER: Final = (
    *(
        "originals_accused_without",
        "originals_accused_with",
        "originals_accused_no_faces",
        "unrelated_accused",
    ),
    *("identity_kept_accused", "pair_original_accused", "pair_copy_whitewashed"),
    *("known_fake_below_policy", "server_errors"),
)


def worse(figures: Mapping[str, float], last: Mapping[str, float]) -> list[str]:
    """Return a line for each figure that is worse than it was, or that is no longer measured."""
    lines = []
    for name, sign in [*((name, 1) for name in BETTER_HIGHER), *((name, -1) for name in BETTER_LOWER)]:
        if name in last and (name not in figures or sign * (figures[name] - last[name]) < 0):
            lines.append(f"{name} is {figures.get(name, 'not measured')}, and was {last[name]}")
    return lines


def compared(run: str, figures: Mapping[str, float], *, accept: bool, path: Path = LAST) -> list[str]:
    """Return what is worse than the last run of this kind; `accept` makes these figures the last instead."""
    kept = json.loads(path.read_text()) if path.exists() else {}
    if accept:
        path.write_text(json.dumps(kept | {run: dict(figures)}, indent=2, sort_keys=True) + "\n")
        return []
    if run not in kept:
        print(f"{path.name} has no figures of: {run}. ACCEPT=1 keeps these.")
        return []
    return worse(figures, kept[run])
