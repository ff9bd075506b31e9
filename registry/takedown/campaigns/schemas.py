"""Models of campaigns and their releases."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.entry import Tier
from registry.catalogue.entries.schemas.registration import EntryStatus
from registry.core.http.schemas import Answer, BodyId, Request, TimeText, UuidText
from registry.review.queue.schemas import Prose
from registry.takedown.campaigns.model import ReleasedField
from registry.takedown.clients.schemas import Email, MandateId, MandateShown, Name
from registry.takedown.notices.model import notice
from registry.takedown.reports.schemas import StatementCount

RegimeId = Annotated[str, Field(max_length=40, description="dsa16, take_it_down, aepd, …")]
Elements = Annotated[
    dict[str, str | bool],
    Field(max_length=50, description="by ids of the regime's elements; `true` confirms a statement"),
]
EntryId = Annotated[UUID, BodyId("Entry")]
NoticeId = Annotated[UUID, BodyId("Notice")]
Ids = Annotated[list[NoticeId], Field(min_length=1, max_length=10_000)]


class SignatoryData(Request):
    """The signatory."""

    name: Name = Field(examples=["Lucía Letrada"])
    capacity: str = Field(
        max_length=40, description="depicted_person, representative, guardian, …", examples=["representative"]
    )
    email: Email = Field(examples=["lucia@bufete.example"])
    address: Prose | None = Field(None, examples=["Calle Mayor 1, 52001 Melilla"])
    signature: Name | None = Field(None, description="absent: the name")
    good_faith: bool = Field(
        False, description="the signatory makes the regime's good-faith declaration", examples=[True]
    )


class NewCampaignData(Request):
    """A campaign of a client."""

    title: Name = Field(examples=["Face swaps of Ana"])
    client_id: Annotated[UUID, BodyId("Client")] = Field(examples=["2c1d0f9e-3b4a-4c5d-8e6f-7a8b9c0d1e2f"])
    mandate_id: MandateId = Field(examples=["7d3e5a1b-9c2f-4b8e-a6d4-0f1e2d3c4b5a"])
    entry_ids: list[EntryId] = Field(max_length=1000, examples=[["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"]])
    regimes: list[RegimeId] = Field(
        min_length=1, max_length=20, description="in order of preference", examples=[["dsa16"]]
    )
    language: str = Field(
        "en", pattern=r"^[a-z]{2}$", description="used if the platform names none", examples=["es"]
    )
    signatory: SignatoryData | None = Field(None, examples=[SignatoryData.example()])
    elements: Elements = Field(
        {},
        description="shared by all its notices",
        examples=[
            {
                "explanation": "A face swap that shows her in acts she never took part in.",
                "legal_provision": "Article 197.7 of the Spanish Criminal Code.",
            }
        ],
    )


class CampaignPatch(Request):
    """Changes of a campaign. Absent fields do not change. `elements` replaces all elements."""

    title: Name | None = None
    mandate_id: MandateId | None = Field(None, examples=["7d3e5a1b-9c2f-4b8e-a6d4-0f1e2d3c4b5a"])
    language: str | None = Field(None, pattern=r"^[a-z]{2}$")
    signatory: SignatoryData | None = None
    elements: Elements | None = None


class NewCampaignEntry(Request):
    """A further fake of the campaign."""

    entry_id: EntryId = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])


class CampaignHead(Answer):
    campaign_id: UuidText = Field(examples=["b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"])
    title: str | None = Field(description="null: the client was erased", examples=["Face swaps of Ana"])
    client_id: UuidText = Field(examples=["2c1d0f9e-3b4a-4c5d-8e6f-7a8b9c0d1e2f"])
    mandate_id: UuidText = Field(examples=["7d3e5a1b-9c2f-4b8e-a6d4-0f1e2d3c4b5a"])
    mandate_holds: bool = Field(examples=[True])
    regimes: list[str] = Field(examples=[["dsa16"]])
    language: str = Field(examples=["es"])
    state: Literal["open", "closed"]
    created_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    closed_at: TimeText | None


class CampaignSummary(CampaignHead):
    notices: int = Field(examples=[140])


class CampaignPage(Answer):
    campaigns: list[CampaignSummary]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class CampaignClient(Answer):
    name: str | None = Field(examples=["Partido de Ejemplo"])
    depicted_name: str | None = Field(examples=["Ana Ejemplo"])


class CampaignEntry(Answer):
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    title: str | None = Field(examples=["Councillor, face-swapped"])
    status: EntryStatus = Field(examples=["matchable"])
    tier: Tier = Field(examples=["reviewed"])
    sendable: bool = Field(description="no hindrance comes from the entry itself", examples=[True])
    disputed: bool


class NoticeCount(Answer):
    state: notice.Stand = Field(examples=["ready"])
    regime: str = Field(examples=["dsa16"])
    notices: int = Field(examples=[140])
    paused: int = Field(examples=[0])
    overdue: int = Field(examples=[0])


class PlatformCount(Answer):
    platform: str = Field(examples=["videos.example"])
    notices: int = Field(examples=[140])
    not_handed_over: int = Field(
        description="notices that were not handed over yet, or not again", examples=[140]
    )
    removed: int = Field(examples=[0])


class SignatoryShown(Answer):
    name: str = Field(examples=["Lucía Letrada"])
    capacity: str = Field(examples=["representative"])
    email: str = Field(examples=["lucia@bufete.example"])
    address: str | None = Field(examples=["Calle Mayor 1, 52001 Melilla"])
    signature: str | None
    good_faith: bool = Field(examples=[True])


class CampaignShown(CampaignHead):
    client: CampaignClient
    mandate: MandateShown
    signatory: SignatoryShown | None
    elements: dict[str, str | bool] = Field(
        examples=[
            {
                "explanation": "A face swap that shows her in acts she never took part in.",
                "legal_provision": "Article 197.7 of the Spanish Criminal Code.",
            }
        ]
    )
    entries: list[CampaignEntry]
    notices: list[NoticeCount]
    platforms: list[PlatformCount]
    statements: list[StatementCount] = Field(description="platforms' statements of reasons")
    recurrences_proposed: int = Field(description="recurrences on which you have to decide", examples=[0])
    retractions_due: int = Field(
        description="notices to be retracted because a dispute was upheld", examples=[0]
    )


class NewRelease(Request):
    """Fields of a campaign that an export for a recipient shows unredacted."""

    recipient: str = Field(max_length=100, description="a short name, such as lumen", examples=["lumen"])
    fields: list[ReleasedField] = Field(
        max_length=6, description="`texts` needs all other fields", examples=[["places"]]
    )
    valid_until: str = Field(
        max_length=40,
        description="ISO 8601 with its offset, within a year",
        examples=["2026-12-31T00:00:00+01:00"],
    )


class Release(Answer):
    release_id: UuidText = Field(examples=["2e1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f15"])
    recipient: str = Field(examples=["lumen"])
    fields: list[ReleasedField] = Field(examples=[["places"]])
    holds: bool = Field(examples=[True])
    valid_until: TimeText = Field(examples=["2026-12-30T23:00:00+00:00"])
    revoked_at: TimeText | None
    caller_id: UuidText = Field(examples=["1f1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f16"])
    caller: str = Field(examples=["Legal desk"])
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])


class Releases(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    releases: list[Release]
