"""What is said of entries, as models."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from registry.core.http.schemas import Answer, Request


class EntryChange(Request):
    """What is absent stays; null takes it away."""

    title: str | None = None
    claim: str | None = None
    references: list[dict[str, Any]] | None = Field(None, max_length=100)
    language: str | None = None
    depicted: list[dict[str, Any]] | None = Field(None, max_length=100)
    seen: list[dict[str, Any]] | None = Field(None, max_length=1000)
    evidence: str | None = None
    variant_of: str | None = Field(None, description="id of an entry that you may see")


class ErasedDetails(Answer):
    entry_id: str
    erased: bool = Field(description="false: nothing was said of it, or it was erased before")


class Relink(Request):
    """Look for relatives again."""

    entries: list[str] | None = Field(None, max_length=1000, description="absent: all of the organization's")
