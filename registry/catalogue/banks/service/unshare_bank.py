"""Another organization sees a bank no longer."""

from __future__ import annotations

from typing import Any

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.service.list_shares import shares_of
from registry.catalogue.banks.service.share_bank import other_organization
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.errors import NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller


def unshare_bank(service: Service, caller: Caller, name: str, organization: str) -> dict[str, Any]:
    """With whom the bank is still shared. No lookup of the other organization that begins after this commit
    is answered from it, wherever it is read. Needs `admin`.

    Raises `NotFound` (`unknown_bank`, `unknown_organization`, `not_shared`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        found = own_bank(connection, caller, name)
        banks.lock(connection, found.bank_id)
        other = other_organization(connection, organization)
        if not banks.unshare(connection, found.bank_id, other["organization_id"]):
            raise NotFound("The bank is not shared with that organization.", code="not_shared")
        record_event(
            connection,
            caller,
            "bank.unshared",
            subject={"bank_id": found.bank_id, "organization_id": other["organization_id"]},
        )
        return shares_of(connection, found.bank_id)
