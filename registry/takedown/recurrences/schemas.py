"""Places found again, addresses looked at, and notices taken back, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import Ids
from registry.takedown.delivery.model import delivery

Via = Literal["person", "lookup", "watch"]
Outcome = Literal["proposed", "reopened", "added", "known", "dismissed"]
Decision = Literal["take", "dismiss"]


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


class Recurrence(Answer):
    """A place where what its platform had removed was found again."""

    recurrence_id: UuidText = Field(examples=["2e1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f15"])
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    platform: str = Field(examples=["telegram"])
    url: str | None = Field(examples=["https://t.me/example/4712"])
    content_id: str | None = Field(examples=["example/4712"])
    via: Via = Field(description="person: somebody said so; lookup: one that said where; watch: later")
    asked_by: UuidText = Field(
        description="the organization whose lookup it is", examples=["1f1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f16"]
    )
    lookup_id: UuidText = Field(examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"])
    verdict: Literal["known_fake", "related"]
    match: dict[str, Any] = Field(
        description="the proof: relation, spans, confidence",
        examples=[{"relation": "copy", "confidence": 0.98}],
    )
    seen_time: TimeText = Field(examples=["2026-02-03T09:30:00+00:00"])
    outcome: Outcome = Field(
        description="proposed: you decide; reopened: the notice is about it; added: a further one is; known: "
        "one was already; dismissed: a person said no",
        examples=["reopened"],
    )
    why: str | None = Field(description="why it is only proposed: related, seen_before_removal, closed")
    first_notice_id: UuidText = Field(
        description="the notice on which it had been removed",
        examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"],
    )
    notice_id: UuidText | None = Field(
        description="the notice that is about the place now",
        examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"],
    )
    created_at: TimeText = Field(examples=["2026-02-03T09:30:00+00:00"])
    decided_at: TimeText | None = Field(examples=["2026-02-03T09:30:00+00:00"])


class RecurrencePage(Answer):
    recurrences: list[Recurrence] = Field(
        examples=[[Recurrence.example() | {"via": "lookup", "decided_at": None}]]
    )
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class NewReturnDecision(Request):
    """What a proposed return is."""

    decision: Decision = Field(description="take: it is there again; dismiss: it is not, or is none of yours")


class NewRetractions(Request):
    """Which notices are taken back."""

    notice_ids: Ids | None = Field(
        None,
        description="absent, in a dry run: all for which it is due, since a dispute was upheld",
        examples=[["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"]],
    )
    dry_run: bool = Field(
        True, description="show what would be written to whom; nothing is sent", examples=[True]
    )


class RetractionShown(Answer):
    notice_id: UuidText = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    platform: str = Field(examples=["telegram"])
    due: bool = Field(
        description="a dispute was upheld; else a person has closed the notice", examples=[True]
    )
    channel: delivery.Way = Field(examples=["email"])
    address: str = Field(examples=["abuse@telegram.org"])
    language: str = Field(examples=["en"])
    subject: str | None = Field(examples=["Withdrawal of our notice FP-MZXW6YTBOI2DEMZU"])
    text: str | None = Field(description="the letter", examples=["We withdraw our notice.\n"])
    hindrance: str | None = Field(description="why it is not taken back, as a code")


class Retractions(Answer):
    campaign_id: UuidText = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    dry_run: bool = Field(examples=[True])
    retracted: int = Field(examples=[0])
    would_be: int = Field(examples=[1])
    notices: list[RetractionShown]
