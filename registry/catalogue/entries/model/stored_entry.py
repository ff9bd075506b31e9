"""An entry as it is stored, and the description of a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.catalogue.banks.model import Tier
from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.model.entry import Manipulation


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry with its bank.

    `own`: it belongs to the reader's organization. `unverified`: a fingerprint of it comes from a document
    alone. `error`: code and message, if media could not be fingerprinted.
    """

    entry_id: UUID
    bank_id: UUID
    bank: str
    organization: str
    own: bool
    private_case: bool
    title: str
    claim: str | None
    language: str | None
    manipulation: Manipulation | None
    variant_of: UUID | None
    tier: Tier
    original_tier: Tier
    status: str
    unverified: bool
    error: Mapping[str, str] | None
    references: Sequence[Mapping[str, Any]]
    created_at: datetime
    matchable_at: datetime | None


@dataclass(frozen=True, slots=True)
class Description:
    """Checked description of a new entry."""

    title: str
    claim: str | None
    manipulation: Manipulation | None
    references: tuple[Mapping[str, Any], ...]
    details: Details
