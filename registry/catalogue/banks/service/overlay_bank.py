"""Change for one's own organization what another's bank answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.catalogue.banks import model as policies
from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.banks.service.show_bank import shown
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller


def overlay_bank(service: Service, caller: Caller, name: str, overlay: Mapping[str, Any]) -> dict[str, Any]:
    """Another organization's bank with these settings, and no others, for the caller's organization alone;
    none at all: it goes by the bank's own again. Needs `admin`.

    Should the bank allow less later, its own rules count as far as they are stricter. Raises `BadInput`
    (`bad_policy`, `beyond_policy`), `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`, `own_bank`).
    """
    caller.require("admin")
    with service.pool.transaction() as connection:
        bank_id = foreign_bank(connection, caller, name)
        base = policies.policy(banks.lock(connection, bank_id)["policy"])
        said = policies.checked_overlay(base, overlay)
        if said:
            banks.set_overlay(connection, bank_id, caller.organization_id, said, set_by=caller.caller_id)
        else:
            banks.drop_overlay(connection, bank_id, caller.organization_id)
        record_event(
            connection,
            caller,
            "bank.overlaid",
            subject={"bank_id": bank_id},
            said={"policy": policies.recorded(said)},
        )
        return shown(connection, caller, bank_id)


def foreign_bank(connection: Connection, caller: Caller, name: str) -> Any:
    """The id of a bank that the caller may ask and that is not its own."""
    found = find_bank(connection, caller, name)
    assert found is not None  # noqa: S101 - a name was given
    if found.own:
        raise Conflict(
            "The bank is your own: its policy is what counts.",
            code="own_bank",
            next_step="Change that: `fakeprint admin bank set NAME SETTING=VALUE`.",
        )
    return found.bank_id
