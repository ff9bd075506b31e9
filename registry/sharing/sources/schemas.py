"""Exchanges, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, BankName, Request, TimeText, UuidText

ExchangeKind = Literal["file", "stopncii", "ncmec", "threatexchange"]


class NewExchange(Request):
    """An exchange that is read into a bank of its own."""

    name: str
    kind: ExchangeKind
    bank: BankName
    address: str = Field("", description="base URL, or the file's name; empty: the exchange's own")
    options: dict[str, Any] = Field(
        {}, description="privacy_group (threatexchange), environment and only_esp_ids (ncmec), type (file)"
    )
    credentials: dict[str, Annotated[str, Field(max_length=1000)]] = Field(
        {},
        description="token (threatexchange); user, password (ncmec); function_key, subscription_key"
        " (stopncii)",
    )
    every: int = Field(3600, ge=60, le=30 * 86400, description="seconds from one reading to the next")


class Exchange(Answer):
    exchange_id: UuidText
    name: str
    kind: ExchangeKind
    bank: str
    address: str
    options: dict[str, Any]
    credentials: bool = Field(description="whether some are kept; they are never shown")
    every: int
    state: Literal["active", "removed"]
    progress_at: TimeText | None = Field(description="up to when the exchange was read, by its own clock")
    fetching: bool
    next_at: TimeText
    fetched_at: TimeText | None = Field(description="when it was last read to its end")
    added: int
    withdrawn: int
    rejected: int
    error: dict[str, str] | None
    created_at: TimeText


class ExchangeList(Answer):
    exchanges: list[Exchange]
