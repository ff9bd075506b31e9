"""Counts of waiting things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST: Final = 100
"""Where counting ends: this count means "more than 99". A count so stays cheap on large tables."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Waiting things: how many (at most `MOST`), since when the oldest waits, and the first deadline."""

    count: int = 0
    oldest: datetime | None = None
    due: datetime | None = None
