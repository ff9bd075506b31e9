"""Models of recurrences: removed content that was found again."""

from __future__ import annotations

from typing import Annotated, Any, Literal, override
from uuid import UUID

from pydantic import Field

from registry.core.http.schemas import Answer, BodyId, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import NoticeId
from registry.takedown.notices.schemas.notices import NoticeWithHistory

Via = Literal["person", "lookup", "watch"]
Outcome = Literal["proposed", "reopened", "added", "known", "dismissed"]
Decision = Literal["take", "dismiss"]


class Recurrence(Answer):
    """A place where content was found again after its platform had removed it."""

    recurrence_id: UuidText = Field(examples=["2e1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f15"])
    entry_id: UuidText = Field(examples=["5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10"])
    platform: str = Field(examples=["telegram"])
    url: str | None = Field(examples=["https://t.me/example/4712"])
    content_id: str | None = Field(examples=["example/4712"])
    via: Via = Field(
        description="person: reported by a person; lookup: a lookup with a place; watch: its watch"
    )
    asked_by: UuidText = Field(
        description="the organization that made the lookup", examples=["1f1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f16"]
    )
    lookup_id: UuidText = Field(examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"])
    verdict: Literal["known_fake", "related"]
    match: dict[str, Any] = Field(
        description="the proof: relation, spans, confidence",
        examples=[{"relation": "copy", "confidence": 0.98}],
    )
    seen_time: TimeText = Field(examples=["2026-02-03T09:30:00+00:00"])
    outcome: Outcome = Field(
        description="proposed: you decide; reopened: a notice was reopened; added: a further one was added; "
        "known: a notice about the place existed; dismissed: a person dismissed it",
        examples=["reopened"],
    )
    why: str | None = Field(description="why it is only proposed: related, seen_before_removal, closed")
    first_notice_id: UuidText = Field(
        description="the notice that led to the removal",
        examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"],
    )
    notice_id: UuidText | None = Field(
        description="the notice about the place now",
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
    """The decision on a proposed recurrence."""

    decision: Decision = Field(description="take: the content is back; dismiss: it is not, or not your case")


class NewFind(Request):
    """A place where removed content is back."""

    url: str = Field(max_length=8_000, examples=["https://t.me/example/4712"])
    lookup_id: Annotated[UUID, BodyId("Lookup")] = Field(
        description="the proof: your organization's lookup of the content there",
        examples=["c4b7a3de-52f1-4f7e-9f0e-0d2f6a1b7c55"],
    )
    notice_id: NoticeId | None = Field(
        None, description="absent: the notice about the same place, else the latest removed one"
    )


class ReopenedNotice(NoticeWithHistory):
    """A notice about its new place."""

    @override
    @classmethod
    def example(cls) -> dict[str, Any]:
        return super().example() | {"state": "reopened"}
