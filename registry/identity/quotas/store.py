"""Usage and limits of callers and organizations, including leased tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.quotas.model import rate_limit
from registry.identity.quotas.model.limits import Limits
from registry.identity.quotas.model.rate_limit import UNLIMITED, Lease, LeaseRequest, Usage

_SQL = sql.load(__name__)


def lease(
    connection: Connection, requests: Sequence[LeaseRequest], *, rate: float | None
) -> dict[UUID, Lease]:
    """Return the token lease of each caller, by its id. Call it inside a transaction. `rate`: the
    deployment's default rate in lookups a second, for callers without their own.

    It takes two round trips if a caller is limited, else one. An unknown caller is unlimited, because its key
    is refused anyway.
    """
    rows = {row["caller_id"]: row for row in _subjects(connection, requests)}
    if rate is not None and (new := [caller_id for caller_id, row in rows.items() if not row["own"]]):
        connection.execute(_SQL["begin"], {"caller_ids": sorted(new)})
    subject_ids = {
        caller_id: [
            *((caller_id,) if row["own"] or rate is not None else ()),
            *((row["organization_id"],) if row["shared"] else ()),
        ]
        for caller_id, row in rows.items()
    }
    limited = [request for request in requests if subject_ids.get(request.caller_id)]
    leases = {request.caller_id: UNLIMITED for request in requests}
    if limited:
        subjects = sorted(
            {subject_id for request in limited for subject_id in subject_ids[request.caller_id]}
        )
        leases |= _lease(connection, limited, subject_ids, subjects, rate)
    return leases


def limit(connection: Connection, limits: Limits, *, organization_id: UUID, caller_id: UUID | None) -> None:
    """Set the limits of a caller, or of its whole organization if `caller_id` is None. Usage stays."""
    parameters = {"organization_id": organization_id, "caller_id": caller_id, **limits.shown()}
    connection.execute(_SQL["limit"], parameters)


def current_usage(connection: Connection, caller_id: UUID, organization_id: UUID) -> dict[str, Usage | None]:
    """Return the usage of a `caller` and its `organization`, as of now; None if there is no limit."""
    parameters = {"caller_id": caller_id, "organization_id": organization_id}
    rows = connection.execute(_SQL["current_usage"], parameters).fetchall()
    usages = {row["caller_id"]: _usage(row, None).at(row["now"]) for row in rows}
    return {"caller": usages.get(caller_id), "organization": usages.get(None)}


def usage_of(connection: Connection, subject_ids: Sequence[UUID]) -> dict[UUID, Usage]:
    """Return the usage of the callers and organizations that were ever limited, as of now."""
    rows = connection.execute(_SQL["usage_of"], {"subject_ids": list(subject_ids)}).fetchall()
    return {row["subject_id"]: _usage(row, None).at(row["now"]) for row in rows}


def organization_of(connection: Connection, caller_id: UUID) -> UUID | None:
    """Return the organization of any caller."""
    row = connection.execute(_SQL["organization_of"], {"caller_id": caller_id}).fetchone()
    return row["organization_id"] if row else None


def _subjects(connection: Connection, requests: Sequence[LeaseRequest]) -> list[dict[str, Any]]:
    parameters = {"caller_ids": [request.caller_id for request in requests]}
    return connection.execute(_SQL["subjects"], parameters, prepare=True).fetchall()


def _lease(
    connection: Connection,
    requests: Sequence[LeaseRequest],
    subject_ids: Mapping[UUID, Sequence[UUID]],
    subjects: Sequence[UUID],
    rate: float | None,
) -> dict[UUID, Lease]:
    rows = connection.execute(_SQL["lock"], {"subject_ids": subjects}, prepare=True).fetchall()
    now = max(row["now"] for row in rows)
    usages = {row["subject_id"]: _usage(row, rate if row["caller_id"] else None) for row in rows}
    leases = {}
    for request in requests:
        own_ids = [subject_id for subject_id in subject_ids[request.caller_id] if subject_id in usages]
        after, leases[request.caller_id] = rate_limit.lease(
            [usages[subject_id] for subject_id in own_ids], request, now
        )
        usages |= zip(own_ids, after, strict=True)
    columns = {
        "subject_ids": list(usages),
        "ahead": [usage.ahead for usage in usages.values()],
        "days": [usage.day for usage in usages.values()],
        "day_used": [usage.day_used for usage in usages.values()],
        "months": [usage.month for usage in usages.values()],
        "month_used": [usage.month_used for usage in usages.values()],
    }
    connection.execute(_SQL["save"], columns, prepare=True)
    return leases


def _usage(row: Mapping[str, Any], rate: float | None) -> Usage:
    limits = Limits(row["rate"], row["daily"], row["monthly"])
    if limits.rate is None:
        limits = replace(limits, rate=rate)
    return Usage(limits, row["ahead"], row["day"], row["day_used"], row["month"], row["month_used"])
