"""What goes in and comes out about notices, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from registry.catalogue.entries.model.verdict import Verdict
from registry.core.http.schemas import Answer, BodyId, Request
from registry.review.disputes import model as dispute
from registry.review.queue.schemas import Prose
from registry.takedown.campaigns.schemas import Elements, EntryId, Ids, Name, NoticeId, RegimeId
from registry.takedown.notices.model import notice
from registry.takedown.reports.schemas import DsaClassification, StatementSaid


class NewPlace(Request):
    """Where the fake is: a `url`, or a `platform` with its `content_id`."""

    url: str | None = Field(None, max_length=2_100_000)
    platform: str | None = Field(None, max_length=100)
    content_id: str | None = Field(None, max_length=500)
    note: str | None = Field(None, max_length=2000)
    seen_at: str | None = Field(None, max_length=40)
    entry_id: EntryId | None = Field(None, description="where the campaign is about several")
    regime: RegimeId | None = Field(None, description="absent: the first under which the platform is asked")


class NewPlaces(Request):
    """Each of these becomes a notice."""

    places: list[NewPlace] = Field(min_length=1, max_length=10_000)


class NewAnswers(Request):
    """What is answered to a regime's questions."""

    regime: RegimeId
    answers: dict[str, Literal["yes", "no"]] = Field(max_length=50)
    notice_ids: Ids | None = Field(None, description="absent: all under the regime that were not sent")


class NewGround(Request):
    """You stand for it that the fake is there."""

    notice_ids: Ids
    ground: notice.Ground = Field(description="match: a lookup matched it; seen: you saw it there")


class NewMatch(Request):
    notice_id: NoticeId
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="of what is there, asked by your organization"
    )


class NewMatches(Request):
    """What lookups said of the media at places."""

    matches: list[NewMatch] = Field(min_length=1, max_length=1000)


class NewPreparation(Request):
    """Which notices are looked at."""

    notice_ids: Ids | None = Field(None, description="absent: all that were not sent")
    dry_run: bool = False


class NoticePatch(Request):
    """A notice's own elements, in place of those it had."""

    elements: Elements


class NewMove(Request):
    """What became of a notice."""

    act: notice.Done
    reason_code: str = Field("by_person", pattern=r"^[a-z_]{1,40}$")
    words: Prose | None = Field(None, description="why, in words; kept sealed")


class NewCounterNotice(Request):
    """What is said against a notice, and by whom."""

    kind: dispute.Kind
    standing: dispute.Standing
    statement: Prose = Field(description="kept sealed")
    contact: Name | None = None


class RowFault(Answer):
    line: int
    sheet: str = Field(description="of a workbook")
    code: str
    message: str
    next_step: str | None
    given: str = Field(description="what stood there, cut short")


class RowRemark(Answer):
    """What a person should know of an address that was taken."""

    line: int
    notice_id: str
    codes: list[str]


class RowRepeat(Answer):
    """A row that shows what another does, and that one's notice."""

    line: int
    notice_id: str


class RowNotice(Answer):
    line: int
    notice_id: str
    file: str = Field(description="the media that the row names")
    sha256: str


class PlatformAdded(Answer):
    platform: str
    notices: int


class UnreadLine(Answer):
    line: int
    given: str


class AddedNotices(Answer):
    campaign_id: str
    read: int
    added: int
    duplicates: int = Field(description="the campaign had them, or they came twice")
    rejected: int
    unread: int = Field(description="lines of a text in which no address stands")
    unread_lines: list[UnreadLine] = Field(description="10,000 at most: was one of them meant as an address?")
    platforms: list[PlatformAdded]
    faults: list[RowFault]
    remarks: list[RowRemark]
    repeats: list[RowRepeat]
    notices: list[RowNotice]


class AnswersKept(Answer):
    answered: int = Field(description="notices")
    open: list[str] = Field(description="questions that have no answer")
    stopped_by: list[str] = Field(description="answers by which nothing may be sent under that regime")
    in_scope: bool | None
    excepted: bool | None


class GroundKept(Answer):
    confirmed: int
    ground: notice.Ground


class MatchKept(Answer):
    notice_id: str
    verdict: Verdict = Field(description="on the notice's entry")
    asset_id: str | None
    confidence: float | None


class MatchesKept(Answer):
    matches: list[MatchKept]


class ElementFault(Answer):
    element: str
    code: str
    message: str


class Lacking(Answer):
    notice_id: str
    url: str | None
    platform: str
    regime: str
    state: notice.Stand
    hindrances: list[str] = Field(description="why it cannot be sent: stable codes")
    said: list[str] = Field(description="the same in words")
    elements: list[ElementFault]
    questions: list[str] = Field(description="of the regime, without an answer")


class Preparation(Answer):
    campaign_id: str
    checked: int
    prepared: int = Field(description="made ready by this call")
    sendable: int
    hindrances: dict[str, int]
    notices: list[Lacking] = Field(description="the first thousand that something hinders")


class NoticeShown(Answer):
    notice_id: str
    campaign_id: str
    entry_id: str
    regime: str
    platform: str
    url: str | None
    content_id: str | None
    note: str | None
    seen_at: str | None
    state: notice.Stand = Field(
        description="prepared: its letter is fixed, and nobody has handed it over yet. handed_over: the mail "
        "server took it, or a person posted it. delivered: its platform's API or a receipt says so"
    )
    paused_for: list[notice.Pause]
    hindrances: list[str]
    complete: bool
    verdict: Verdict | None
    match: dict[str, Any] | None
    ground: notice.Ground | None
    address_marks: list[str] = Field(description="why a person has to look at its address before it is sent")
    address_confirmed_at: str | None
    answers: dict[str, str]
    in_scope: bool | None
    excepted: bool | None
    dispute_id: str | None
    checked_at: str | None
    confirmed_at: str | None
    answered_at: str | None
    created_at: str
    despite_dispute_at: str | None = Field(description="when a person said to go on although it is disputed")
    prepared_at: str | None = Field(description="when its last letter was fixed")
    handed_over_at: str | None = Field(
        description="of its last letter; its platform's term runs from then on"
    )
    delivered_at: str | None = Field(description="of its last letter, by an API's answer or a receipt")
    due_at: str | None
    acknowledged_at: str | None
    removed_at: str | None


class Move(Answer):
    number: int
    act: notice.Act
    from_state: notice.Stand | None
    to_state: notice.Stand
    caller_id: str | None = Field(description="null: the service itself")
    caller: str | None
    reason_code: str
    dispute_id: str | None
    words: str | None
    at: str


class NoticeWithHistory(NoticeShown):
    elements: dict[str, str | bool]
    moves: list[Move]
    dsa: DsaClassification = Field(description="what its platform is told that it is about")
    statements: list[StatementSaid] = Field(description="of reasons, by its platform; oldest first")


class NoticePage(Answer):
    notices: list[NoticeShown]
    next: str | None = Field(description="`after` for the next page; null: this is the last")
