"""Related entries, as the API answers them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.media.model import Role
from registry.core.http.schemas import Answer, Seconds


class RelatedSpan(Answer):
    """A stretch of the entry's medium that shows what a stretch of the related one's shows, in seconds."""

    entry: Seconds
    related: Seconds
    speed: float
    mirrored: bool


class RelatedEntry(Answer):
    """Another entry, and the pair of media that says most of what the two have in common."""

    entry_id: str
    title: str
    bank: str
    tier: Tier
    manipulation: Manipulation | None
    kind: Literal["same_footage", "same_person"] = Field(description="what they have in common")
    relation: Literal["copy", "same_footage_other_face", "shares_original"] | None
    faces: Literal["same", "other"] | None = Field(description="null: they cannot be compared clearly")
    score: float | None = Field(description="probability that the footage is the same, 0-1; of persons null")
    persons: list[str] = Field(description="with kind `same_person`: who, for the scope `faces` alone")
    asset_id: str = Field(description="a medium of the entry asked about")
    role: Role
    related_asset_id: str = Field(description="the medium of the related entry that shows the same")
    related_role: Role
    spans: list[RelatedSpan]
    pairs: int = Field(description="pairs of media that the two entries have in common")


class RelatedPage(Answer):
    entry_id: str
    pending: bool = Field(description="nobody has looked yet, or not since something changed")
    count: int = Field(description="related entries that the caller may see, on all pages")
    related: list[RelatedEntry]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


class Relinked(Answer):
    entries: int = Field(description="entries whose relatives will be looked for again")
