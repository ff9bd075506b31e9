"""What every request and answer of the API is made of."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _iso(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _text(value: Any) -> Any:
    return value if value is None else str(value)


Sha256 = Annotated[str, Field(description="64 hex digits", examples=["9f86d081884c7d65…"])]
Id = Annotated[str, Field(max_length=36)]
Seconds = tuple[float, float]
UuidText = Annotated[str, BeforeValidator(_text)]
"""An id in an answer. Takes a `UUID`."""
TimeText = Annotated[str, BeforeValidator(_iso)]
"""A time or date in an answer, ISO 8601. Takes a `datetime` or `date`."""
BankName = Annotated[str, Field(max_length=100, description="name or id of a bank")]


class Request(BaseModel):
    """A request's body: unknown fields and wrong types are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Answer(BaseModel):
    """What is answered. Fields may be added; none is taken away."""


class Fault(Answer):
    where: str
    message: str


class Problem(Answer):
    """RFC 9457. Branch on `code`: it is stable."""

    type: str = Field(description="urn:fakeprint:error:CODE")
    title: str
    status: int
    detail: str
    code: str
    next_step: str = Field(description="what to do about it, in a sentence")
    instance: str = Field(description="urn:fakeprint:request:ID")
    request_id: str
    errors: list[Fault] | None = Field(None, description="with bad_input: every field that is wrong")


class Failure(Answer):
    code: str
    message: str


class Deleted(Answer):
    deleted: Literal[True]
