"""Answers about related entries."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.media.model import Role
from registry.core.http.schemas import Answer, Seconds, UuidText


class RelatedSpan(Answer):
    """Stretches of the entry's medium and of the related medium that show the same, in seconds."""

    entry: Seconds = Field(examples=[[0.0, 8.1]])
    related: Seconds = Field(examples=[[12.0, 20.1]])
    speed: float = Field(examples=[1.0])
    mirrored: bool


class RelatedEntry(Answer):
    """Another entry, with the most specific pair of media that the two have in common."""

    entry_id: UuidText = Field(examples=["b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"])
    title: str = Field(examples=["Mayor, face-swapped"])
    language: str | None = Field(examples=["en"])
    bank: str = Field(examples=["default"])
    tier: Tier
    manipulation: Manipulation | None = Field(examples=["face_swap"])
    kind: Literal["same_footage", "same_person"] = Field(description="what they have in common")
    relation: Literal["copy", "same_footage_other_face", "shares_original"] | None = Field(
        examples=["same_footage_other_face"]
    )
    faces: Literal["same", "other"] | None = Field(
        description="null: they cannot be compared clearly", examples=["other"]
    )
    score: float | None = Field(
        description="probability that the footage is the same, 0-1; null for kind `same_person`",
        examples=[0.95],
    )
    persons: list[UuidText] = Field(
        description="with kind `same_person`: ids of the persons, for callers with the scope `faces`"
    )
    asset_id: UuidText = Field(
        description="a medium of the requested entry", examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"]
    )
    role: Role
    related_asset_id: UuidText = Field(
        description="the medium of the related entry that shows the same",
        examples=["6d4d5f0c-3c4c-4d6f-9d57-7f4a2b9a1e63"],
    )
    related_role: Role
    spans: list[RelatedSpan]
    pairs: int = Field(description="pairs of media that the two entries have in common", examples=[1])


class RelatedPage(Answer):
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    pending: bool = Field(description="the search is not done yet, or not since a change")
    count: int = Field(description="related entries that the caller may see, on all pages", examples=[1])
    related: list[RelatedEntry]
    next: str | None = Field(description="value of `after` for the next page; null: this is the last page")


class Relinked(Answer):
    entries: int = Field(description="entries whose related entries will be searched again", examples=[12])
