"""Entries and their assets, as the API takes and answers them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.entries.schemas.foreign import ForeignEntry
from registry.catalogue.fingerprints.schemas import Document
from registry.catalogue.media.model import Kind, Role
from registry.catalogue.provenance.schemas import AssetProvenance
from registry.core.http.schemas import Answer, BankName, Failure, Request, Sha256

EntryStatus = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
AssetStatus = Literal["pending", "fingerprinted", "failed"]


class NewEntry(Request):
    """A known fake by fingerprint documents alone: no media is sent, and the entry is `unverified`."""

    bank: BankName | None = None
    title: str | None = None
    manipulation: str | None = Field(None, description="face_swap, lip_sync, synthetic, edited or audio")
    claim: str | None = None
    references: list[dict[str, Any]] = Field(default=[], max_length=100)
    language: str | None = Field(None, description="of title and claim: a BCP 47 tag")
    depicted: list[dict[str, Any]] = Field(default=[], max_length=100)
    seen: list[dict[str, Any]] = Field(default=[], max_length=1000)
    evidence: str | None = None
    claim_review: Any = Field(None, description="ClaimReview or MediaReview of schema.org, as JSON-LD")
    variant_of: str | None = None
    fakes: list[Document] = Field(max_length=1000)
    originals: list[Document] = Field(default=[], max_length=1000)


class EntrySummary(Answer):
    entry_id: str
    bank: str
    title: str
    claim: str | None
    language: str | None
    manipulation: Manipulation | None
    tier: Tier
    original_tier: Tier
    status: EntryStatus
    unverified: bool
    error: Failure | None
    references: list[dict[str, Any]]
    variant_of: str | None
    created_at: str
    matchable_at: str | None


class Segments(BaseModel):
    """How many segments of a long video have been read, and of how many."""

    done: int
    of: int


class AssetOfEntry(Answer):
    asset_id: str
    role: Role
    sha256: Sha256 | None = Field(
        description="null: a hash list knew it by another hash; or without the scope `signals` it is another"
        " organization's, or the key has the role `lookup` alone"
    )
    filename: str
    kind: Kind | None
    duration: float | None
    width: int | None
    height: int | None
    bytes: int | None
    status: AssetStatus
    error: Failure | None
    media_kept: bool
    notes: list[str]
    progress: float
    segments: Segments | None = Field(description="a long video's, while they are being read")
    frames: int
    faces: int
    algorithms: list[str]
    provenance: AssetProvenance | None = Field(None, description="null: nobody has read its file")
    matchable_at: str | None


class Entry(EntrySummary):
    depicted: list[dict[str, Any]] = Field(
        description="name, url, role; of other organizations' the public ones"
    )
    seen: list[dict[str, Any]] = Field(
        description="url, platform, at, channel, note; your organization's alone"
    )
    evidence: str | None
    variants: list[dict[str, str]] = Field(
        description="the others of its family: entry_id, title, status, bank"
    )
    listing: dict[str, Any] | None = Field(
        description="opinion, tags, said: what the hash list holds that it came in; your organization's alone"
    )
    foreign: list[ForeignEntry] = Field(description="other registries that say it; empty: registered here")
    review: dict[str, Any] | None = Field(
        description="own_tier, own_original_tier, suspended_for, opinions; your organization's alone"
    )
    assets: list[AssetOfEntry]


class EntryPage(Answer):
    entries: list[EntrySummary]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


class RegisteredAsset(Answer):
    asset_id: str
    sha256: Sha256
    role: Role
    status: AssetStatus
    created: bool


class Duplicate(Answer):
    entry_id: str
    asset_id: str
    sha256: Sha256
    title: str
    bank: str


class Registered(Answer):
    """What was registered; `created` false: an entry of this bank holds these fakes already."""

    entry_id: str
    status: EntryStatus
    created: bool
    assets: list[RegisteredAsset]
    duplicates: list[Duplicate]


class AddedAsset(RegisteredAsset):
    entry_id: str
