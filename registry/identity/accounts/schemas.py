"""Requests and answers about accounts of people who sign in."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from registry.core.http.schemas import Answer, Request, TimeText, UuidText
from registry.identity.callers.schemas import Roles


class NewAccount(Request):
    """A person to invite."""

    sign_in_name: str = Field(
        description="typed to sign in: a mail address, or a name without spaces",
        examples=["ana@example.org"],
    )
    name: str = Field(description="shown to others", examples=["Ana Ruiz"])
    roles: list[str] = Field(max_length=20, examples=[["review"]])


class Account(Answer):
    account_id: UuidText = Field(examples=["5f2b1c7e-8a4d-4b1f-9c3e-7d6a5b4c3d2e"])
    caller_id: UuidText = Field(
        description="the caller as which the person acts; it has no key",
        examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"],
    )
    sign_in_name: str = Field(examples=["ana@example.org"])
    name: str = Field(examples=["Ana Ruiz"])
    roles: Roles = Field(examples=[["review"]])
    state: Literal["invited", "active", "expired", "revoked"] = Field(examples=["active"])
    password: bool = Field(description="whether a password is set")
    passkeys: int = Field(examples=[1])
    oidc: bool = Field(description="whether it is linked to an OpenID provider")
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])
    last_sign_in_at: TimeText | None = Field(examples=["2026-03-01T12:05:00+00:00"])
    invited_until: TimeText | None = Field(description="when the open invitation expires; null: none is open")


class InvitedAccount(Answer):
    account_id: UuidText = Field(examples=["5f2b1c7e-8a4d-4b1f-9c3e-7d6a5b4c3d2e"])
    caller_id: UuidText = Field(examples=["1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed"])
    sign_in_name: str = Field(examples=["ana@example.org"])
    name: str = Field(examples=["Ana Ruiz"])
    roles: Roles = Field(examples=[["review"]])
    invitation: str = Field(
        description="page on which the person chooses a password or passkey; shown only here",
        examples=["/console/invitations/EXAMPLE"],
    )
    invited_until: TimeText = Field(examples=["2026-02-07T09:30:00+00:00"])


class AccountPage(Answer):
    accounts: list[Account]
    next: str | None = Field(description="give it as `after` for the next page; null: this was the last")
