"""Change which lookups are recorded in the ledger."""

from __future__ import annotations

from registry.catalogue import banks
from registry.catalogue.banks.service.banks import own_bank
from registry.core.audit.model.ledger import RECORDINGS
from registry.core.audit.service import record_event
from registry.core.service import Service
from registry.identity import organizations
from registry.identity.callers.model import Caller
from registry.transparency.ledger.errors import UnknownRecording
from registry.transparency.ledger.schemas import Recording


def change_recording(
    service: Service, caller: Caller, lookups: str | None, *, bank: str | None = None
) -> Recording:
    """Set which lookups are recorded from now on: `none`, `matches` or `all`. Needs `admin`.

    Without `bank` it applies to lookups of the caller's organization. With one of its banks, it applies to
    all lookups that ask this bank or match in it. None: the deployment's setting, or for a bank the setting
    of the lookup's organization. If several settings apply, the widest one counts.

    Raises `BadInput` (`unknown_recording`), `NotFound` (`unknown_bank`), `Forbidden` (`foreign_bank`).
    """
    caller.require("admin")
    if lookups is not None and lookups not in RECORDINGS:
        raise UnknownRecording(
            f"{lookups[:50]!r} is not a setting.", next_step=f"Choose among {', '.join(RECORDINGS)}."
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
    return Recording(lookups=lookups, bank=home.name if home else None)
