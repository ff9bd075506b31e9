"""Take a bank away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.banks.service.find_bank import own_bank
from registry.catalogue.banks.store import bank_ends, banks
from registry.catalogue.entries.store import entries
from registry.core.audit.service import event, record_event, record_events
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import closing


def delete_bank(service: Service, caller: Caller, name: str, *, withdraw: bool = False) -> dict[str, Any]:
    """The bank (of the caller's organization) is gone for everybody, with its shares and overlays, and its
    name is free. `withdraw`: what it holds is withdrawn in the same commit, and disputes are settled by that;
    the entries stay on record. Needs `admin`.

    Raises `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`), `Conflict` (`bank_not_empty` without
    `withdraw`; `court_ordered` where entries stand under a court's order, which only an order ends).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        bank_ends.be_patient(connection)
        found = own_bank(connection, caller, name)
        entries.lock_bank(connection, found.bank_id)
        banks.lock(connection, found.bank_id)
        held, ordered = bank_ends.lock_entries(connection, found.bank_id)
        if ordered:
            raise Conflict(
                f"{ordered:,} of its entries stand under a court's order.",
                code="court_ordered",
                next_step="Only an order ends that; make the bank private meanwhile.",
            )
        if held and not withdraw:
            raise Conflict(
                f"The bank holds {len(held):,} entries.",
                code="bank_not_empty",
                next_step="Withdraw them with it: `fakeprint admin bank delete NAME --withdraw`.",
            )
        bank_ends.withdraw(connection, held)
        _record(connection, caller, found.bank_id, held)
        banks.close(connection, found.bank_id)
    return {"bank_id": str(found.bank_id), "name": found.name, "withdrawn": len(held)}


def _record(connection: Connection, caller: Caller, bank_id: UUID, withdrawn: list[UUID]) -> None:
    said = {"reason_code": "bank_closed"}
    record_events(
        connection, [event(caller, "entry.withdrawn", entry_id=one, said=said) for one in withdrawn]
    )
    for one in closing.settle_disputes(connection, caller.caller_id, withdrawn):
        record_event(
            connection,
            caller,
            "dispute.decided",
            entry_id=one["entry_id"],
            subject={"dispute_id": one["dispute_id"]},
            said={"outcome": "upheld", "remedy": "withdrawn", "reason_code": "settled"},
        )
    record_event(
        connection, caller, "bank.closed", subject={"bank_id": bank_id}, said={"withdrawn": len(withdrawn)}
    )
