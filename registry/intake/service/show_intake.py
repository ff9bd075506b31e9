"""Who takes private cases?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.intake import store as private_cases
from registry.intake.model import unfit


@dataclass(frozen=True, slots=True)
class Intake:
    """The bank that takes them, its organization's name, and the caller as whom they are registered."""

    bank_id: UUID
    organization: str
    caller: Caller


def show_intake(service: Service) -> dict[str, Any]:
    """Whether private cases are taken here, and by whom. Anybody may ask."""
    with service.pool.transaction() as connection:
        found = private_cases.intake(connection)
    takes = found is not None and _takes(found)
    return {"open": takes, "organization": found["organization"] if found and takes else None}


def find_intake(connection: Connection) -> Intake:
    """Who takes them. Raises `Conflict` (`no_private_cases`) where nobody does, or may no longer: the
    bank's policy was changed, it was deleted, the caller was revoked."""
    found = private_cases.intake(connection)
    if found is None or not _takes(found):
        raise Conflict(
            "This registry takes no private cases.",
            code="no_private_cases",
            next_step="Turn to https://stopncii.org, or to an organization that can register it for you.",
        )
    return Intake(
        found["bank_id"], found["organization"], case_caller(found["caller_id"], found["organization_id"])
    )


def case_caller(caller_id: UUID, organization_id: UUID) -> Caller:
    """As whom what a person asks for is done: it registers, and sees the case that it registered."""
    return Caller(caller_id, organization_id, "private cases", frozenset({"register", "review"}))


def _takes(found: dict[str, Any]) -> bool:
    stands = found["open"] and not found["closed"] and not found["revoked"]
    return stands and not unfit(found["kind"], found["visibility"], found["policy"])
