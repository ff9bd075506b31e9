"""Organizations, callers and keys: what goes in and what comes out, as models."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.identity.quotas.model import Usage

_STATE = "`active`, `expired` or `revoked`"


def _as_time(value: Any) -> Any:
    """A time as JSON has it: a string, which strict models take for nothing else."""
    if isinstance(value, str):
        try:
            return datetime.fromisoformat(value)
        except ValueError as error:
            raise ValueError("a time as in 2026-11-25T10:00:00+01:00 is expected") from error
    return value


Time = Annotated[datetime, BeforeValidator(_as_time)]
Roles = Annotated[list[str], AfterValidator(sorted)]


class NewLimits(Request):
    """How much may be asked; null or absent: no bound, of a caller's rate the deployment's."""

    rate: float | None = Field(None, description="lookups a second; five seconds' worth can be saved up")
    daily: int | None = Field(None, description="lookups a day (UTC)")
    monthly: int | None = Field(None, description="lookups a calendar month (UTC)")


class NewCaller(Request):
    """A key for somebody."""

    name: str
    roles: list[str] = Field(max_length=20)
    organization: str | None = Field(None, description="made if it is new; absent: the caller's own")
    expires_at: Time | None = Field(None, description="from when on no key of it works; null: never")


class CallerChange(Request):
    """What is absent stays."""

    name: str | None = None
    roles: list[str] | None = Field(None, max_length=20)
    expires_at: Time | None = Field(None, description="null: it expires no more")


class NewKey(Request):
    """Another key of a caller."""

    overlap_hours: float | None = Field(
        None, description="its other keys work on for so long, 0: not at all; absent: as before"
    )
    expires_at: Time | None = None


class NewOrganization(Request):
    """Somebody who takes part."""

    name: str
    limits: NewLimits | None = None


class OrganizationChange(Request):
    """What is absent stays; limits are replaced as a whole."""

    name: str | None = None
    limits: NewLimits | None = None


class Limits(Answer):
    """null: no bound."""

    model_config = ConfigDict(from_attributes=True)

    rate: float | None = Field(description="lookups a second")
    daily: int | None
    monthly: int | None


class Used(Answer):
    """Lookups of today and of this month (UTC), counted while there is a limit."""

    day: int
    month: int

    @classmethod
    def of(cls, usage: Usage | None) -> Used:
        return cls(day=usage.day_used if usage else 0, month=usage.month_used if usage else 0)


class Key(Answer):
    """A key as it is told from others; the key itself is shown once."""

    key_id: UuidText
    prefix: str | None = Field(description="its first letters; null: made before these were kept")
    state: Literal["active", "expired", "revoked"]
    created_at: TimeText
    expires_at: TimeText | None
    revoked_at: TimeText | None
    last_used_at: TimeText | None = Field(description="to some minutes")


class MadeKey(Key):
    """The key is shown this once."""

    caller_id: UuidText
    key: str


class Caller(Answer):
    """The key is shown this once."""

    caller_id: UuidText
    organization_id: UuidText
    name: str
    roles: Roles
    expires_at: TimeText | None
    key_id: UuidText
    prefix: str | None
    key: str


class ShownCaller(Answer):
    caller_id: UuidText
    organization_id: UuidText
    name: str
    roles: Roles
    state: Literal["active", "expired", "revoked"]
    created_at: TimeText
    expires_at: TimeText | None
    revoked_at: TimeText | None
    limits: Limits
    keys: list[Key]


class CallerPage(Answer):
    callers: list[ShownCaller]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")


class LimitedCaller(Answer):
    caller_id: UuidText
    organization_id: UuidText
    limits: Limits


class OwnOrganization(Answer):
    organization_id: UuidText
    name: str
    operator: bool = Field(description="it runs the deployment")
    limits: Limits
    used: Used


class Myself(Answer):
    """Whoever asks."""

    caller_id: UuidText
    name: str
    organization: OwnOrganization
    roles: Roles
    key: Key = Field(description="`expires_at`: when it stops to work, by itself or with its caller")
    limits: Limits
    used: Used


class Organization(Answer):
    organization_id: UuidText
    name: str
    state: Literal["active", "closed"]
    created_at: TimeText
    closed_at: TimeText | None
    callers: int = Field(description="callers that work")
    limits: Limits


class CallersLimits(Answer):
    caller_id: UuidText
    name: str | None = Field(description="of your own organization's callers")
    roles: Roles
    limits: Limits
    used: Used


class SuspectedWalk(Answer):
    """Near-identical hashes that were asked, whose answers differ. No hash is told."""

    caller_id: UuidText = Field(description="who asked last")
    algorithm: str
    bits: int = Field(description="bits of one registered hash that the answers may have told")
    suspected_at: TimeText


class ReconstructionOfOrganization(Answer):
    organization_id: UuidText
    refused_until: TimeText | None = Field(
        description="until when its near-identical hashes are refused; null: they are answered"
    )
    suspected: list[SuspectedWalk]


class OrganizationPage(Answer):
    organizations: list[Organization]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
