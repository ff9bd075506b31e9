"""What goes in and what comes out, as models. Requests are validated by them; answers are documented by them
and sent as the actions made them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from registry.api.examined_models import Examined
from registry.api.origin_models import AssetProvenance, MediumProvenance, Provenance
from registry.api.seen_models import Placed, WatchDays
from registry.api.signal_models import Foreign, ForeignEntry, Signals
from registry.domain.decision import Verdict
from registry.domain.entry import Manipulation, Tier
from registry.domain.media import Kind, Role

Sha256 = Annotated[str, Field(description="64 hex digits", examples=["9f86d081884c7d65…"])]
Seconds = tuple[float, float]
EntryStatus = Literal["pending", "matchable", "failed", "suspended", "withdrawn"]
AssetStatus = Literal["pending", "fingerprinted", "failed"]
Relation = Literal["copy", "same_footage_other_face", "original", "same_person", "audio"]
Document = Annotated[
    dict[str, Any], WithJsonSchema({"allOf": [{"$ref": "#/components/schemas/FingerprintDocument"}]})
]
BankName = Annotated[str, Field(max_length=100, description="name or id of a bank")]


class Request(BaseModel):
    """A request's body: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class DocumentLookup(Placed):
    """Is this fingerprint a known fake's?"""

    type: Literal["document"]
    value: Document
    bank: BankName | None = None
    watch_days: WatchDays | None = None


class Sha256Lookup(Placed):
    """Is this very file known?"""

    type: Literal["sha256"]
    value: Annotated[str, Field(description="64 hex digits")]
    bank: BankName | None = None
    watch_days: WatchDays | None = None


class Md5Lookup(Placed):
    """Is a file of this MD5 known? Hash lists have it; it says less than a sha256."""

    type: Literal["md5"]
    value: Annotated[str, Field(description="32 hex digits")]
    bank: BankName | None = None


class HashLookup(Placed):
    """Is a picture with this hash known? One frame: at most `related`."""

    type: Literal["hash"]
    algorithm: Annotated[str, Field(description="phash256.1, pdq.1 or sscd.1")]
    value: Annotated[str, Field(description="hex; base64 of little-endian float16 for sscd.1")]
    bank: BankName | None = None
    watch_days: WatchDays | None = None
    exact: bool = Field(False, description="compare with every hash there is; takes seconds, needs `signals`")


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


class Answer(BaseModel):
    """What is answered. Fields may be added; none is taken away."""


class DocumentSize(Answer):
    bytes: int
    width: int
    height: int


class FingerprintDocument(Answer):
    """Version 1, `application/vnd.fakeprint+json`; schema/fingerprint-document.v1.json says all of it."""

    version: Literal[1]
    generator: str | None = None
    sha256: Sha256
    kind: Kind
    duration: float = Field(description="seconds, 0 for an image")
    size: DocumentSize
    notes: list[str] = []
    algorithms: dict[str, Any]


class Fault(Answer):
    where: str
    message: str


class Problem(Answer):
    """RFC 9457. Branch on `code`: it is stable."""

    type: str = Field(description="urn:fakeprint:error:CODE")
    title: str
    status: int
    detail: str
    code: str
    next_step: str = Field(description="what to do about it, in a sentence")
    instance: str = Field(description="urn:fakeprint:request:ID")
    request_id: str
    errors: list[Fault] | None = Field(None, description="with bad_input: every field that is wrong")


class Span(Answer):
    """A stretch of the query aligned with a stretch of the asset, in seconds."""

    query: Seconds
    asset: Seconds
    speed: float
    mirrored: bool


class Coverage(Answer):
    """Shares of the query and of the asset that are aligned, 0-1."""

    query: float
    asset: float


class Match(Answer):
    """An asset of an entry; with relation `same_person` an enrolled person, who stands in no entry."""

    entry_id: str | None
    asset_id: str | None
    person_id: str | None = Field(
        None, description="with relation `same_person`: who, for callers with the scope `faces` alone"
    )
    title: str
    bank: str | None
    tier: Tier | None
    relation: Relation | None
    verdict: Verdict
    reasons: list[str]
    confidence: float | None = Field(description="as the answer's; null with the verdict `related`")
    action: str | None = Field(None, description="what its bank says is to be done: a code of the bank's own")
    exact: bool
    coverage: Coverage
    spans: list[Span]
    signals: Signals | None
    provenance: MediumProvenance | None = Field(None, description="null: nobody has read its file")
    foreign: list[Foreign] = Field([], description="other registries that say it; empty: registered here")
    references: list[dict[str, Any]]


class Timing(Answer):
    """Milliseconds; a stage that did not run here is 0."""

    fingerprint: float
    candidates: float
    align: float
    total: float


class LookupWatch(Answer):
    """Its fingerprint is kept until then."""

    watch_id: str
    expires_at: str


class LookupAnswer(Examined):
    """The verdict and what it rests on."""

    lookup_id: str
    verdict: Verdict
    reasons: list[str]
    mixed: bool = Field(
        description="a fake and its original both are in it: the matches' `spans` say where; a person decides"
    )
    confidence: float | None = Field(
        description="that the verdict is right, 0-1, for `known_fake` and `authentic_original`; else null"
    )
    action: str | None = Field(None, description="the gravest of the matches'; `review` where `mixed`")
    provenance: Provenance | None = Field(None, description="of the file, by C2PA; null where nobody read it")
    matches: list[Match]
    timing_ms: Timing
    model: str
    notes: list[str]
    sampling: Literal["full", "keyframes", "digest"] = Field(
        description="what the answer rests on: all that was sent, a video's keyframes, or the sha256 alone"
    )
    watch: LookupWatch | None = Field(None, description="present where it is watched")
    scope: Literal["exact_only"] | None = Field(
        None, description="present where only the sha256 or the MD5 was compared"
    )
    as_of: str | None = Field(None, description="while the primary database is away: as of when it answers")
    rollout: Rollout | None = Field(None, description="present where banks of the caller's own withhold it")


class Rollout(Answer):
    withheld: int = Field(description="matches of the caller's own banks that are not rolled out yet")
    verdict: Verdict = Field(description="what the answer would be with them")


class QueuedLookup(Answer):
    """A worker has not answered yet: GET `url` after `retry_after` seconds, until it answers 200."""

    lookup_id: str
    status: Literal["queued"]
    url: str = Field(description="path of the lookup on this service, as in the header `Location`")
    retry_after: int = Field(description="seconds to wait, as in the header `Retry-After`")


class Failure(Answer):
    code: str
    message: str


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
