"""What goes in and comes out about the delivery of notices, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from registry.core.http.schemas import Answer, BodyId, Request
from registry.takedown.campaigns.schemas import Ids, NoticeId
from registry.takedown.delivery.model import delivery
from registry.takedown.notices.schemas import NoticeWithHistory
from registry.takedown.replies.model import reply
from registry.takedown.reports.schemas import StatementSaid

Moment = Field(None, max_length=40, description="ISO 8601 with its offset")

Decision = Literal["handed_over", "delivered", "send_again", "print"]


class NewSending(Request):
    """Which notices to send."""

    notice_ids: Ids | None = Field(None, description="absent: all that are ready, 10,000 at most")
    dry_run: bool = Field(False, description="only show each letter and where it would go")
    read: dict[str, str] | None = Field(
        None,
        max_length=10_000,
        description="by notice, the content_sha256 of the letter that you have read: another one is not sent",
    )


class NewDeliveryDecision(Request):
    """What a person says of a delivery."""

    decision: Decision = Field(
        description="handed_over (with `at`; a `proof_sha256` bears it out, else your word does), delivered "
        "(with `at` and the `proof_sha256` of a receipt), send_again (by machine), print (by a person)"
    )
    at: str | None = Moment
    proof_sha256: str | None = Field(None, max_length=64, description="of a receipt or a screenshot")


class NewReply(Request):
    """A reply that came by another way than mail."""

    sender: str = Field(max_length=500)
    subject: str = Field("", max_length=500)
    text: str = Field(max_length=100_000)
    reference: str = Field(
        "", max_length=500, description="the FP-… reference, or the notice's number, where the text has none"
    )
    message_id: str = Field("", max_length=500, description="the other side's own number of it")
    said_at: str | None = Moment


class NewMatching(Request):
    """Which notice a reply answers."""

    notice_id: NoticeId | None = Field(None, description="null: none; what it said is forgotten")


class NewFind(Request):
    """What was removed is there again."""

    url: str = Field(max_length=8_000)
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="your organization's lookup of what is there: the proof"
    )
    notice_id: NoticeId | None = Field(
        None, description="absent: that of the same place, else the latest removed"
    )


class SendingOfNotice(Answer):
    notice_id: str
    platform: str
    regime: str
    channel: delivery.Way
    address: str
    language: str
    why_paper: str | None = Field(description="why by nothing better than paper, as a code")
    reference: str = Field(description="stands in the subject, and stays the same until it is sent")
    subject: str | None
    text: str | None = Field(description="the letter; its bytes: previewLetter")
    content_sha256: str | None = Field(description="of the text")
    due_at: str | None = Field(description="if it were handed over now")
    hindrances: list[str]


class Sending(Answer):
    campaign_id: str
    dry_run: bool
    prepared: int = Field(description="letters that this call fixed; machines or you hand them over")
    sendable: int
    hindered: int
    ways: dict[str, int]
    hindrances: dict[str, int]
    notices: list[SendingOfNotice] = Field(description="a thousand at most")


class NoticeDelivery(Answer):
    delivery_id: str
    notice_id: str
    campaign_id: str
    kind: Literal["notice", "retraction"] = Field(description="retraction: it takes the notice back")
    platform: str
    regime: str
    channel: delivery.Way
    address: str
    language: str
    reference: str = Field(description="stands in the subject")
    status: delivery.Status = Field(description="unsure: nobody knows whether it was taken; a person decides")
    attempts: int
    outcome: str | None
    response_code: int | None
    next_at: str | None
    created_at: str
    handed_at: str | None = Field(
        description="taken by the mail server or the API, or posted by a person; the term runs from then on"
    )
    delivered_at: str | None = Field(description="received for certain: by the API's answer or a receipt")
    decided_at: str | None
    decided_by: str | None = Field(description="who last said by hand what became of it")
    proof_sha256: str | None = Field(description="of a proof of the hand-over; null: none was given")
    receipt_by: str | None = Field(description="who gave the receipt of delivery")
    receipt_sha256: str | None
    content_sha256: str


class DeliveryAttempt(Answer):
    attempt: int
    at: str
    ended_at: str | None
    outcome: str | None
    meaning: str | None
    response_code: int | None


class NoticeDeliveryWithAttempts(NoticeDelivery):
    made: list[DeliveryAttempt]


class NoticeDeliveryPage(Answer):
    deliveries: list[NoticeDelivery]
    next: str | None


class TakenReply(Answer):
    message: int
    state: Literal["matched", "unmatched", "known", "faulty"]
    reply_id: str | None
    notice_id: str | None
    matched_by: str | None = None
    candidates: list[str] = Field(default_factory=list)
    code: str | None


class TakenReplies(Answer):
    matched: int
    unmatched: int
    known: int
    faulty: int
    replies: list[TakenReply]


class NoticeReply(Answer):
    reply_id: str
    state: reply.State
    notice_id: str | None
    matched_by: reply.MatchedBy | None
    candidates: list[str]
    automatic: bool
    source: Literal["api", "mailbox", "statement"]
    sender: str | None
    subject: str | None
    text: str | None
    attached: list[dict[str, Any]]
    sha256: str | None
    statement: StatementSaid | None = Field(description="a platform's statement of reasons")
    said_at: str | None
    created_at: str


class NoticeReplyPage(Answer):
    replies: list[NoticeReply]
    next: str | None


class PlatformRecord(Answer):
    platform: str
    handed_over: int
    not_handed_over: int
    removed: int
    breaches: int
    overdue: int


class Breach(Answer):
    kind: Literal["breach", "overdue"] = Field(description="overdue: no law sets the term")
    notice_id: str
    campaign_id: str
    entry_id: str
    delivery_id: str
    platform: str
    regime: str
    state: str
    handed_at: str | None
    due_at: str | None
    raised_at: str | None
    removed_at: str | None


class BreachReport(Answer):
    platforms: list[PlatformRecord]
    breaches: list[Breach]


class Escalation(Answer):
    notice_id: str
    kind: Literal["breach", "overdue"]
    language: str
    authority: str
    url: str
    note: str
    sources: list[str]
    subject: str
    text: str
    attempts: list[DeliveryAttempt]


class ReopenedNotice(NoticeWithHistory):
    """A notice about its new place."""
