"""Delays between retries: exponential backoff with jitter. Pure."""

from __future__ import annotations

from typing import Final

JITTER: Final = 0.2
"""Random share by which a delay is longer or shorter. It spreads the retries of jobs that failed together."""


def delay(
    attempts: int, draw: float, *, first: float, longest: float, retry_after: float | None = None
) -> float:
    """Seconds until the next attempt, after `attempts` attempts.

    The delay starts at `first`, triples with each attempt and is capped at `longest`. It is at least the
    `retry_after` that the other side requested, up to `longest`. `draw` is a random number in 0-1.
    """
    planned = min(first * 3.0 ** min(attempts - 1, 20), longest)
    return max(planned * (1 + JITTER * (2 * draw - 1)), min(retry_after or 0.0, longest))
