"""Models of statistics and classifications."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from registry.core.http.schemas import Answer, UuidText
from registry.takedown.replies.model import reasons
from registry.takedown.reports.model import By

Rate = Annotated[float | None, Field(description="0-1; null: nothing to count")]


class DsaClassification(Answer):
    """The classification in terms of the DSA transparency database. To state the nature of a fake, set the
    elements `intimate`, `against_women`, `election` or `defamation` of campaign or notice to true."""

    category: str = Field(examples=["STATEMENT_CATEGORY_CYBER_VIOLENCE"])
    category_addition: list[str]
    category_specification: list[str] = Field(
        description="keywords", examples=[["KEYWORD_NON_CONSENSUAL_MATERIAL_DEEPFAKE"]]
    )
    content_type: list[str] = Field(examples=[["CONTENT_TYPE_SYNTHETIC_MEDIA", "CONTENT_TYPE_VIDEO"]])
    source_type: str = Field(examples=["SOURCE_ARTICLE_16"])


class StatementCount(Answer):
    outcome: reasons.Outcome
    automated_decision: reasons.Automated = Field(examples=["partially"])
    statements: int = Field(examples=[12])


class FigureGroup(Answer):
    name: str | None = Field(
        description="platform, regime, week (2026-W05) or month; null: all, or notices without a letter",
        examples=["telegram"],
    )
    notices: int = Field(examples=[14])
    not_prepared: int = Field(description="notices without a letter", examples=[1])
    prepared_notices: int = Field(examples=[13])
    prepared: int = Field(description="letters: removed + refused + closed + open", examples=[14])
    handed_over: int = Field(description="letters that were handed over to their platform", examples=[14])
    delivered: int = Field(
        description="those that arrived, by an API's answer, a receipt or an acknowledgement",
        examples=[12],
    )
    acknowledged: int = Field(examples=[12])
    removed: int = Field(examples=[11])
    refused: int = Field(examples=[1])
    closed: int = Field(examples=[0])
    open: int = Field(description="not decided yet; not part of the medians", examples=[2])
    open_in_time: int = Field(examples=[1])
    judged: int = Field(description="late, removed or refused", examples=[13])
    late: int = Field(description="the term passed without an answer", examples=[2])
    breaches: int = Field(description="late, and a law sets the term", examples=[2])
    overdue: int = Field(description="late, and no law sets the term", examples=[0])
    reopened: int = Field(examples=[1])
    counter_notices: int = Field(examples=[1])
    statements: int = Field(examples=[10])
    automated: int = Field(examples=[4])
    median_hours_to_removal: float | None = Field(
        description="of letters that were handed over and removed", examples=[19.5]
    )
    p90_hours_to_removal: float | None = Field(examples=[41.25])
    breach_rate: Rate = Field(examples=[0.1538])
    automated_share: Rate = Field(examples=[0.4])


class Figures(Answer):
    campaign_id: UuidText | None = Field(examples=["6b1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f12"])
    by: By = Field(examples=["platform"])
    time_zone: str = Field(examples=["UTC"])
    groups: list[FigureGroup]
