"""Limits of an organization and its banks, with their usage."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue import banks
from registry.catalogue.banks.schemas import BanksLimits, OrganizationLimits
from registry.core import cursor
from registry.core.service import Service
from registry.identity import callers, organizations, quotas
from registry.identity.callers.model import Caller
from registry.identity.callers.schemas import CallersLimits, Used
from registry.identity.organizations.service.organizations import unknown


def get_limits(
    service: Service, caller: Caller, organization_id: UUID, *, limit: int = 50, after: str | None = None
) -> OrganizationLimits:
    """Return the limits and usage of an organization, its active callers (oldest first; `next` is the cursor)
    and its banks. Callers see their own organization. The operating organization sees all, without the names
    of other organizations' callers and banks. Needs `admin`.

    Raises `NotFound` (`unknown_organization`), `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    own = organization_id == caller.organization_id
    place = cursor.place(after) if after else None
    with service.pool.transaction() as connection:
        if not own and not organizations.operates(connection, caller.organization_id):
            raise unknown(organization_id)
        row = organizations.find_organization(connection, organization_id)
        if row is None:
            raise unknown(organization_id)
        rows = callers.list_callers(
            connection, organization_id, everything=False, after=place, limit=limit + 1
        )
        more, rows = len(rows) > limit, rows[:limit]
        usage = quotas.usage_of(connection, [organization_id, *(row["caller_id"] for row in rows)])
        bank_rows = banks.limits(connection, organization_id)
    last = rows[-1] if more else None
    return OrganizationLimits(
        organization_id=str(organization_id),
        name=row["name"],
        state=row["state"],
        limits=row["limits"],
        used=Used.of(usage.get(organization_id)),
        callers=[
            CallersLimits(
                caller_id=str(row["caller_id"]),
                name=row["name"] if own else None,
                roles=row["roles"],
                limits=row["limits"],
                used=Used.of(usage.get(row["caller_id"])),
            )
            for row in rows
        ],
        banks=[BanksLimits.model_validate(bank if own else bank | {"name": None}) for bank in bank_rows],
        next=cursor.encode(last["created_at"].isoformat(), last["caller_id"]) if last else None,
    )
