"""Requests and answers about entries and their assets."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from registry.catalogue.entries.model.entry import Manipulation, Tier
from registry.catalogue.entries.schemas.foreign import ForeignEntry
from registry.catalogue.fingerprints.model.whole_file import StoredFile, Unit, code, units
from registry.catalogue.fingerprints.schemas import DOCUMENT, Document
from registry.catalogue.media.model import Kind, Role
from registry.catalogue.provenance.schemas import AssetProvenance
from registry.core.http.schemas import Answer, BankName, Failure, Request, Sha256, TimeText, UuidText

EntryStatus = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
AssetStatus = Literal["pending", "fingerprinted", "failed"]


def _plain(value: Any) -> Any:
    return value.model_dump(mode="json") if isinstance(value, BaseModel) else value


Part = Annotated[dict[str, Any], BeforeValidator(_plain)]
"""An object that another room provides, which may be its own model."""


class NewEntry(Request):
    """A known fake given by fingerprint documents only. No media is sent, and the entry is `unverified`."""

    bank: BankName | None = Field(None, examples=["default"])
    title: str | None = Field(None, examples=["Councillor, face-swapped"])
    manipulation: str | None = Field(
        None,
        description="face_swap, lip_sync, synthetic, edited, audio, voice_clone or spliced",
        examples=["face_swap"],
    )
    claim: str | None = Field(None, examples=["Shows the councillor at a party"])
    references: list[dict[str, Any]] = Field(
        default=[], max_length=100, examples=[[{"url": "https://factcheck.example/councillor-clip"}]]
    )
    language: str | None = Field(None, description="language of title and claim, a BCP 47 tag")
    depicted: list[dict[str, Any]] = Field(default=[], max_length=100)
    seen: list[dict[str, Any]] = Field(default=[], max_length=1000)
    evidence: str | None = None
    claim_review: Any = Field(None, description="ClaimReview or MediaReview of schema.org, as JSON-LD")
    variant_of: str | None = None
    fakes: list[Document] = Field(max_length=1000, examples=[[DOCUMENT]])
    originals: list[Document] = Field(default=[], max_length=1000, examples=[[]])


class EntrySummary(Answer):
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    bank: str = Field(examples=["default"])
    title: str = Field(examples=["Councillor, face-swapped"])
    claim: str | None = Field(examples=["Shows the councillor at a party"])
    language: str | None = Field(examples=["en"])
    manipulation: Manipulation | None = Field(examples=["face_swap"])
    tier: Tier
    original_tier: Tier
    status: EntryStatus = Field(examples=["matchable"])
    unverified: bool
    error: Failure | None = Field(examples=[None])
    references: list[dict[str, Any]] = Field(
        examples=[[{"url": "https://factcheck.example/councillor-clip"}]]
    )
    variant_of: UuidText | None
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    matchable_at: TimeText | None = Field(examples=["2026-01-31T09:30:04+00:00"])


class Segments(Answer):
    """Number of segments of a long video that are `done`, `of` all."""

    done: int
    of: int


class WholeFileValues(Answer):
    """Values of the whole file, computed after the entry is matchable. null: not computed, or the file has
    none."""

    videohash: str | None = Field(description="videohash.1, 16 hex digits", examples=["dc00dcdcff23cc00"])
    iscc: str | None = Field(
        description="composite ISCC-CODE (ISO 24138)",
        examples=["ISCC:KMA3AGCHOZBYJF2LJWLJFLQZJMU5ZNNZ2ROH7C76KY"],
    )
    iscc_units: dict[Unit, str] = Field(
        description="its units, each of 256 bits", examples=[{"instance": "ISCC:IAA3LOOULR7YX7SW"}]
    )

    @classmethod
    def of(cls, stored: StoredFile | None) -> WholeFileValues | None:
        """Return the values as answered."""
        if stored is None:
            return None
        whole, kind = stored.whole, stored.kind
        return cls(
            videohash=whole.videohash.hex() if whole.videohash else None,
            iscc=code(whole, kind),
            iscc_units=units(whole, kind),
        )


class AssetOfEntry(Answer):
    asset_id: UuidText = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    role: Role
    sha256: Sha256 | None = Field(
        description="null if a hash list gave only another hash. Without the scope `signals`, also null for"
        " other organizations' media and for keys with only the role `lookup`",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    filename: str = Field(examples=["clip.mp4"])
    kind: Kind | None = Field(examples=["video"])
    duration: float | None = Field(examples=[8.1])
    width: int | None = Field(examples=[640])
    height: int | None = Field(examples=[360])
    bytes: int | None = Field(examples=[1048576])
    status: AssetStatus = Field(examples=["fingerprinted"])
    error: Failure | None = Field(examples=[None])
    media_kept: bool = Field(examples=[True])
    notes: list[str]
    progress: float = Field(examples=[1.0])
    segments: Segments | None = Field(
        description="progress of a long video while it is read", examples=[None]
    )
    frames: int = Field(examples=[17])
    faces: int = Field(examples=[9])
    algorithms: list[str] = Field(examples=[["face.sface.1", "pdq.1", "phash256.1", "sscd.1"]])
    provenance: AssetProvenance | None = Field(None, description="null: its file was not examined")
    file: WholeFileValues | None = Field(
        None, description="values of the whole file; shown to whom `sha256` is. null: not computed yet"
    )
    matchable_at: TimeText | None = Field(examples=["2026-01-31T09:30:04+00:00"])

    def show_digests(self, stored: StoredFile | None, *, shown: bool) -> None:
        """Add the values of the whole file. Unless `shown`, hide them and the SHA-256."""
        self.sha256 = self.sha256 if shown else None
        self.file = WholeFileValues.of(stored) if shown else None


class Variant(Answer):
    """Another entry of a family of variants."""

    entry_id: UuidText = Field(examples=["b7f4c7a2-0a5d-4d0e-8f52-6f0f3a3f9d11"])
    title: str = Field(examples=["Councillor, face-swapped, short"])
    language: str | None = Field(examples=["en"])
    status: EntryStatus = Field(examples=["matchable"])
    bank: str = Field(examples=["default"])


class Entry(EntrySummary):
    depicted: list[dict[str, Any]] = Field(
        description="name, url, role; only public names for other organizations",
        examples=[
            [{"name": "Dolores Ibáñez", "url": "https://council.example/ibanez", "role": "councillor"}]
        ],
    )
    seen: list[dict[str, Any]] = Field(
        description="url, platform, at, channel, note; only for your organization",
        examples=[
            [
                {"platform": "Telegram", "channel": "messaging", "at": "2026-01-30T22:10:00+01:00"},
                {"url": "https://video.example/watch/1", "channel": "public", "at": "2026-01-31"},
            ]
        ],
    )
    evidence: str | None = Field(
        examples=["The footage is a 2024 interview; the face was replaced from 0:03 on."]
    )
    variants: list[Variant] = Field(description="other entries of the same family of variants", examples=[[]])
    listing: Part | None = Field(
        description="opinion, tags, said: data of the hash list that the entry came from; only for your "
        "organization",
        examples=[None],
    )
    foreign: list[ForeignEntry] = Field(
        description="other registries that published it; empty: registered here"
    )
    review: Part | None = Field(
        description="own_tier, own_original_tier, suspended_for, opinions; only for your organization",
        examples=[
            {
                "own_tier": "reviewed",
                "own_original_tier": "unreviewed",
                "suspended_for": None,
                "opinions": {
                    "true_positive": 4,
                    "false_positive": 1,
                    "confirming": 2,
                    "denying": 1,
                    "latest": "2026-02-01T08:00:00+00:00",
                },
            }
        ],
    )
    assets: list[AssetOfEntry]


class EntryPage(Answer):
    entries: list[EntrySummary]
    next: str | None = Field(description="value of `after` for the next page; null: this is the last page")


class RegisteredAsset(Answer):
    asset_id: UuidText = Field(examples=["0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21"])
    sha256: Sha256 = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    role: Role
    status: AssetStatus
    created: bool = Field(examples=[True])


class Duplicate(Answer):
    entry_id: UuidText
    asset_id: UuidText
    sha256: Sha256
    title: str
    bank: str


class Registered(Answer):
    """The registered entry. `created` false: an entry of the bank already holds these fakes."""

    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    status: EntryStatus
    created: bool = Field(examples=[True])
    assets: list[RegisteredAsset]
    duplicates: list[Duplicate] = Field(examples=[[]])


class AddedAsset(RegisteredAsset):
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
