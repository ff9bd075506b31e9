"""Places found again, addresses looked at, and notices taken back, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request
from registry.takedown.campaigns.schemas import Ids
from registry.takedown.delivery.model import delivery

Via = Literal["person", "lookup", "watch"]
Outcome = Literal["proposed", "reopened", "added", "known", "dismissed"]
Decision = Literal["take", "dismiss"]


class NewAddressesConfirmed(Request):
    """You have looked at the addresses of these, and they are the ones that are meant."""

    notice_ids: Ids


class AddressConfirmed(Answer):
    notice_id: str
    url: str | None
    marks: list[str] = Field(description="what it was marked for")


class AddressesConfirmed(Answer):
    confirmed: int
    unmarked: int = Field(description="those whose address nobody had to look at")
    addresses: list[AddressConfirmed] = Field(description="1,000 at most")


class NewGoingOn(Request):
    """Go on with these although their entry is disputed."""

    notice_ids: Ids


class GoneOn(Answer):
    campaign_id: str
    gone_on: int
    undisputed: int = Field(description="those whose entry nobody disputes")
    disputes: list[str] = Field(description="the open disputes of their entries")


class Recurrence(Answer):
    """A place where what its platform had removed was found again."""

    recurrence_id: str
    entry_id: str
    platform: str
    url: str | None
    content_id: str | None
    via: Via = Field(description="person: somebody said so; lookup: one that said where; watch: later")
    asked_by: str = Field(description="the organization whose lookup it is")
    lookup_id: str
    verdict: Literal["known_fake", "related"]
    match: dict[str, Any] = Field(description="the proof: relation, spans, confidence")
    seen_time: str
    outcome: Outcome = Field(
        description="proposed: you decide; reopened: the notice is about it; added: a further one is; known: "
        "one was already; dismissed: a person said no"
    )
    why: str | None = Field(description="why it is only proposed: related, seen_before_removal, closed")
    first_notice_id: str = Field(description="the notice on which it had been removed")
    notice_id: str | None = Field(description="the notice that is about the place now")
    created_at: str
    decided_at: str | None


class RecurrencePage(Answer):
    returns: list[Recurrence]
    next: str | None = Field(description="`after` for the next page; null: this is the last")


class NewReturnDecision(Request):
    """What a proposed return is."""

    decision: Decision = Field(description="take: it is there again; dismiss: it is not, or is none of yours")


class NewRetractions(Request):
    """Which notices are taken back."""

    notice_ids: Ids | None = Field(
        None, description="absent, in a dry run: all for which it is due, since a dispute was upheld"
    )
    dry_run: bool = Field(True, description="show what would be written to whom; nothing is sent")


class RetractionShown(Answer):
    notice_id: str
    platform: str
    due: bool = Field(description="a dispute was upheld; else a person has closed the notice")
    channel: delivery.Way
    address: str
    language: str
    subject: str | None
    text: str | None = Field(description="the letter")
    hindrance: str | None = Field(description="why it is not taken back, as a code")


class Retractions(Answer):
    campaign_id: str
    dry_run: bool
    retracted: int
    would_be: int
    notices: list[RetractionShown]
