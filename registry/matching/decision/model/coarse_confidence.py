"""How sure an answer is, as callers without the scope `signals` are told. Pure.

Exact figures would let anyone bend a fake until it passes, or find out bit by bit what is registered: near
its threshold the confidence of one picture changes with every bit. So it is told to .05.
"""

from __future__ import annotations


def confidence(exact: float | None) -> float | None:
    """The confidence to be told; None where there is none."""
    return None if exact is None else rounded(exact)


def rounded(exact: float) -> float:
    """To .05, and never to a certainty that the evidence does not reach."""
    return min(round(round(exact * 20) / 20, 2), 0.95)
