"""Which other registries say an entry, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from registry.catalogue.entries.model.entry import Tier
from registry.core.http.schemas import TimeText, UuidText


class Foreign(BaseModel):
    """Another registry that says the entry."""

    origin: str = Field(description="the name of its ledger")
    entry_id: UuidText = Field(description="the entry's id there")
    licence: str | None = Field(description="under which it publishes it; null: none was named")


class ForeignEntry(Foreign):
    """Another registry that says the entry, and what it holds of it."""

    peer: str | None = Field(description="what your organization calls it; null where the peer is another's")
    status: Literal["matchable", "suspended", "withdrawn"] = Field(description="there, as it last said")
    tier: Tier = Field(description="there; the terms of the peer say what that counts for here")
    ledger_index: int = Field(description="the leaf of its ledger that commits to what it says")
    item_hash: str = Field(description="hex: a leaf of the tree that this leaf of the ledger commits to")
    said_at: TimeText = Field(description="when it was taken here")
