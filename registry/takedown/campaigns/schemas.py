"""What goes in and comes out about clients and campaigns, as models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.schemas.registration import EntryStatus
from registry.core.http.schemas import Answer, BodyId, Request
from registry.review.queue.schemas import Digest, Prose
from registry.takedown.notices.model import notice
from registry.takedown.reports.schemas import StatementCount

Name = Annotated[str, Field(max_length=300)]
Email = Annotated[str, Field(max_length=254)]
When = Annotated[datetime, Field(strict=False, description="with its offset: 2026-11-25T10:00:00+01:00")]
RegimeId = Annotated[str, Field(max_length=40, description="dsa16, take_it_down, aepd, …")]
Elements = Annotated[
    dict[str, str | bool],
    Field(max_length=50, description="by the ids of the regime's elements; statements are confirmed by true"),
]
EntryId = Annotated[UUID, BodyId("Entry")]
NoticeId = Annotated[UUID, BodyId("Notice")]
MandateId = Annotated[UUID, BodyId("Mandate")]
Ids = Annotated[list[NoticeId], Field(min_length=1, max_length=10_000)]


class NewClient(Request):
    """For whom; all of it is kept sealed under a key of its own."""

    name: Name
    depicted_name: Name = Field(description="who is shown in the fake")
    email: Email | None = None
    address: Prose | None = None
    country: str | None = Field(None, max_length=2, description="ISO 3166-1")


class NewMandate(Request):
    """The leave of whoever is depicted; its document stays with you."""

    granted_by: notice.GrantedBy = Field(description="self: whoever is depicted")
    document_sha256: Digest
    valid_from: When
    valid_until: When


class SignatoryData(Request):
    """Who signs."""

    name: Name
    capacity: str = Field(max_length=40, description="depicted_person, representative, guardian, …")
    email: Email
    address: Prose | None = None
    signature: Name | None = Field(None, description="as typed; absent: the name")
    good_faith: bool = Field(False, description="they declare in good faith what the regime words")


class NewCampaignData(Request):
    """A campaign of a client."""

    title: Name
    client_id: Annotated[UUID, BodyId("Client")]
    mandate_id: MandateId
    entry_ids: list[EntryId] = Field(max_length=1000)
    regimes: list[RegimeId] = Field(min_length=1, max_length=20, description="in order of preference")
    language: str = Field("en", pattern=r"^[a-z]{2}$", description="where a platform names none")
    signatory: SignatoryData | None = None
    elements: Elements = Field({}, description="what all its notices say")


class CampaignPatch(Request):
    """What is absent stays as it is. `elements` in place of all that were there."""

    title: Name | None = None
    mandate_id: MandateId | None = None
    language: str | None = Field(None, pattern=r"^[a-z]{2}$")
    signatory: SignatoryData | None = None
    elements: Elements | None = None


class NewCampaignEntry(Request):
    """One more fake that the campaign is about."""

    entry_id: EntryId


class MandateShown(Answer):
    mandate_id: str
    granted_by: notice.GrantedBy
    document_sha256: str
    valid_from: str
    valid_until: str
    revoked_at: str | None
    holds: bool = Field(description="now")


class ClientSummary(Answer):
    """Texts are null once they were erased."""

    client_id: str
    name: str | None
    depicted_name: str | None
    email: str | None
    address: str | None
    country: str | None
    created_at: str
    erased_at: str | None


class ClientShown(ClientSummary):
    mandates: list[MandateShown] = Field(description="newest first")


class ClientPage(Answer):
    clients: list[ClientSummary]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class CampaignHead(Answer):
    campaign_id: str
    title: str | None = Field(description="null: the client was erased")
    client_id: str
    mandate_id: str
    mandate_holds: bool
    regimes: list[str]
    language: str
    state: Literal["open", "closed"]
    created_at: str
    closed_at: str | None


class CampaignSummary(CampaignHead):
    notices: int


class CampaignPage(Answer):
    campaigns: list[CampaignSummary]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class CampaignClient(Answer):
    name: str | None
    depicted_name: str | None


class CampaignEntry(Answer):
    entry_id: str
    title: str | None
    status: EntryStatus
    tier: Tier
    sendable: bool = Field(description="nothing about the entry itself keeps notices from being sent")
    disputed: bool


class NoticeCount(Answer):
    state: notice.Stand
    regime: str
    notices: int
    paused: int
    overdue: int


class PlatformCount(Answer):
    platform: str
    notices: int
    not_handed_over: int = Field(description="whose platform was not asked yet, or not again")
    removed: int


class SignatoryShown(Answer):
    name: str
    capacity: str
    email: str
    address: str | None
    signature: str | None
    good_faith: bool


class CampaignShown(CampaignHead):
    client: CampaignClient
    mandate: MandateShown
    signatory: SignatoryShown | None
    elements: dict[str, str | bool]
    entries: list[CampaignEntry]
    notices: list[NoticeCount]
    platforms: list[PlatformCount]
    statements: list[StatementCount] = Field(description="of reasons, by platforms")
    recurrences_proposed: int = Field(description="places where what was removed may be again: you decide")
    retractions_due: int = Field(description="notices to be taken back, since a dispute was upheld")


class RegimeSource(Answer):
    law: str
    article: str
    url: str


class RegimeDue(Answer):
    unit: str = Field(description="hours, days, working_days; stated: as the order says")
    amount: int
    zone: str
    starts: str
    binding: bool = Field(description="a law sets it; else it is when we ask again")
    why: str


class RegimeElement(Answer):
    id: str
    kind: str
    required: bool
    question: str
    statement: str | None = Field(description="the words that are confirmed by true")


class RegimeQuestion(Answer):
    id: str
    needs: str = Field(description="the answer without which nothing is sent; any: it is kept")
    ask: str
    why: str


class RegimeShown(Answer):
    regime: str
    version: str
    jurisdiction: str
    title: str
    sources: list[RegimeSource]
    due: RegimeDue
    may_sign: list[str]
    elements: list[RegimeElement] = Field(description="what a person says")
    questions: list[RegimeQuestion]


class RegimeList(Answer):
    regimes: list[RegimeShown]
