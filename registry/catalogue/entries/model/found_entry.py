"""An entry as a search finds it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class FoundEntry:
    """An entry that a search found."""

    entry_id: UUID
    title: str
    status: str
    tier: str
    bank: str
    created_at: datetime
