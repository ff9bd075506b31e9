"""Confidence as callers without the scope `signals` see it. Pure.

Near the threshold, the confidence of one picture changes with every bit of its hash. Exact figures would let
a caller modify a fake until it passes, or reconstruct a stored hash bit by bit. So confidence is rounded to
.05.
"""

from __future__ import annotations


def confidence(exact: float | None) -> float | None:
    """Return the confidence to show; None if there is none."""
    return None if exact is None else rounded(exact)


def rounded(exact: float) -> float:
    """Round to .05, at most .95: rounding must not claim a certainty that the evidence does not support."""
    return min(round(round(exact * 20) / 20, 2), 0.95)
