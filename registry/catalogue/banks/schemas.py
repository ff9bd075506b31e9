"""Requests and answers about banks."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from pydantic import Field, WithJsonSchema

from registry.core.http.schemas import Answer, BankName, Request, TimeText, UuidText
from registry.identity.callers.schemas import CallersLimits, Limits, Used

Visibility = Literal["private", "shared", "public"]
BankKind = Literal["fakes", "negative"]
Count = Annotated[int, Field(ge=0, lt=2**53)]
_TYPES: Final = ("boolean", "number", "string", "null")
Setting = Annotated[Any, WithJsonSchema({"anyOf": [{"type": name} for name in _TYPES]})]
"""A setting of any type, as its owner wrote it. A union of types would turn 30 into 30.0."""
Policy = dict[str, Setting]


class NewBank(Request):
    """A bank of the caller's organization."""

    name: BankName = Field(examples=["newsroom"])
    kind: BankKind = Field("fakes", description="negative: known harmless look-alikes; always private")
    visibility: Visibility | None = Field(
        None, description="default: public, or private for a negative bank", examples=["private"]
    )
    policy: dict[str, Any] = Field({}, examples=[{"single_frame": True, "min_confidence": 0.95}])


class BankChange(Request):
    """Changes of a bank. Absent fields stay as they are."""

    name: BankName | None = None
    visibility: Visibility | None = None
    policy: dict[str, Any] = Field(
        {},
        description="settings to change; null resets a setting to its default",
        examples=[{"face_retention_days": 30, "known_fake_action": "block"}],
    )


class NewOverlay(Request):
    """The overlay of an organization. An empty `policy` removes it."""

    policy: dict[str, Any] = Field(examples=[{"min_confidence": 0.95, "known_fake_action": "review"}])


class NewBankLimits(Request):
    """How much a bank may hold; null or absent: no limit."""

    entries: Count | None = Field(None, examples=[10000])
    media: Count | None = None
    bytes: Count | None = None


class Bank(Answer):
    bank_id: UuidText = Field(examples=["5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11"])
    name: str = Field(examples=["newsroom"])
    kind: BankKind
    visibility: Visibility
    policy: Policy | None = Field(
        description="settings that differ from the defaults; null: not shown",
        examples=[{"single_frame": True, "min_confidence": 0.95}],
    )
    created_at: TimeText = Field(examples=["2026-01-31T09:30:00+00:00"])


class ListedBank(Bank):
    organization: str = Field(examples=["Example Newsroom"])
    own: bool = Field(examples=[True])
    entries: int | None = Field(examples=[12])


class BankList(Answer):
    banks: list[ListedBank]


class BankLimits(Answer):
    entries: int | None = Field(examples=[10000])
    media: int | None
    bytes: int | None


class Holding(Answer):
    """Contents of a bank, without withdrawn entries."""

    entries: int = Field(examples=[14])
    media: int = Field(examples=[31])
    bytes: int = Field(examples=[734003200])


class ShownBank(ListedBank):
    """A bank. Fields that only its owner sees are null for others."""

    shared: bool = Field(description="whether it is shared with the caller's organization by name")
    overlay: Policy | None = Field(description="overlay of the caller's organization", examples=[None])
    shares: int | None = Field(examples=[1])
    holds: Holding | None
    limits: BankLimits | None


class LimitedBank(Answer):
    bank_id: UuidText = Field(examples=["5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11"])
    limits: BankLimits


class DeletedBank(Answer):
    bank_id: UuidText = Field(examples=["5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11"])
    name: str = Field(examples=["newsroom"])
    withdrawn: int = Field(description="number of entries withdrawn with it", examples=[12])


class Share(Answer):
    organization_id: UuidText = Field(examples=["c7f1b6a0-2d3e-4a58-8a06-5b1de0a4f913"])
    organization: str = Field(examples=["Fact-checkers"])
    shared_at: TimeText = Field(examples=["2026-02-01T10:00:00+00:00"])
    shared_by: UuidText = Field(
        description="the caller who shared it", examples=["0f8a4c5e-77d1-4c53-9b1a-1c2f3e4d5a6b"]
    )
    overlaid: bool = Field(description="whether it has an overlay on the bank")


class BankShares(Answer):
    """Organizations that a bank is shared with. They can use it while it is `shared` or `public`."""

    bank_id: UuidText = Field(examples=["5d2a7c1e-8f40-4b7b-9d55-0c6a2f3b9e11"])
    name: str = Field(examples=["newsroom"])
    visibility: Visibility = Field(examples=["shared"])
    shares: list[Share]


class BanksLimits(Answer):
    bank_id: UuidText = Field(examples=["9c5b94b1-35ad-49bb-b118-8e8fc24abf80"])
    name: str | None = Field(description="null for banks of other organizations", examples=["default"])
    kind: Literal["fakes", "negative"]
    holds: Holding = Field(examples=[{"entries": 12, "media": 31, "bytes": 480000000}])
    limits: BankLimits = Field(examples=[{"entries": 1000, "media": None, "bytes": None}])


class OrganizationLimits(Answer):
    organization_id: UuidText = Field(examples=["6e0f6c1b-5d3a-4f0e-9b57-2f6a7c1d8e90"])
    name: str = Field(examples=["Example Platform"])
    state: Literal["active", "closed"]
    limits: Limits = Field(description="limits of all its callers together")
    used: Used
    callers: list[CallersLimits] = Field(description="callers whose keys are valid")
    banks: list[BanksLimits]
    next: str | None = Field(description="value of `after` for more callers; null: these are the last")
