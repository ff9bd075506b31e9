"""What became of a private case, for whoever has its number and PIN."""

from __future__ import annotations

from typing import Any

from registry.actions.find_case import find_case
from registry.actions.service import Service
from registry.domain import private_case


def follow_case(service: Service, number: str, pin: str, *, address: str) -> dict[str, Any]:
    """The case. Raises as `find_case`."""
    return shape(find_case(service, number, pin, address=address))


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """A row of `find_case` as it is answered."""
    return {
        "case_number": private_case.shown(row["case_number"]),
        "state": private_case.state(row),
        "organization": row["organization"],
        "files": row["files"],
        "opened_at": row["opened_at"].isoformat(),
        "withdrawn_at": row["withdrawn_at"].isoformat() if row["withdrawn_at"] else None,
    }
