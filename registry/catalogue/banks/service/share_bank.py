"""Let another organization see a bank."""

from __future__ import annotations

from typing import Any, Final

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.service.list_shares import shares_of
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller

MOST: Final = 1_000
"""Organizations that one bank is shared with; for more it is public."""


def share_bank(service: Service, caller: Caller, name: str, organization: str) -> dict[str, Any]:
    """With whom the bank (of the caller's organization) is shared, that organization (by name or id) among
    them from this commit on. A private bank becomes `shared` with its first; one that was made private while
    others had it stays so. Twice, nothing more happens. Needs `admin`.

    Raises `NotFound` (`unknown_bank`, `unknown_organization`), `Forbidden` (`foreign_bank`), `BadInput`
    (`own_organization`), `Conflict` (`negative_bank`, `too_many_shares`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        found = own_bank(connection, caller, name)
        bank = banks.lock(connection, found.bank_id)
        if bank["kind"] == "negative":
            raise Conflict("A negative bank acts for its owner alone.", code="negative_bank")
        other = other_organization(connection, organization)
        if other["organization_id"] == caller.organization_id:
            raise BadInput("The bank is your own organization's.", code="own_organization")
        if bank["shares"] >= MOST:
            raise Conflict(
                f"The bank is shared with {MOST:,} organizations.",
                code="too_many_shares",
                next_step="Make it public: `fakeprint admin bank set NAME visibility=public`.",
            )
        if banks.share(connection, found.bank_id, other["organization_id"], caller.caller_id):
            if bank["visibility"] == "private" and bank["shares"] == 0:
                banks.change(
                    connection,
                    found.bank_id,
                    name=bank["name"],
                    visibility="shared",
                    policy=bank["policy"],
                )
            record_event(
                connection,
                caller,
                "bank.shared",
                subject={"bank_id": found.bank_id, "organization_id": other["organization_id"]},
            )
        return shares_of(connection, found.bank_id)


def other_organization(connection: Connection, name: str) -> dict[str, Any]:
    """An organization that takes part, by name or id. Raises `NotFound` (`unknown_organization`)."""
    found = None if "\0" in name else banks.organization(connection, name, as_id(name))
    if found is None:
        raise NotFound(
            f"There is no organization {name[:100]!r} that takes part.",
            code="unknown_organization",
            next_step="Ask them for their organization's id.",
        )
    return found
