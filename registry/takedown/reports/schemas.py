"""Statements of reasons, exports, releases and figures, as models."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request
from registry.takedown.replies.model import reasons
from registry.takedown.reports import model as lumen

Fields = list[lumen.Field]
Rate = Field(description="0-1; null: of none")

By = Literal["total", "platform", "regime", "week", "month"]


class StatementFault(Answer):
    field: str
    code: str = Field(description="such as field_missing, unknown_value, too_long")
    message: str


class TakenStatement(Answer):
    row: int
    state: Literal["matched", "unmatched", "known", "faulty"]
    puid: str | None
    outcome: reasons.Outcome | None
    proposes: reasons.Act | None = Field(description="what a person may do with the notice by it")
    reply_id: str | None
    notice_id: str | None
    matched_by: str | None
    candidates: list[str]
    moved: str | None = Field(description="the notice's state, where it was accepted")
    code: str | None
    faults: list[StatementFault]


class TakenStatements(Answer):
    matched: int
    unmatched: int
    known: int
    faulty: int
    moved: int
    statements: list[TakenStatement]


class StatementSaid(Answer):
    """A platform's statement of reasons, in short and whole."""

    puid: str
    outcome: reasons.Outcome
    ground: reasons.Ground
    legal_ground: str | None
    facts: str
    automated_detection: bool
    automated_decision: reasons.Automated
    application_date: str
    accepted_at: str | None = Field(description="when a person moved the notice by it")
    fields: dict[str, Any] = Field(description="as the platform sent it, checked")


class DsaClassification(Answer):
    """In the words of the DSA transparency database. What is not known is not said: say it outright by the
    elements `intimate`, `against_women`, `election`, `defamation`, each true, of campaign or notice."""

    category: str
    category_addition: list[str]
    category_specification: list[str] = Field(description="keywords")
    content_type: list[str]
    source_type: str


class StatementCount(Answer):
    outcome: reasons.Outcome
    automated_decision: reasons.Automated
    statements: int


class NewRelease(Request):
    """What of a campaign may leave unredacted."""

    recipient: str = Field(max_length=100, description="a short name, such as lumen")
    fields: Fields = Field(max_length=6, description="`texts` takes all the others")
    valid_until: str = Field(max_length=40, description="ISO 8601 with its offset, within a year")


class Release(Answer):
    release_id: str
    recipient: str
    fields: Fields
    holds: bool
    valid_until: str
    revoked_at: str | None
    caller_id: str
    caller: str
    created_at: str


class Releases(Answer):
    campaign_id: str
    releases: list[Release]


class FigureGroup(Answer):
    name: str | None = Field(
        description="platform, regime, week (2026-W05) or month; null: all, or not prepared"
    )
    notices: int
    not_prepared: int = Field(description="notices that have no letter yet")
    prepared_notices: int
    prepared: int = Field(description="letters: removed + refused + closed + open")
    handed_over: int = Field(description="of the letters; the others nobody has given to their platform")
    delivered: int = Field(
        description="of those handed over; by an API's answer, a receipt or the platform's word"
    )
    acknowledged: int
    removed: int
    refused: int
    closed: int
    open: int = Field(description="not decided yet; in no median")
    open_in_time: int
    judged: int = Field(description="late, or removed or refused")
    late: int = Field(description="the term was over before an answer came")
    breaches: int = Field(description="late where a law sets the term")
    overdue: int = Field(description="late where no law does")
    reopened: int
    counter_notices: int
    statements: int
    automated: int
    median_hours_to_removal: float | None = Field(description="over those that were handed over and removed")
    p90_hours_to_removal: float | None
    breach_rate: float | None = Rate
    automated_share: float | None = Rate


class Figures(Answer):
    campaign_id: str | None
    by: By
    time_zone: str
    groups: list[FigureGroup]
