"""Models of legal regimes."""

from __future__ import annotations

from pydantic import Field

from registry.core.http.schemas import Answer


class RegimeSource(Answer):
    law: str = Field(examples=["Regulation (EU) 2022/2065"])
    article: str = Field(examples=["Article 16"])
    url: str = Field(examples=["https://eur-lex.europa.eu/eli/reg/2022/2065/oj"])


class RegimeDue(Answer):
    unit: str = Field(
        description="hours, days, working_days, months; stated: the order states the term",
        examples=["working_days"],
    )
    amount: int = Field(examples=[5])
    zone: str = Field(examples=["Europe/Brussels"])
    starts: str = Field(examples=["received"])
    binding: bool = Field(
        description="true: a law sets the term; false: the day on which the sender asks again"
    )
    why: str = Field(examples=["The Regulation sets no number: the sender asks again then."])


class RegimeElement(Answer):
    id: str = Field(examples=["explanation"])
    kind: str = Field(examples=["text"])
    required: bool = Field(examples=[True])
    question: str = Field(examples=["Why is it illegal?"])
    statement: str | None = Field(description="the statement that `true` confirms")


class RegimeQuestion(Answer):
    id: str = Field(examples=["hosting"])
    needs: str = Field(
        description="the answer that permits sending; any: it is only recorded", examples=["yes"]
    )
    ask: str = Field(examples=["Is the service a hosting service?"])
    why: str = Field(examples=["Article 16 binds only these."])


class RegimeShown(Answer):
    regime: str = Field(examples=["dsa16"])
    version: str = Field(examples=["2026-11-25"])
    jurisdiction: str = Field(examples=["EU"])
    title: str = Field(examples=["Digital Services Act, notice and action"])
    sources: list[RegimeSource]
    due: RegimeDue
    may_sign: list[str] = Field(examples=[["depicted_person", "representative"]])
    elements: list[RegimeElement] = Field(description="those that a person fills in")
    questions: list[RegimeQuestion]


class RegimeList(Answer):
    regimes: list[RegimeShown]
