"""How long to wait before something is tried again. Pure."""

from __future__ import annotations

from typing import Final

JITTER: Final = 0.2
"""A wait is this share longer or shorter, by chance, so that what failed together does not come together."""


def delay(
    attempts: int, draw: float, *, first: float, longest: float, retry_after: float | None = None
) -> float:
    """Seconds until the next attempt after so many: `first`, three times as long each time, `longest` at
    most; at least the `retry_after` that the other side asks for, up to `longest`. `draw`: 0-1, chance."""
    planned = min(first * 3.0 ** min(attempts - 1, 20), longest)
    return max(planned * (1 + JITTER * (2 * draw - 1)), min(retry_after or 0.0, longest))
