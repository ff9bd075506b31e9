"""Models of deliveries and retractions of notices."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import Ids
from registry.takedown.delivery.model import delivery

Moment = Annotated[str | None, Field(max_length=40, description="ISO 8601 with its offset")]

Decision = Literal["handed_over", "delivered", "send_again", "print"]


class NewSending(Request):
    """Which notices to send."""

    notice_ids: Ids | None = Field(None, description="absent: all that are ready, 10,000 at most")
    dry_run: bool = Field(
        False, description="return the letters and their routes; send nothing", examples=[True]
    )
    read: dict[str, str] | None = Field(
        None,
        max_length=10_000,
        description="by notice, the content_sha256 of the letter you have read; a changed one is not sent",
    )


class NewDeliveryDecision(Request):
    """A person's decision on a delivery."""

    decision: Decision = Field(
        description="handed_over (with `at`, and a `proof_sha256` if you have one), delivered (with `at` and "
        "the `proof_sha256` of a receipt), send_again (by the service), print (by a person)"
    )
    at: Moment = Field(None, examples=["2026-01-31T09:30:00+00:00"])
    proof_sha256: str | None = Field(
        None,
        max_length=64,
        description="of a receipt or a screenshot",
        examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"],
    )


class SendingOfNotice(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    platform: str = Field(examples=["telegram"])
    regime: str = Field(examples=["dsa16"])
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    why_paper: str | None = Field(description="why only paper is possible, as a code")
    reference: str = Field(
        description="part of the subject; the same until the notice is sent",
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
        description="letters that this call fixed; workers or people hand them over", examples=[0]
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
    kind: Literal["notice", "retraction"] = Field(description="retraction: it withdraws the notice")
    platform: str = Field(examples=["telegram"])
    regime: str = Field(examples=["dsa16"])
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    reference: str = Field(description="part of the subject", examples=["FP-MZXW6YTBOI2DEMZU"])
    status: delivery.Status = Field(
        description="unsure: whether it was accepted is unknown; a person decides", examples=["handed_over"]
    )
    attempts: int = Field(examples=[1])
    outcome: str | None = Field(examples=["handed_over"])
    response_code: int | None = Field(examples=[250])
    next_at: TimeText | None
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    handed_at: TimeText | None = Field(
        description="accepted by the mail server or API, or handed over by a person; starts the term",
        examples=["2026-01-31T09:30:00+00:00"],
    )
    delivered_at: TimeText | None = Field(
        description="received for certain: by the API's answer or a receipt"
    )
    decided_at: TimeText | None
    decided_by: str | None = Field(description="the caller who last decided on it")
    proof_sha256: str | None = Field(description="of a proof of the hand-over; null: there is none")
    receipt_by: str | None = Field(description="the caller who recorded the receipt")
    receipt_sha256: str | None
    content_sha256: str = Field(examples=["9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"])


class DeliveryAttempt(Answer):
    attempt: int = Field(examples=[1])
    at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    ended_at: TimeText | None = Field(examples=["2026-01-31T09:30:00+00:00"])
    outcome: str | None = Field(examples=["handed_over"])
    meaning: str | None = Field(examples=["Accepted: HTTP 2xx, or SMTP 250 after the end of the message."])
    response_code: int | None = Field(examples=[250])


class NoticeDeliveryWithAttempts(NoticeDelivery):
    made: list[DeliveryAttempt]


class NoticeDeliveryPage(Answer):
    deliveries: list[NoticeDelivery]
    next: str | None


class NewRetractions(Request):
    """The notices to retract."""

    notice_ids: Ids | None = Field(
        None,
        description="absent, in a dry run: all whose retraction is due because a dispute was upheld",
        examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]],
    )
    dry_run: bool = Field(
        True, description="return the letters and their recipients; send nothing", examples=[True]
    )


class RetractionShown(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    platform: str = Field(examples=["telegram"])
    due: bool = Field(
        description="true: a dispute was upheld; false: a person has closed the notice", examples=[True]
    )
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    subject: str | None = Field(examples=["Withdrawal of our notice FP-MZXW6YTBOI2DEMZU"])
    text: str | None = Field(description="the letter", examples=["We withdraw our notice.\n"])
    hindrance: str | None = Field(description="why it cannot be retracted, as a code")


class Retractions(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    dry_run: bool = Field(examples=[True])
    retracted: int = Field(examples=[0])
    would_be: int = Field(examples=[1])
    notices: list[RetractionShown]
