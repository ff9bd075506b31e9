"""Missed deadlines and complaints about them, as models."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer, TimeText, UuidText
from registry.takedown.delivery.schemas import DeliveryAttempt


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
