"""What goes in and comes out about the delivery of notices, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal, override
from uuid import UUID

from pydantic import Field

from registry.core.http.schemas import Answer, BodyId, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import Ids, NoticeId
from registry.takedown.delivery.model import delivery
from registry.takedown.notices.schemas import NoticeWithHistory
from registry.takedown.replies.model import reply
from registry.takedown.reports.schemas import StatementSaid

Moment = Annotated[str | None, Field(max_length=40, description="ISO 8601 with its offset")]

Decision = Literal["handed_over", "delivered", "send_again", "print"]


class NewSending(Request):
    """Which notices to send."""

    notice_ids: Ids | None = Field(None, description="absent: all that are ready, 10,000 at most")
    dry_run: bool = Field(False, description="only show each letter and where it would go", examples=[True])
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
    at: Moment = Field(None, examples=["2026-01-31T09:30:00+00:00"])
    proof_sha256: str | None = Field(
        None,
        max_length=64,
        description="of a receipt or a screenshot",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class NewReply(Request):
    """A reply that came by another way than mail."""

    sender: str = Field(max_length=500, examples=["Trust and Safety"])
    subject: str = Field("", max_length=500)
    text: str = Field(max_length=100_000, examples=["It was removed."])
    reference: str = Field(
        "",
        max_length=500,
        description="the FP-… reference, or the notice's number, where the text has none",
        examples=["FP-MZXW6YTBOI2DEMZU"],
    )
    message_id: str = Field("", max_length=500, description="the other side's own number of it")
    said_at: Moment = Field(None, examples=["2026-01-31T09:30:00+00:00"])


class NewMatching(Request):
    """Which notice a reply answers."""

    notice_id: NoticeId | None = Field(
        None,
        description="null: none; what it said is forgotten",
        examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"],
    )


class NewFind(Request):
    """What was removed is there again."""

    url: str = Field(max_length=8_000, examples=["https://t.me/example/4712"])
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="your organization's lookup of what is there: the proof",
        examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"],
    )
    notice_id: NoticeId | None = Field(
        None, description="absent: that of the same place, else the latest removed"
    )


class SendingOfNotice(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    platform: str = Field(examples=["telegram"])
    regime: str = Field(examples=["dsa16"])
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    why_paper: str | None = Field(description="why by nothing better than paper, as a code")
    reference: str = Field(
        description="stands in the subject, and stays the same until it is sent",
        examples=["FP-MZXW6YTBOI2DEMZU"],
    )
    subject: str | None = Field(examples=["Notice of illegal content under Article 16 [FP-MZXW6YTBOI2DEMZU]"])
    text: str | None = Field(
        description="the letter; its bytes: previewLetter",
        examples=["To: Telegram\n\nNotice of illegal content under Article 16 …"],
    )
    content_sha256: str | None = Field(
        description="of the text",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )
    due_at: TimeText | None = Field(
        description="if it were handed over now", examples=["2026-02-02T09:30:00+00:00"]
    )
    hindrances: list[str]


class Sending(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    dry_run: bool = Field(examples=[True])
    prepared: int = Field(
        description="letters that this call fixed; machines or you hand them over", examples=[0]
    )
    sendable: int = Field(examples=[1])
    hindered: int = Field(examples=[0])
    ways: dict[str, int] = Field(examples=[{"email": 1}])
    hindrances: dict[str, int]
    notices: list[SendingOfNotice] = Field(description="a thousand at most")


class NoticeDelivery(Answer):
    delivery_id: UuidText = Field(examples=["4c1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f13"])
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    kind: Literal["notice", "retraction"] = Field(description="retraction: it takes the notice back")
    platform: str = Field(examples=["telegram"])
    regime: str = Field(examples=["dsa16"])
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    reference: str = Field(description="stands in the subject", examples=["FP-MZXW6YTBOI2DEMZU"])
    status: delivery.Status = Field(
        description="unsure: nobody knows whether it was taken; a person decides", examples=["handed_over"]
    )
    attempts: int = Field(examples=[1])
    outcome: str | None = Field(examples=["handed_over"])
    response_code: int | None = Field(examples=[250])
    next_at: TimeText | None
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    handed_at: TimeText | None = Field(
        description="taken by the mail server or the API, or posted by a person; the term runs from then on",
        examples=["2026-01-31T09:30:00+00:00"],
    )
    delivered_at: TimeText | None = Field(
        description="received for certain: by the API's answer or a receipt"
    )
    decided_at: TimeText | None
    decided_by: str | None = Field(description="who last said by hand what became of it")
    proof_sha256: str | None = Field(description="of a proof of the hand-over; null: none was given")
    receipt_by: str | None = Field(description="who gave the receipt of delivery")
    receipt_sha256: str | None
    content_sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])


class DeliveryAttempt(Answer):
    attempt: int = Field(examples=[1])
    at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    ended_at: TimeText | None = Field(examples=["2026-01-31T09:30:00+00:00"])
    outcome: str | None = Field(examples=["handed_over"])
    meaning: str | None = Field(
        examples=["The other side has taken it: 2xx, or 250 after the message's end."]
    )
    response_code: int | None = Field(examples=[250])


class NoticeDeliveryWithAttempts(NoticeDelivery):
    made: list[DeliveryAttempt]


class NoticeDeliveryPage(Answer):
    deliveries: list[NoticeDelivery]
    next: str | None


class TakenReply(Answer):
    message: int = Field(examples=[1])
    state: Literal["matched", "unmatched", "known", "faulty"]
    reply_id: UuidText | None = Field(examples=["3d1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f14"])
    notice_id: UuidText | None = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    matched_by: str | None = Field(None, examples=["token"])
    candidates: list[UuidText] = Field(default_factory=list, examples=[[]])
    code: str | None


class TakenReplies(Answer):
    matched: int = Field(examples=[1])
    unmatched: int = Field(examples=[0])
    known: int = Field(examples=[0])
    faulty: int = Field(examples=[0])
    replies: list[TakenReply]


class NoticeReply(Answer):
    reply_id: UuidText = Field(examples=["3d1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f14"])
    state: reply.State
    notice_id: UuidText | None = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    matched_by: reply.MatchedBy | None = Field(examples=["token"])
    candidates: list[UuidText]
    automatic: bool
    source: Literal["api", "mailbox", "statement"] = Field(examples=["mailbox"])
    sender: str | None = Field(examples=["abuse@telegram.org"])
    subject: str | None = Field(examples=["Re: Notice [FP-MZXW6YTBOI2DEMZU]"])
    text: str | None = Field(examples=["It was removed."])
    attached: list[dict[str, Any]] = Field(examples=[[]])
    sha256: str | None = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])
    statement: StatementSaid | None = Field(description="a platform's statement of reasons", examples=[None])
    said_at: TimeText | None = Field(examples=["2026-01-31T09:30:00+00:00"])
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])


class NoticeReplyPage(Answer):
    replies: list[NoticeReply]
    next: str | None


class PlatformRecord(Answer):
    platform: str = Field(examples=["telegram"])
    handed_over: int = Field(examples=[12])
    not_handed_over: int = Field(examples=[0])
    removed: int = Field(examples=[11])
    breaches: int = Field(examples=[1])
    overdue: int = Field(examples=[0])


class Breach(Answer):
    kind: Literal["breach", "overdue"] = Field(description="overdue: no law sets the term")
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    delivery_id: UuidText = Field(examples=["4c1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f13"])
    platform: str = Field(examples=["telegram"])
    regime: str = Field(examples=["take_it_down"])
    state: str = Field(examples=["expired"])
    handed_at: TimeText | None = Field(examples=["2026-01-31T09:30:00+00:00"])
    due_at: TimeText | None = Field(examples=["2026-02-02T09:30:00+00:00"])
    raised_at: TimeText | None = Field(examples=["2026-02-02T09:30:00+00:00"])
    removed_at: TimeText | None


class BreachReport(Answer):
    platforms: list[PlatformRecord]
    breaches: list[Breach]


class Escalation(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    kind: Literal["breach", "overdue"]
    language: str = Field(examples=["en"])
    authority: str = Field(examples=["Federal Trade Commission"])
    url: str = Field(examples=["https://www.ftc.gov/"])
    note: str = Field(examples=["The Commission enforces the Act."])
    sources: list[str] = Field(examples=[["TAKE IT DOWN Act, section 3: https://www.congress.gov/"]])
    subject: str = Field(examples=["Complaint about Telegram: no timely answer to a notice"])
    text: str = Field(examples=["To: Federal Trade Commission\n"])
    attempts: list[DeliveryAttempt]


class ReopenedNotice(NoticeWithHistory):
    """A notice about its new place."""

    @override
    @classmethod
    def example(cls) -> dict[str, Any]:
        return super().example() | {"state": "reopened"}
