"""Models of exchanges."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, BankName, Request, TimeText, UuidText

ExchangeKind = Literal["file", "sample", "stopncii", "ncmec", "threatexchange"]


Credentials = dict[str, Annotated[str, Field(max_length=1000)]]
CREDENTIALS: Final = (
    "token (threatexchange); user, password (ncmec); function_key, subscription_key (stopncii)"
)


class NewExchange(Request):
    """An exchange to be read into a bank of its own."""

    name: str = Field(examples=["StopNCII"])
    kind: ExchangeKind = Field(examples=["stopncii"])
    bank: BankName = Field(examples=["stopncii"])
    address: str = Field("", description="base URL, or the file's name; empty: the exchange's default URL")
    options: dict[str, Any] = Field(
        {}, description="privacy_group (threatexchange), environment and only_esp_ids (ncmec), type (file)"
    )
    credentials: Credentials = Field(
        {}, description=CREDENTIALS, examples=[{"function_key": "…", "subscription_key": "…"}]
    )
    every: int = Field(
        3600, ge=60, le=30 * 86400, description="seconds between two readings", examples=[3600]
    )


class NewCredentials(Request):
    """Credentials in place of those that an exchange has."""

    credentials: Credentials = Field(
        description=CREDENTIALS, examples=[{"function_key": "…", "subscription_key": "…"}]
    )


class Exchange(Answer):
    exchange_id: UuidText = Field(examples=["2b6f0c2f-6c7f-4b10-8f57-0b7b1f6a9a21"])
    name: str = Field(examples=["StopNCII"])
    kind: ExchangeKind = Field(examples=["stopncii"])
    bank: str = Field(examples=["stopncii"])
    address: str = Field(examples=["https://api.stopncii.org/v1"])
    options: dict[str, Any]
    credentials: bool = Field(
        description="whether it has credentials of its own; they are never shown", examples=[True]
    )
    every: int = Field(examples=[3600])
    state: Literal["active", "suspended", "removed"]
    progress_at: TimeText | None = Field(
        description="time by the exchange's clock up to which it was read",
        examples=["2026-01-31T09:58:00+00:00"],
    )
    fetching: bool
    next_at: TimeText = Field(examples=["2026-01-31T11:00:00+00:00"])
    fetched_at: TimeText | None = Field(
        description="time of the last complete reading", examples=["2026-01-31T10:00:04+00:00"]
    )
    added: int = Field(examples=[120304])
    withdrawn: int = Field(examples=[211])
    rejected: int = Field(examples=[0])
    error: dict[str, str] | None = Field(examples=[None])
    created_at: TimeText = Field(examples=["2026-01-01T00:00:00+00:00"])


class ExchangeList(Answer):
    exchanges: list[Exchange]
