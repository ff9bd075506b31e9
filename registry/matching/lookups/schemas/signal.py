"""How alike query and medium are, and which other registries say a match, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from registry.catalogue.entries.model.entry import Tier


class FrameSignals(BaseModel):
    aligned: int
    phash: float | None
    sscd: float | None


class FaceSignals(BaseModel):
    compared: int
    same: bool | None


class AudioSignals(BaseModel):
    """Sound that agrees: in step with the pictures of the match, or by itself (relation `audio`)."""

    bit_error: float = Field(description="share of Chromaprint's bits that differ, 0-.15; chance is .5")
    seconds: float


class Signals(BaseModel):
    """Raw similarities, for callers with the scope `signals` alone."""

    frames: FrameSignals
    faces: FaceSignals
    audio: AudioSignals | None = Field(None, description="null: no sound agrees, or there is none")


class Foreign(BaseModel):
    """Another registry that says the entry."""

    origin: str = Field(description="the name of its ledger")
    entry_id: str = Field(description="the entry's id there")
    licence: str | None = Field(description="under which it publishes it; null: none was named")


class ForeignEntry(Foreign):
    """Another registry that says the entry, and what it holds of it."""

    peer: str | None = Field(description="what your organization calls it; null where the peer is another's")
    status: Literal["matchable", "suspended", "withdrawn"] = Field(description="there, as it last said")
    tier: Tier = Field(description="there; the terms of the peer say what that counts for here")
    ledger_index: int = Field(description="the leaf of its ledger that commits to what it says")
    item_hash: str = Field(description="hex: a leaf of the tree that this leaf of the ledger commits to")
    said_at: str = Field(description="when it was taken here")
