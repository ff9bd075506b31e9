"""Requests and answers about organizations, callers and keys."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.identity.quotas.model.rate_limit import Usage

_STATE = "`active`, `expired` or `revoked`"


def _as_time(value: Any) -> Any:
    """Parse the text of a time: strict models accept no text for a `datetime`."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError("a time as in 2026-11-25T10:00:00+01:00 is expected") from error
    return value


Time = Annotated[datetime, BeforeValidator(_as_time)]
Roles = Annotated[list[str], AfterValidator(sorted)]


class NewLimits(Request):
    """Limits of lookups. Null or absent: no limit, or for a caller's rate the deployment's default."""

    rate: float | None = Field(
        None, description="lookups a second; unused ones add up for five seconds", examples=[50.0]
    )
    daily: int | None = Field(None, description="lookups a day (UTC)", examples=[100000])
    monthly: int | None = Field(None, description="lookups a calendar month (UTC)")


class NewCaller(Request):
    """A new caller with a key."""

    name: str = Field(examples=["upload pipeline"])
    roles: list[str] = Field(max_length=20, examples=[["lookup"]])
    organization: str | None = Field(
        None, description="created if it is new; absent: your own", examples=["Example Platform"]
    )
    expires_at: Time | None = Field(None, description="when all its keys stop working; null: never")


class CallerChange(Request):
    """Absent fields stay unchanged."""

    name: str | None = None
    roles: list[str] | None = Field(None, max_length=20, examples=[["lookup", "register"]])
    expires_at: Time | None = Field(None, description="null: it no longer expires")


class NewKey(Request):
    """A further key of a caller."""

    overlap_hours: float | None = Field(
        None,
        description="hours until the other keys stop; 0: at once; absent: they stay",
        examples=[24.0],
    )
    expires_at: Time | None = None


class NewOrganization(Request):
    """A new organization."""

    name: str = Field(examples=["Example Platform"])
    limits: NewLimits | None = Field(None, examples=[NewLimits.example()])


class OrganizationChange(Request):
    """Absent fields stay unchanged. `limits` replaces all limits."""

    name: str | None = None
    limits: NewLimits | None = Field(None, examples=[{"rate": 100.0}])


class Limits(Answer):
    """Limits of lookups; null: no limit."""

    model_config = ConfigDict(from_attributes=True)

    rate: float | None = Field(description="lookups a second", examples=[50.0])
    daily: int | None = Field(examples=[100000])
    monthly: int | None


class Used(Answer):
    """Lookups of today and of this month (UTC), counted while there is a limit."""

    day: int = Field(examples=[1204])
    month: int = Field(examples=[31022])

    @classmethod
    def of(cls, usage: Usage | None) -> Used:
        return cls(day=usage.day_used if usage else 0, month=usage.month_used if usage else 0)


class Key(Answer):
    """A key without its secret, which is shown once, when the key is created."""

    key_id: UuidText = Field(examples=["93a1f2de-4b7c-4a55-8a0e-6f1d2c3b4a59"])
    prefix: str | None = Field(
        description="its first letters; null for keys of early versions", examples=["fp_EXAMPLE1"]
    )
    state: Literal["active", "expired", "revoked"]
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    expires_at: TimeText | None = Field(examples=["2027-01-31T00:00:00+00:00"])
    revoked_at: TimeText | None
    last_used_at: TimeText | None = Field(description="accurate to some minutes")


class MadeKey(Key):
    """The key is shown this once."""

    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    key: str = Field(examples=["fp_EXAMPLE"])


class Caller(Answer):
    """The key is shown this once."""

    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    name: str = Field(examples=["upload pipeline"])
    roles: Roles = Field(examples=[["lookup"]])
    expires_at: TimeText | None
    key_id: UuidText = Field(examples=["93a1f2de-4b7c-4a55-8a0e-6f1d2c3b4a59"])
    prefix: str | None = Field(examples=["fp_EXAMPLE1"])
    key: str = Field(examples=["fp_EXAMPLE"])


class ShownCaller(Answer):
    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    name: str = Field(examples=["upload pipeline"])
    roles: Roles = Field(examples=[["lookup"]])
    state: Literal["active", "expired", "revoked"]
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    expires_at: TimeText | None
    revoked_at: TimeText | None
    limits: Limits = Field(examples=[{"rate": None, "daily": None, "monthly": None}])
    keys: list[Key] = Field(
        examples=[
            [
                {
                    "key_id": "93a1f2de-4b7c-4a55-8a0e-6f1d2c3b4a59",
                    "prefix": "fp_EXAMPLE1",
                    "state": "active",
                    "created_at": "2026-01-31T09:30:00+00:00",
                    "expires_at": "2027-01-31T00:00:00+00:00",
                    "revoked_at": None,
                    "last_used_at": "2026-03-01T12:05:00+00:00",
                }
            ]
        ]
    )


class CallerPage(Answer):
    callers: list[ShownCaller]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


class LimitedCaller(Answer):
    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    limits: Limits


class OwnOrganization(Answer):
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    name: str = Field(examples=["Example Platform"])
    operator: bool = Field(description="whether it runs the deployment")
    limits: Limits
    used: Used


class Myself(Answer):
    """The calling key, its caller and organization."""

    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    name: str = Field(examples=["upload pipeline"])
    organization: OwnOrganization
    roles: Roles = Field(examples=[["lookup"]])
    key: Key = Field(
        description="`expires_at`: when the key or its caller expires",
        examples=[
            {
                "key_id": "93a1f2de-4b7c-4a55-8a0e-6f1d2c3b4a59",
                "prefix": "fp_EXAMPLE1",
                "state": "active",
                "created_at": "2026-01-31T09:30:00+00:00",
                "expires_at": "2027-01-31T00:00:00+00:00",
                "revoked_at": None,
                "last_used_at": "2026-03-01T12:05:00+00:00",
            }
        ],
    )
    limits: Limits = Field(examples=[{"rate": None, "daily": None, "monthly": None}])
    used: Used = Field(examples=[{"day": 0, "month": 0}])


class Organization(Answer):
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    name: str = Field(examples=["Example Platform"])
    state: Literal["active", "closed"]
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    closed_at: TimeText | None
    callers: int = Field(description="number of active callers", examples=[3])
    limits: Limits


class CallersLimits(Answer):
    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    name: str | None = Field(
        description="null for callers of other organizations", examples=["upload pipeline"]
    )
    roles: Roles = Field(examples=[["lookup"]])
    limits: Limits = Field(examples=[{"rate": None, "daily": None, "monthly": None}])
    used: Used = Field(examples=[{"day": 0, "month": 0}])


class OrganizationPage(Answer):
    organizations: list[Organization]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
