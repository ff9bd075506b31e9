"""The operator says which bank takes private cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.catalogue.banks.service.change_bank import Changed
from registry.catalogue.banks.service.find_bank import find_bank
from registry.catalogue.banks.store import banks
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.service.require_operator import require_operator
from registry.intake import store as private_cases
from registry.intake.model import unfit
from registry.intake.service.show_intake import show_intake


def change_intake(service: Service, caller: Caller, bank: str | None) -> dict[str, Any]:
    """As `show_intake`. `bank`: by name or id, one that the operator sees; None: no new cases are taken. For
    administrators of the first organization.

    Raises `Forbidden` (`not_operator`), `NotFound` (`unknown_bank`), `Conflict` (`ambiguous_bank`,
    `unfit_bank`, which says what to change).
    """
    with service.pool.transaction() as connection:
        require_operator(connection, caller)
        before = private_cases.intake(connection)
        if bank is None:
            if before is not None and before["open"]:
                _say(connection, caller, before, is_open=False)
        else:
            found = find_bank(connection, caller, bank)
            assert found is not None  # noqa: S101 - a name was given
            row = banks.lock(connection, found.bank_id)
            require_fit(row["kind"], row["visibility"], row["policy"])
            same = before is not None and before["organization_id"] == row["organization_id"]
            kept = before["caller_id"] if before is not None and same and not before["revoked"] else None
            made = kept or private_cases.new_caller(connection, row["organization_id"])
            if kept is None:
                record_event(
                    connection,
                    caller,
                    "caller.created",
                    organization_id=row["organization_id"],
                    subject={"caller_id": made},
                    said={"roles": ["register"], "expires_at": None},
                )
            _say(connection, caller, {**row, "caller_id": made}, is_open=True)
    return show_intake(service)


def _say(connection: Connection, caller: Caller, row: dict[str, Any], *, is_open: bool) -> None:
    private_cases.set_intake(
        connection,
        bank_id=row["bank_id"],
        caller_id=row["caller_id"],
        open=is_open,
        changed_by=caller.caller_id,
    )
    record_event(
        connection,
        caller,
        "intake.changed",
        organization_id=row["organization_id"],
        subject={"bank_id": row["bank_id"], "caller_id": row["caller_id"]},
        said={"open": is_open},
    )


def require_fit(kind: str, visibility: str, policy: Mapping[str, Any]) -> None:
    """Raise `Conflict` (`unfit_bank`, `needs`) for a bank that private cases are not to be in."""
    wrong = unfit(kind, visibility, policy)
    if wrong:
        raise Conflict(
            f"Private cases are not to be in such a bank: it needs {', '.join(wrong)}.",
            code="unfit_bank",
            next_step="Open one for them: `fakeprint cases take NAME --new`, or change its policy.",
            extra={"needs": wrong},
        )


def check_intake_bank(connection: Connection, bank: Changed) -> None:
    """As `require_fit`, for a bank that holds private cases."""
    if private_cases.held(connection, bank.bank_id):
        require_fit(bank.kind, bank.visibility, bank.policy)
