"""Shares of a bank with other organizations, and their overlays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.errors import NegativeBank, NotShared, OwnBank, OwnOrganization, TooManyShares
from registry.catalogue.banks.schemas import BankShares, ShownBank
from registry.catalogue.banks.service.banks import find_bank, own_bank, shown
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.errors import UnknownOrganization


def list_shares(service: Service, caller: Caller, name: str) -> BankShares:
    """List the organizations that a bank of the caller's organization is shared with. Needs `admin`.

    Each has the time of the share and who made it. They see the bank while its `visibility` is shared or
    public. Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        return shares_of(connection, own_bank(connection, caller, name).bank_id)


def shares_of(connection: Connection, bank_id: UUID) -> BankShares:
    """Return a bank's shares."""
    bank = banks.lock(connection, bank_id)
    return BankShares.model_validate(bank | {"shares": banks.shares(connection, bank_id)})


MOST: Final = 1_000
"""Most organizations that one bank can be shared with. For more, make it public."""


def share_bank(service: Service, caller: Caller, name: str, organization: str) -> BankShares:
    """Share a bank of the caller's organization with another organization, given by name or id. Needs
    `admin`.

    Returns all shares. A private bank without shares becomes `shared`. A private bank that already has shares
    stays private. Repeating the call changes nothing.

    Raises `NotFound` (`unknown_bank`, `unknown_organization`), `Forbidden` (`foreign_bank`), `BadInput`
    (`own_organization`), `Conflict` (`negative_bank`, `too_many_shares`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        own = own_bank(connection, caller, name)
        bank = banks.lock(connection, own.bank_id)
        if bank["kind"] == "negative":
            raise NegativeBank
        organization_id = other_organization(connection, organization)
        if organization_id == caller.organization_id:
            raise OwnOrganization("The bank belongs to your own organization.")
        if bank["shares"] >= MOST:
            raise TooManyShares(f"The bank is shared with {MOST:,} organizations.")
        if banks.share(connection, own.bank_id, organization_id, caller.caller_id):
            if bank["visibility"] == "private" and bank["shares"] == 0:
                banks.change(
                    connection,
                    own.bank_id,
                    name=bank["name"],
                    visibility="shared",
                    policy=bank["policy"],
                )
            record_event(
                connection,
                caller,
                "bank.shared",
                subject={"bank_id": own.bank_id, "organization_id": organization_id},
            )
        return shares_of(connection, own.bank_id)


def other_organization(connection: Connection, name: str) -> UUID:
    """Return the id of an active organization, by name or id. Raises `NotFound` (`unknown_organization`)."""
    organization_id = None if "\0" in name else banks.organization(connection, name, as_id(name))
    if organization_id is None:
        raise UnknownOrganization(
            f"There is no active organization {name[:100]!r}.",
            next_step="Ask the organization for its id.",
        )
    return organization_id


def unshare_bank(service: Service, caller: Caller, name: str, organization: str) -> BankShares:
    """End a share and return the remaining shares. Needs `admin`.

    The bank answers no lookup of the other organization that begins after this commit, in any process. Raises
    `NotFound` (`unknown_bank`, `unknown_organization`, `not_shared`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        own = own_bank(connection, caller, name)
        banks.lock(connection, own.bank_id)
        organization_id = other_organization(connection, organization)
        if not banks.unshare(connection, own.bank_id, organization_id):
            raise NotShared
        record_event(
            connection,
            caller,
            "bank.unshared",
            subject={"bank_id": own.bank_id, "organization_id": organization_id},
        )
        return shares_of(connection, own.bank_id)


def overlay_bank(service: Service, caller: Caller, name: str, overlay: Mapping[str, Any]) -> ShownBank:
    """Replace the overlay of the caller's organization on another organization's bank. Needs `admin`.

    An empty overlay removes it. If the bank later allows less, its own rules apply where they are stricter.

    Raises `BadInput` (`bad_policy`, `beyond_policy`), `NotFound` (`unknown_bank`), `Conflict`
    (`ambiguous_bank`, `own_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        bank_id = foreign_bank(connection, caller, name)
        base = policies.policy(banks.lock(connection, bank_id)["policy"])
        settings = policies.checked_overlay(base, overlay)
        if settings:
            banks.set_overlay(connection, bank_id, caller.organization_id, settings, set_by=caller.caller_id)
        else:
            banks.drop_overlay(connection, bank_id, caller.organization_id)
        record_event(
            connection,
            caller,
            "bank.overlaid",
            subject={"bank_id": bank_id},
            said={"policy": policies.recorded(settings)},
        )
        return shown(connection, caller, bank_id)


def foreign_bank(connection: Connection, caller: Caller, name: str) -> UUID:
    """Return the id of another organization's bank that answers the caller. Raises `Conflict`
    (`own_bank`)."""
    bank = find_bank(connection, caller, name)
    assert bank is not None  # noqa: S101 - a name was given
    if bank.own:
        raise OwnBank("The bank is your own, so its own policy applies.")
    return bank.bank_id
