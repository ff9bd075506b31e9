"""Say how much a bank may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import BadInput, NotFound
from registry.core.identifiers import as_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator

LIMITS = ("entries", "media", "bytes")


def limit_bank(
    service: Service, caller: Caller, name: str, limits: Mapping[str, int | None]
) -> dict[str, Any]:
    """The limits of any bank, by id, or by a name that the caller knows it by: `entries`, `media`, `bytes`,
    null for none. What it holds beyond them stays, and no more is taken. For whoever runs the deployment.

    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_bank`), `BadInput` (`bad_limits`).
    """
    given = {one: limits.get(one) for one in LIMITS}
    if any(one is not None and not 0 <= one < 2**53 for one in given.values()):
        raise BadInput("A bank's limits are counts from 0 on, or null.", code="bad_limits")
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        bank_id = _any_bank(connection, caller, name)
        owner = banks.limit(
            connection, bank_id, entries=given["entries"], media=given["media"], most_bytes=given["bytes"]
        )
        if owner is None:
            raise _unknown(name)
        record_event(
            connection,
            caller,
            "bank.limited",
            organization_id=owner,
            subject={"bank_id": bank_id},
            said=given,
        )
    return {"bank_id": str(bank_id), "limits": given}


def _any_bank(connection: Connection, caller: Caller, name: str) -> UUID:
    bank_id = as_id(name)
    if bank_id is not None:
        return bank_id
    found = find_bank(connection, caller, name)
    assert found is not None  # noqa: S101 - a name was given
    return found.bank_id


def _unknown(name: str) -> NotFound:
    return NotFound(f"There is no bank {name[:100]!r}.", code="unknown_bank")
