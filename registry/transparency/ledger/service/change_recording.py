"""Say which lookups are put on record."""

from __future__ import annotations

from typing import Any

from registry.catalogue.banks.service.banks import own_bank
from registry.catalogue.banks.store import banks
from registry.core.audit.model.ledger import RECORDINGS
from registry.core.audit.service import record_event
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import organizations


def change_recording(
    service: Service, caller: Caller, lookups: str | None, *, bank: str | None = None
) -> dict[str, Any]:
    """`none`, `matches` or `all`, from now on: of the lookups of the caller's organization, or of those that
    ask a bank of its own, or match in it, whoever asks. None: as the deployment does; of a bank, as the
    asker's organization does. The wider counts. Needs `admin`.

    Raises `BadInput` (`unknown_recording`), `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    if lookups is not None and lookups not in RECORDINGS:
        raise BadInput(
            f"Lookups are recorded {', '.join(RECORDINGS)}; not {lookups[:50]!r}.", code="unknown_recording"
        )
    with service.pool.transaction() as connection:
        home = own_bank(connection, caller, bank) if bank is not None else None
        if home:
            banks.set_recording(connection, caller.organization_id, home.bank_id, lookups)
        else:
            organizations.set_recording(connection, caller.organization_id, lookups)
        record_event(
            connection,
            caller,
            "bank.changed" if home else "organization.changed",
            subject={"bank_id": home.bank_id} if home else {},
            said={"record_lookups": lookups},
        )
    return {"lookups": lookups, "bank": home.name if home else None}
