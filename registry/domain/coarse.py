"""How sure an answer is, as callers without the scope `signals` are told. Pure.

Exact figures would let anyone bend a fake until it passes, or find out bit by bit what is registered: near
its threshold the confidence of one picture changes with every bit. So it is told to .05, and of one picture
in two steps.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

CLEAR: Final = 0.9
"""From here on one picture is what it seems to be, where banks say nothing else: see `domain.policy`."""
SURE: Final = 0.95
UNSURE: Final = 0.75
"""What one picture's confidence is on average, from `CLEAR` on and below."""


def confidence(exact: float | None, reasons: Collection[str]) -> float | None:
    """The confidence to be told of a verdict with these reasons."""
    if exact is None:
        return None
    if "single_frame" in reasons:
        return SURE if exact >= CLEAR else UNSURE
    return rounded(exact)


def rounded(exact: float) -> float:
    """To .05, and never to a certainty that the evidence does not reach."""
    return min(round(round(exact * 20) / 20, 2), 0.95)
