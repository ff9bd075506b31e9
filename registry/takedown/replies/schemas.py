"""Models of platforms' replies and statements of reasons."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.takedown.campaigns.schemas import NoticeId
from registry.takedown.delivery.schemas import Moment
from registry.takedown.replies.model import reasons, reply


class NewReply(Request):
    """A reply that did not come by mail."""

    sender: str = Field(max_length=500, examples=["Trust and Safety"])
    subject: str = Field("", max_length=500)
    text: str = Field(max_length=100_000, examples=["It was removed."])
    reference: str = Field(
        "",
        max_length=500,
        description="the FP-… reference, or the notice's number, if the text has neither",
        examples=["FP-MZXW6YTBOI2DEMZU"],
    )
    message_id: str = Field("", max_length=500, description="the sender's number of the reply")
    said_at: Moment = Field(None, examples=["2026-01-31T09:30:00+00:00"])


class NewMatching(Request):
    """The notice that a reply answers."""

    notice_id: NoticeId | None = Field(
        None,
        description="null: none; the reply's content is deleted",
        examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"],
    )


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


class StatementFault(Answer):
    field: str
    code: str = Field(description="such as field_missing, unknown_value, too_long, unknown_term")
    message: str


class TakenStatement(Answer):
    row: int = Field(examples=[1])
    state: Literal["matched", "unmatched", "known", "faulty"]
    puid: str | None = Field(examples=["TK421"])
    outcome: reasons.Outcome | None = Field(examples=["removed"])
    proposes: reasons.Act | None = Field(
        description="the move of the notice that the statement suggests", examples=["remove"]
    )
    reply_id: UuidText | None = Field(examples=["3d1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f14"])
    notice_id: UuidText | None = Field(examples=["7a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f11"])
    matched_by: str | None = Field(examples=["token"])
    candidates: list[UuidText]
    moved: str | None = Field(description="the notice's state, if the statement was accepted")
    code: str | None
    faults: list[StatementFault] = Field(examples=[[]])
    warnings: list[StatementFault] = Field(
        description="terms that are kept although our list of the database's terms lacks them", examples=[[]]
    )


class TakenStatements(Answer):
    matched: int = Field(examples=[1])
    unmatched: int = Field(examples=[0])
    known: int = Field(examples=[0])
    faulty: int = Field(examples=[0])
    moved: int = Field(examples=[0])
    statements: list[TakenStatement]


class StatementSaid(Answer):
    """A platform's statement of reasons: a summary, and all its fields."""

    puid: str
    outcome: reasons.Outcome
    ground: reasons.Ground
    legal_ground: str | None
    facts: str
    automated_detection: bool
    automated_decision: reasons.Automated
    application_date: str
    accepted_at: TimeText | None = Field(description="when a person accepted it")
    fields: dict[str, Any] = Field(description="as the platform sent them, checked")


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
