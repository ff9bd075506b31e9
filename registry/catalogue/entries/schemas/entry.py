"""Requests and answers about an entry's description."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from registry.core.http.schemas import Answer, Request, UuidText


class EntryChange(Request):
    """Changes of an entry. Absent fields stay; null removes a field."""

    title: str | None = None
    claim: str | None = None
    references: list[dict[str, Any]] | None = Field(None, max_length=100)
    language: str | None = Field(None, examples=["es"])
    depicted: list[dict[str, Any]] | None = Field(
        None,
        max_length=100,
        examples=[
            [{"name": "Dolores Ibáñez", "url": "https://council.example/ibanez", "role": "councillor"}]
        ],
    )
    seen: list[dict[str, Any]] | None = Field(
        None,
        max_length=1000,
        examples=[
            [
                {"platform": "Telegram", "channel": "messaging", "at": "2026-01-30T22:10:00+01:00"},
                {"url": "https://video.example/watch/1", "channel": "public", "at": "2026-01-31"},
            ]
        ],
    )
    evidence: str | None = Field(
        None, examples=["The footage is a 2024 interview; the face was replaced from 0:03 on."]
    )
    variant_of: str | None = Field(
        None, description="id of an entry that you may see", examples=["b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"]
    )


class ErasedDetails(Answer):
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    erased: bool = Field(
        description="false: there were no details, or they were erased before", examples=[True]
    )


class Relink(Request):
    """Entries whose related entries are to be searched again."""

    entries: list[str] | None = Field(
        None,
        max_length=1000,
        description="absent: all entries of the organization",
        examples=[["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"]],
    )
