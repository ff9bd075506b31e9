"""Imports and exchanges, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, BankName, Request

ImportState = Literal["open", "finished"]
ExportFormat = Literal["jsonl", "csv", "threatexchange", "stix", "misp"]
ExchangeKind = Literal["file", "stopncii", "ncmec", "threatexchange"]


class Import(Answer):
    """How far a list was taken in."""

    import_id: str
    bank: str
    name: str
    format: Literal["auto", "csv", "jsonl", "threatexchange", "text"]
    state: ImportState
    bytes: int = Field(description="taken so far, up to the end of a line; it goes on here")
    lines: int
    crc32: str = Field(description="of these bytes, 8 hex digits")
    read: int = Field(description="rows so far")
    added: int = Field(description="rows that became entries")
    duplicates: int = Field(description="rows that the bank had already, kept once")
    conflicts: int = Field(description="rows that contradict what the bank has: see the faults")
    rejected: int = Field(description="rows that could not be kept: see the faults")
    created_at: str
    finished_at: str | None


class ImportPage(Answer):
    imports: list[Import]
    next: str | None = Field(description="give it as `after` for the next page; null: this is the last one")


class ImportFault(Answer):
    """What was wrong with a line of a list."""

    line: int
    code: str
    message: str
    next_step: str | None = None


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
    exchange_id: str
    name: str
    kind: ExchangeKind
    bank: str
    address: str
    options: dict[str, Any]
    credentials: bool = Field(description="whether some are kept; they are never shown")
    every: int
    state: Literal["active", "removed"]
    progress_at: str | None = Field(description="up to when the exchange was read, by its own clock")
    fetching: bool
    next_at: str
    fetched_at: str | None = Field(description="when it was last read to its end")
    added: int
    withdrawn: int
    rejected: int
    error: dict[str, str] | None
    created_at: str


class ExchangeList(Answer):
    exchanges: list[Exchange]
