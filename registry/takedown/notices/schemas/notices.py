"""Models of notices."""

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
    """The place of a fake: a `url`, or a `platform` with its `content_id`."""

    url: str | None = Field(None, max_length=2_100_000, examples=["https://videos.example/watch/123"])
    platform: str | None = Field(None, max_length=100)
    content_id: str | None = Field(None, max_length=500)
    note: str | None = Field(None, max_length=2000, examples=["first upload"])
    seen_at: str | None = Field(None, max_length=40)
    entry_id: EntryId | None = Field(None, description="required if the campaign has several entries")
    regime: RegimeId | None = Field(None, description="absent: the campaign's first regime for that platform")


class NewPlaces(Request):
    """Places: each becomes a notice."""

    places: list[NewPlace] = Field(min_length=1, max_length=10_000)


class NewAnswers(Request):
    """Answers to a regime's questions."""

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
    notice_ids: Ids | None = Field(None, description="absent: all notices of the regime that were not sent")


class NewGround(Request):
    """Your confirmation that the fake is at these places."""

    notice_ids: Ids = Field(examples=[["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"]])
    ground: notice.Ground = Field(
        description="match: a lookup matched it; seen: you saw it there", examples=["seen"]
    )


class NewMatch(Request):
    notice_id: NoticeId = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="your organization's lookup of the content there",
        examples=["0b7a2c9e-8d1f-4e6a-b3c5-7d9e1f2a3b4c"],
    )


class NewMatches(Request):
    """Lookups of the content at the places of notices."""

    matches: list[NewMatch] = Field(min_length=1, max_length=1000)


class NewPreparation(Request):
    """The notices to check."""

    notice_ids: Ids | None = Field(None, description="absent: all notices that were not sent")
    dry_run: bool = Field(False, examples=[True])


class NoticePatch(Request):
    """A notice's own elements. They replace earlier ones."""

    elements: Elements = Field(examples=[{"explanation": "The same, with her name in the title."}])


class NewMove(Request):
    """The result of a notice, or a decision on it."""

    act: notice.Done
    reason_code: str = Field("by_person", pattern=r"^[a-z_]{1,40}$", examples=["receipt"])
    words: Prose | None = Field(None, description="the reason, in words; stored encrypted")


class NewCounterNotice(Request):
    """A counter-notice."""

    kind: dispute.Kind
    standing: dispute.Standing = Field(examples=["author"])
    statement: Prose = Field(description="stored encrypted", examples=["It is a sketch of our programme."])
    contact: Name | None = None


class RowFault(Answer):
    line: int = Field(examples=[3])
    sheet: str = Field(description="the sheet of a workbook", examples=[""])
    code: str = Field(examples=["dangerous_scheme"])
    message: str = Field(examples=["The address begins with javascript:."])
    next_step: str | None = Field(examples=["Give an http(s) address."])
    given: str = Field(description="the input, shortened", examples=["javascript:alert(1)"])


class RowRemark(Answer):
    """Marks of an accepted address that a person should look at."""

    line: int = Field(examples=[1])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    codes: list[str] = Field(examples=[["scheme_assumed"]])


class RowRepeat(Answer):
    """A duplicate row, and the notice of its place."""

    line: int = Field(examples=[2])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])


class RowNotice(Answer):
    line: int = Field(examples=[1])
    notice_id: UuidText = Field(examples=["e9a8b7c6-d5e4-4f3a-8b2c-1d0e9f8a7b6c"])
    file: str = Field(description="the media file that the row names", examples=["clip.mp4"])
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
    duplicates: int = Field(description="rows that exist already, or are repeated", examples=[1])
    rejected: int = Field(examples=[1])
    unread: int = Field(description="lines of a text without an address", examples=[1])
    unread_lines: list[UnreadLine] = Field(description="10,000 at most")
    platforms: list[PlatformAdded]
    faults: list[RowFault]
    remarks: list[RowRemark]
    repeats: list[RowRepeat]
    notices: list[RowNotice]


class AnswersKept(Answer):
    answered: int = Field(description="notices", examples=[140])
    open: list[str] = Field(description="questions without an answer")
    stopped_by: list[str] = Field(description="questions whose answers forbid sending under the regime")
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
        description="why it cannot be sent, as codes", examples=[["not_ready", "ground_unconfirmed"]]
    )
    said: list[str] = Field(
        description="the same in words",
        examples=[
            [
                "it is not ready, or its letter is prepared already",
                "no person has confirmed the match, or that they saw the fake there",
            ]
        ],
    )
    elements: list[ElementFault] = Field(examples=[[]])
    questions: list[str] = Field(description="questions of the regime without an answer")


class Preparation(Answer):
    campaign_id: UuidText = Field(examples=["b1f4c8d2-6a3e-4f7b-9d5c-8e0a1b2c3d4e"])
    checked: int = Field(examples=[140])
    prepared: int = Field(description="made ready by this call", examples=[139])
    sendable: int = Field(examples=[139])
    hindrances: dict[str, int] = Field(examples=[{"not_ready": 1, "ground_unconfirmed": 1}])
    notices: list[Lacking] = Field(description="those with hindrances; 1,000 at most")


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
        description="prepared: its letter is fixed, but not handed over yet. handed_over: the mail server "
        "accepted it, or a person posted it. delivered: the platform's API or a receipt confirms it",
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
    address_marks: list[str] = Field(description="why a person has to confirm its address")
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
        description="when a person decided to continue despite a dispute"
    )
    prepared_at: TimeText | None = Field(description="when its last letter was fixed")
    handed_over_at: TimeText | None = Field(description="of its last letter; the platform's term starts then")
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
    dsa: DsaClassification = Field(description="the classification that its platform gets")
    statements: list[StatementSaid] = Field(
        description="its platform's statements of reasons, oldest first", examples=[[]]
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
    """Your confirmation that the addresses of these notices are the intended ones."""

    notice_ids: Ids = Field(examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]])


class AddressConfirmed(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    url: str | None = Field(examples=["https://bit.ly/3xYz"])
    marks: list[str] = Field(description="why it was marked", examples=[["shortener"]])


class AddressesConfirmed(Answer):
    confirmed: int = Field(examples=[1])
    unmarked: int = Field(description="notices whose address needs no confirmation", examples=[0])
    addresses: list[AddressConfirmed] = Field(description="1,000 at most")


class NewGoingOn(Request):
    """Notices that continue although their entry is disputed."""

    notice_ids: Ids = Field(examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]])


class GoneOn(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    gone_on: int = Field(examples=[1])
    undisputed: int = Field(description="notices whose entry is not disputed", examples=[0])
    disputes: list[UuidText] = Field(
        description="the open disputes of their entries", examples=[["0d9c1f57-6a0b-4a55-9d5f-2f6f3f1c1f55"]]
    )
