"""What goes in and comes out about notices, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.verdict import Verdict
from registry.core.http.schemas import Answer, BodyId, Request, TimeText, UuidText
from registry.review.disputes import model as dispute
from registry.review.queue.schemas import Prose
from registry.takedown.campaigns.schemas import Elements, EntryId, Ids, NoticeId, RegimeId
from registry.takedown.clients.schemas import Name
from registry.takedown.notices.model import notice
from registry.takedown.replies.schemas import StatementSaid
from registry.takedown.reports.schemas import DsaClassification


class NewPlace(Request):
    """Where the fake is: a `url`, or a `platform` with its `content_id`."""

    url: str | None = Field(None, max_length=2_100_000, examples=["https://videos.example/watch/123"])
    platform: str | None = Field(None, max_length=100)
    content_id: str | None = Field(None, max_length=500)
    note: str | None = Field(None, max_length=2000, examples=["first upload"])
    seen_at: str | None = Field(None, max_length=40)
    entry_id: EntryId | None = Field(None, description="where the campaign is about several")
    regime: RegimeId | None = Field(None, description="absent: the first under which the platform is asked")


class NewPlaces(Request):
    """Each of these becomes a notice."""

    places: list[NewPlace] = Field(min_length=1, max_length=10_000)


class NewAnswers(Request):
    """What is answered to a regime's questions."""

    regime: RegimeId = Field(examples=["dsa16"])
    answers: dict[str, Literal["yes", "no"]] = Field(
        max_length=50,
        examples=[
            {
                "in_union": "yes",
                "hosting": "yes",
                "minor": "no",
                "consent": "no",
                "satire": "no",
                "reporting": "no",
            }
        ],
    )
    notice_ids: Ids | None = Field(None, description="absent: all under the regime that were not sent")


class NewGround(Request):
    """You stand for it that the fake is there."""

    notice_ids: Ids = Field(examples=[["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"]])
    ground: notice.Ground = Field(
        description="match: a lookup matched it; seen: you saw it there", examples=["seen"]
    )


class NewMatch(Request):
    notice_id: NoticeId = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="of what is there, asked by your organization",
        examples=["0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"],
    )


class NewMatches(Request):
    """What lookups said of the media at places."""

    matches: list[NewMatch] = Field(min_length=1, max_length=1000)


class NewPreparation(Request):
    """Which notices are looked at."""

    notice_ids: Ids | None = Field(None, description="absent: all that were not sent")
    dry_run: bool = Field(False, examples=[True])


class NoticePatch(Request):
    """A notice's own elements, in place of those it had."""

    elements: Elements = Field(examples=[{"explanation": "The same, with her name in the title."}])


class NewMove(Request):
    """What became of a notice."""

    act: notice.Done
    reason_code: str = Field("by_person", pattern=r"^[a-z_]{1,40}$", examples=["receipt"])
    words: Prose | None = Field(None, description="why, in words; stored encrypted")


class NewCounterNotice(Request):
    """What is said against a notice, and by whom."""

    kind: dispute.Kind
    standing: dispute.Standing = Field(examples=["author"])
    statement: Prose = Field(description="stored encrypted", examples=["It is a sketch of our programme."])
    contact: Name | None = None


class RowFault(Answer):
    line: int = Field(examples=[3])
    sheet: str = Field(description="of a workbook", examples=[""])
    code: str = Field(examples=["dangerous_scheme"])
    message: str = Field(examples=["The address begins with javascript:."])
    next_step: str | None = Field(examples=["Give an http(s) address."])
    given: str = Field(description="what stood there, cut short", examples=["javascript:alert(1)"])


class RowRemark(Answer):
    """What a person should know of an address that was taken."""

    line: int = Field(examples=[1])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    codes: list[str] = Field(examples=[["scheme_assumed"]])


class RowRepeat(Answer):
    """A row that shows what another does, and that one's notice."""

    line: int = Field(examples=[2])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])


class RowNotice(Answer):
    line: int = Field(examples=[1])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    file: str = Field(description="the media that the row names", examples=["clip.mp4"])
    sha256: str = Field(examples=[""])


class PlatformAdded(Answer):
    platform: str = Field(examples=["videos.example"])
    notices: int = Field(examples=[1])


class UnreadLine(Answer):
    line: int = Field(examples=[7])
    given: str = Field(examples=["Please see these:"])


class AddedNotices(Answer):
    campaign_id: UuidText = Field(examples=["b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"])
    read: int = Field(examples=[3])
    added: int = Field(examples=[1])
    duplicates: int = Field(description="the campaign had them, or they came twice", examples=[1])
    rejected: int = Field(examples=[1])
    unread: int = Field(description="lines of a text in which no address stands", examples=[1])
    unread_lines: list[UnreadLine] = Field(description="10,000 at most: was one of them meant as an address?")
    platforms: list[PlatformAdded]
    faults: list[RowFault]
    remarks: list[RowRemark]
    repeats: list[RowRepeat]
    notices: list[RowNotice]


class AnswersKept(Answer):
    answered: int = Field(description="notices", examples=[140])
    open: list[str] = Field(description="questions that have no answer")
    stopped_by: list[str] = Field(description="answers by which nothing may be sent under that regime")
    in_scope: bool | None = Field(examples=[True])
    excepted: bool | None = Field(examples=[False])


class GroundKept(Answer):
    confirmed: int = Field(examples=[1])
    ground: notice.Ground = Field(examples=["seen"])


class MatchKept(Answer):
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    verdict: Verdict = Field(description="on the notice's entry")
    asset_id: UuidText | None = Field(examples=["a3c9d0e1-52b7-4f3f-8a2e-6f1f2f3c4d5e"])
    confidence: float | None = Field(examples=[0.98])


class MatchesKept(Answer):
    matches: list[MatchKept]


class ElementFault(Answer):
    element: str
    code: str
    message: str


class Lacking(Answer):
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    url: str | None = Field(examples=["https://videos.example/watch/123"])
    platform: str = Field(examples=["videos.example"])
    regime: str = Field(examples=["dsa16"])
    state: notice.Stand
    hindrances: list[str] = Field(
        description="why it cannot be sent: stable codes", examples=[["not_ready", "ground_unconfirmed"]]
    )
    said: list[str] = Field(
        description="the same in words",
        examples=[
            [
                "it is not ready, or its letter is prepared already",
                "no person has confirmed the match, or having seen it there",
            ]
        ],
    )
    elements: list[ElementFault] = Field(examples=[[]])
    questions: list[str] = Field(description="of the regime, without an answer")


class Preparation(Answer):
    campaign_id: UuidText = Field(examples=["b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"])
    checked: int = Field(examples=[140])
    prepared: int = Field(description="made ready by this call", examples=[139])
    sendable: int = Field(examples=[139])
    hindrances: dict[str, int] = Field(examples=[{"not_ready": 1, "ground_unconfirmed": 1}])
    notices: list[Lacking] = Field(description="the first thousand that something hinders")


class NoticeShown(Answer):
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    campaign_id: UuidText = Field(examples=["b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"])
    entry_id: UuidText = Field(examples=["3f0d7f6e-1d1c-4b6a-9c39-0c1d6f2b7a10"])
    regime: str = Field(examples=["dsa16"])
    platform: str = Field(examples=["videos.example"])
    url: str | None = Field(examples=["https://videos.example/watch/123"])
    content_id: str | None
    note: str | None
    seen_at: str | None
    state: notice.Stand = Field(
        description="prepared: its letter is fixed, and nobody has handed it over yet. handed_over: the mail "
        "server took it, or a person posted it. delivered: its platform's API or a receipt says so",
        examples=["ready"],
    )
    paused_for: list[notice.Pause]
    hindrances: list[str]
    complete: bool = Field(examples=[True])
    verdict: Verdict | None = Field(examples=["known_fake"])
    match: dict[str, Any] | None = Field(
        examples=[
            {
                "relation": "copy",
                "confidence": 0.98,
                "lookup_id": "0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c",
                "mixed": False,
            }
        ]
    )
    ground: notice.Ground | None = Field(examples=["match"])
    address_marks: list[str] = Field(description="why a person has to look at its address before it is sent")
    address_confirmed_at: TimeText | None
    answers: dict[str, str] = Field(
        examples=[
            {
                "in_union": "yes",
                "hosting": "yes",
                "minor": "no",
                "consent": "no",
                "satire": "no",
                "reporting": "no",
            }
        ]
    )
    in_scope: bool | None = Field(examples=[True])
    excepted: bool | None = Field(examples=[False])
    dispute_id: UuidText | None
    checked_at: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])
    confirmed_at: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])
    answered_at: TimeText | None = Field(examples=["2026-02-01T08:00:00+00:00"])
    created_at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])
    despite_dispute_at: TimeText | None = Field(
        description="when a person said to go on although it is disputed"
    )
    prepared_at: TimeText | None = Field(description="when its last letter was fixed")
    handed_over_at: TimeText | None = Field(
        description="of its last letter; its platform's term runs from then on"
    )
    delivered_at: TimeText | None = Field(description="of its last letter, by an API's answer or a receipt")
    due_at: TimeText | None
    acknowledged_at: TimeText | None
    removed_at: TimeText | None


class Move(Answer):
    number: int = Field(examples=[1])
    act: notice.Act
    from_state: notice.Stand | None
    to_state: notice.Stand
    caller_id: UuidText | None = Field(
        description="null: the service itself", examples=["6ecd8c99-4036-403d-bf84-cf8400f67836"]
    )
    caller: str | None = Field(examples=["lawyer"])
    reason_code: str = Field(examples=["added"])
    dispute_id: UuidText | None
    words: str | None
    at: TimeText = Field(examples=["2026-02-01T08:00:00+00:00"])


class NoticeWithHistory(NoticeShown):
    elements: dict[str, str | bool]
    moves: list[Move]
    dsa: DsaClassification = Field(description="what its platform is told that it is about")
    statements: list[StatementSaid] = Field(
        description="of reasons, by its platform; oldest first", examples=[[]]
    )


class NoticePage(Answer):
    notices: list[NoticeShown]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class NamedNotice(Answer):
    """A sent notice that a text names."""

    notice_id: UuidText
    campaign_id: UuidText
    platform: str
    url: str | None
    content_id: str | None
    state: notice.Stand


class NewAddressesConfirmed(Request):
    """You have looked at the addresses of these, and they are the ones that are meant."""

    notice_ids: Ids = Field(examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]])


class AddressConfirmed(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    url: str | None = Field(examples=["https://bit.ly/3xYz"])
    marks: list[str] = Field(description="what it was marked for", examples=[["shortener"]])


class AddressesConfirmed(Answer):
    confirmed: int = Field(examples=[1])
    unmarked: int = Field(description="those whose address nobody had to look at", examples=[0])
    addresses: list[AddressConfirmed] = Field(description="1,000 at most")


class NewGoingOn(Request):
    """Go on with these although their entry is disputed."""

    notice_ids: Ids = Field(examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]])


class GoneOn(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    gone_on: int = Field(examples=[1])
    undisputed: int = Field(description="those whose entry nobody disputes", examples=[0])
    disputes: list[UuidText] = Field(
        description="the open disputes of their entries", examples=[["0d9c1f57-6a0b-4a55-9d5f-2f6f3f1c1f55"]]
    )
