"""Entries that other registries published."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.core.http.schemas import Answer, TimeText, UuidText


class Foreign(Answer):
    """Another registry that published the entry."""

    origin: str = Field(description="name of its ledger", examples=["fakes.example/ledger"])
    entry_id: UuidText = Field(
        description="the entry's id there", examples=["b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"]
    )
    licence: str | None = Field(
        description="licence of the publication; null: none was named", examples=["CC-BY-4.0"]
    )


class ForeignEntry(Foreign):
    """Another registry that published the entry, with its status there."""

    peer: str | None = Field(
        description="your organization's name for the peer; null for a peer of another organization",
        examples=["north"],
    )
    status: Literal["matchable", "suspended", "withdrawn"] = Field(description="last known status there")
    tier: Tier = Field(
        description="tier there; the terms of the peer say what it counts here", examples=["reviewed"]
    )
    ledger_index: int = Field(
        description="index of the leaf of its ledger that commits to the publication", examples=[18441]
    )
    item_hash: str = Field(
        description="hex: a leaf of the tree that this leaf of the ledger commits to",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    said_at: TimeText = Field(description="when it was imported here", examples=["2026-01-31T09:31:02+00:00"])
