"""Accounts of people who sign in: what goes in, what comes out, and examples."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.identity.callers.schemas import Roles


class NewAccount(Request):
    """Somebody who signs in for the organization."""

    sign_in_name: str = Field(
        description="what is typed to sign in: an address of mail, or a name without spaces",
        examples=["ana@example.org"],
    )
    name: str = Field(description="what others call them", examples=["Ana Ruiz"])
    roles: list[str] = Field(max_length=20, examples=[["review"]])


class Account(Answer):
    account_id: UuidText = Field(examples=["5f2b1c7e-8a4d-4b1f-9c3e-7d6a5b4c3d2e"])
    caller_id: UuidText = Field(
        description="as whom they act: a caller like any other, without a key",
        examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"],
    )
    sign_in_name: str = Field(examples=["ana@example.org"])
    name: str = Field(examples=["Ana Ruiz"])
    roles: Roles = Field(examples=[["review"]])
    state: Literal["invited", "active", "expired", "revoked"] = Field(examples=["active"])
    password: bool = Field(description="there is one")
    passkeys: int = Field(examples=[1])
    oidc: bool = Field(description="it is linked to an OpenID provider")
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    last_sign_in_at: TimeText | None = Field(examples=["2026-03-01T12:05:00+00:00"])
    invited_until: TimeText | None = Field(description="until when an invitation is open; null: none is")


class InvitedAccount(Answer):
    account_id: UuidText = Field(examples=["5f2b1c7e-8a4d-4b1f-9c3e-7d6a5b4c3d2e"])
    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    sign_in_name: str = Field(examples=["ana@example.org"])
    name: str = Field(examples=["Ana Ruiz"])
    roles: Roles = Field(examples=[["review"]])
    invitation: str = Field(
        description="where a password or passkey is chosen; shown this once",
        examples=["/console/invitations/EXAMPLE"],
    )
    invited_until: TimeText = Field(examples=["2026-02-07T09:30:00+00:00"])


class AccountPage(Answer):
    accounts: list[Account]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
