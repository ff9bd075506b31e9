"""Say, signed, which assertions stand no longer."""

from __future__ import annotations

from datetime import UTC, datetime

from registry.core.errors import NotFound
from registry.core.service import Service
from registry.transparency.credentials import store as assertions
from registry.transparency.credentials.model import jose, status_list
from registry.transparency.credentials.model.status_list import SIZE, Purpose
from registry.transparency.credentials.service.show_assertion import ledger_signers


def show_status_list(service: Service, purpose: Purpose, number: int) -> str:
    """A JWT (`vc+jwt`) with a bit for each of `status_list.SIZE` assertions, as their entries are now, for
    everybody. Which entries they are of, it does not say.

    Raises `NotFound` (`unknown_list`: there is no such list, or this deployment has none, since it has not
    said where others reach it), `Unavailable` (`ledger_key_unavailable`).
    """
    base = service.settings.public_url
    with service.pool.transaction() as connection:
        last = assertions.last_place(connection)
        if not base or last is None or not 0 <= number <= last // SIZE:
            raise NotFound(
                "There is no such list.",
                code="unknown_list",
                next_step="Assertions name theirs in `credentialStatus`, where the operator has set "
                "FAKEPRINT_PUBLIC_URL.",
            )
        first = number * SIZE
        found = assertions.fallen(connection, purpose, first, first + SIZE)
    (signer, *_) = ledger_signers(service)
    fallen = [one - first for one in found]
    now = datetime.now(UTC)
    return jose.sign(status_list.credential(base, purpose, number, fallen, signer, now), signer)
