"""Which other registries say an entry, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.core.http.schemas import Answer, TimeText, UuidText


class Foreign(Answer):
    """Another registry that says the entry."""

    origin: str = Field(description="the name of its ledger", examples=["fakes.example/ledger"])
    entry_id: UuidText = Field(
        description="the entry's id there", examples=["b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"]
    )
    licence: str | None = Field(
        description="under which it publishes it; null: none was named", examples=["CC-BY-4.0"]
    )


class ForeignEntry(Foreign):
    """Another registry that says the entry, and what it holds of it."""

    peer: str | None = Field(
        description="what your organization calls it; null where the peer is another's", examples=["north"]
    )
    status: Literal["matchable", "suspended", "withdrawn"] = Field(description="there, as it last said")
    tier: Tier = Field(
        description="there; the terms of the peer say what that counts for here", examples=["reviewed"]
    )
    ledger_index: int = Field(
        description="the leaf of its ledger that commits to what it says", examples=[18441]
    )
    item_hash: str = Field(
        description="hex: a leaf of the tree that this leaf of the ledger commits to",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    said_at: TimeText = Field(description="when it was taken here", examples=["2026-01-31T09:31:02+00:00"])
