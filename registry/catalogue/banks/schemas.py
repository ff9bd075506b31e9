"""Banks, as models."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from registry.core.http.schemas import Answer, BankName, Request
from registry.identity.callers.schemas import CallersLimits, Limits, Used

Visibility = Literal["private", "shared", "public"]
BankKind = Literal["fakes", "negative"]
Count = Annotated[int, Field(ge=0, lt=2**53)]
Policy = dict[str, bool | float | str | None]


class NewBank(Request):
    """A bank of the caller's organization."""

    name: BankName
    kind: BankKind = Field("fakes", description="negative: known harmless look-alikes; always private")
    visibility: Visibility | None = Field(None, description="absent: public, of a negative bank private")
    policy: dict[str, Any] = Field({})


class BankChange(Request):
    """What is absent stays as it is."""

    name: BankName | None = None
    visibility: Visibility | None = None
    policy: dict[str, Any] = Field({}, description="settings to change; null takes one back to its default")


class NewOverlay(Request):
    """All that the organization sets for itself; an empty `policy` takes everything back."""

    policy: dict[str, Any]


class NewBankLimits(Request):
    """How much a bank may hold; null or absent: no limit."""

    entries: Count | None = None
    media: Count | None = None
    bytes: Count | None = None


class Bank(Answer):
    bank_id: str
    name: str
    kind: BankKind
    visibility: Visibility
    policy: Policy | None = Field(description="what it changes of the defaults; null: not shown in a list")
    created_at: str


class ListedBank(Bank):
    organization: str
    own: bool
    entries: int | None


class BankList(Answer):
    banks: list[ListedBank]


class BankLimits(Answer):
    entries: int | None
    media: int | None
    bytes: int | None


class Holding(Answer):
    """What it holds, entries that were withdrawn not counted."""

    entries: int
    media: int
    bytes: int


class ShownBank(ListedBank):
    """What is null is its owner's to know."""

    shared: bool = Field(description="it is shared with the caller's organization by name")
    overlay: Policy | None = Field(description="what the caller's organization has set for itself")
    shares: int | None
    holds: Holding | None
    limits: BankLimits | None


class LimitedBank(Answer):
    bank_id: str
    limits: BankLimits


class DeletedBank(Answer):
    bank_id: str
    name: str
    withdrawn: int = Field(description="entries that were withdrawn with it")


class Share(Answer):
    organization_id: str
    organization: str
    shared_at: str
    shared_by: str = Field(description="the caller that did it")
    overlaid: bool = Field(description="it has set rules of its own for the bank")


class BankShares(Answer):
    """With whom a bank is shared; they see it while it is `shared` or `public`."""

    bank_id: str
    name: str
    visibility: Visibility
    shares: list[Share]


class BanksLimits(Answer):
    bank_id: str
    name: str | None = Field(description="of your own organization's banks")
    kind: Literal["fakes", "negative"]
    holds: Holding
    limits: BankLimits


class OrganizationLimits(Answer):
    organization_id: str
    name: str
    state: Literal["active", "closed"]
    limits: Limits = Field(description="of all its callers together")
    used: Used
    callers: list[CallersLimits] = Field(description="those that work")
    banks: list[BanksLimits]
    next: str | None = Field(description="give it as `after` for more callers; null: these were the last")
