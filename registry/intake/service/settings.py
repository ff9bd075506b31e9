"""Whether the deployment accepts intake cases, and in which bank."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.catalogue import banks
from registry.catalogue.banks.service.banks import Changed, find_bank
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity import callers
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.operator import require_operator
from registry.intake import schemas
from registry.intake import store as intake_store
from registry.intake.errors import NoPrivateCases, UnfitBank
from registry.intake.model import unfit
from registry.intake.store import IntakeBank


@dataclass(frozen=True, slots=True)
class Intake:
    """The bank for intake cases, its organization's name, and the caller that registers them."""

    bank_id: UUID
    organization: str
    caller: Caller


@dataclass(frozen=True, slots=True)
class _Bank:
    """A bank that accepts intake cases from now on, and the caller that registers them."""

    bank_id: UUID
    organization_id: UUID
    caller_id: UUID


def get_intake(service: Service) -> schemas.Intake:
    """Return whether intake cases are accepted, and by which organization. Open to everybody."""
    with service.pool.transaction() as connection:
        bank = intake_store.intake(connection)
    accepts = bank is not None and _accepts(bank)
    return schemas.Intake(open=accepts, organization=bank.organization if bank and accepts else None)


def find_intake(connection: Connection) -> Intake:
    """Return the bank for intake cases. Raises `Conflict` (`no_private_cases`) if there is none, or if it is
    no longer suitable: its policy changed, it was deleted, or the caller was revoked."""
    bank = intake_store.intake(connection)
    if bank is None or not _accepts(bank):
        raise NoPrivateCases("This registry accepts no private cases.")
    return Intake(bank.bank_id, bank.organization, case_caller(bank.caller_id, bank.organization_id))


def case_caller(caller_id: UUID, organization_id: UUID) -> Caller:
    """Return the caller that acts for people: it registers, and sees the cases that it registered."""
    return Caller(caller_id, organization_id, "private cases", frozenset({"register", "review"}))


def _accepts(found: IntakeBank) -> bool:
    stands = found.open and not found.closed and not found.revoked
    return stands and not unfit(found.kind, found.visibility, found.policy)


def change_intake(service: Service, caller: Caller, bank: str | None) -> schemas.Intake:
    """Set the bank for intake cases and return as `get_intake`. `bank`: name or id, visible to the operator;
    None: accept no new cases. Needs `admin` of the operating organization.

    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`,
    `unfit_bank`, which says what to change).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        previous = intake_store.intake(connection)
        if bank is None:
            if previous is not None and previous.open:
                _change(connection, caller, previous, is_open=False)
        else:
            ref = find_bank(connection, caller, bank)
            assert ref is not None  # noqa: S101 - a name was given
            row = banks.lock(connection, ref.bank_id)
            require_fit(row["kind"], row["visibility"], row["policy"])
            same = previous is not None and previous.organization_id == row["organization_id"]
            existing_caller = (
                previous.caller_id if previous is not None and same and not previous.revoked else None
            )
            caller_id = existing_caller or callers.insert_keyless(connection, row["organization_id"])
            if existing_caller is None:
                record_event(
                    connection,
                    caller,
                    "caller.created",
                    organization_id=row["organization_id"],
                    subject={"caller_id": caller_id},
                    said={"roles": ["register"], "expires_at": None},
                )
            chosen = _Bank(row["bank_id"], row["organization_id"], caller_id)
            _change(connection, caller, chosen, is_open=True)
    return get_intake(service)


def _change(connection: Connection, caller: Caller, bank: IntakeBank | _Bank, *, is_open: bool) -> None:
    intake_store.set_intake(
        connection, bank.bank_id, bank.caller_id, is_open=is_open, changed_by=caller.caller_id
    )
    record_event(
        connection,
        caller,
        "intake.changed",
        organization_id=bank.organization_id,
        subject={"bank_id": bank.bank_id, "caller_id": bank.caller_id},
        said={"open": is_open},
    )


def require_fit(kind: str, visibility: str, policy: Mapping[str, Any]) -> None:
    """Raise `Conflict` (`unfit_bank`, with `needs`) if the bank is not suitable for intake cases."""
    needs = unfit(kind, visibility, policy)
    if needs:
        raise UnfitBank(
            f"The bank is not suitable for private cases: it needs {', '.join(needs)}.",
            extra={"needs": needs},
        )


def check_intake_bank(connection: Connection, bank: Changed) -> None:
    """Like `require_fit`, but only for a bank that holds intake cases."""
    if intake_store.held(connection, bank.bank_id):
        require_fit(bank.kind, bank.visibility, bank.policy)
