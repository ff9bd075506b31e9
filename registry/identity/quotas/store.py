"""Usage and limits of callers and organizations, including leased tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.quotas import model as quota
from registry.identity.quotas.model import UNLIMITED, Ask, Book, Limits, Loan

_SQL = sql.load(__name__)


def lend(connection: Connection, asks: Sequence[Ask], *, rate: float | None) -> dict[UUID, Loan]:
    """Return the token lease of each caller, by its id. Call it inside a transaction. `rate`: the
    deployment's default rate in lookups a second, for callers without their own.

    It takes two round trips if a caller is limited, else one. An unknown caller is unlimited, because its key
    is refused anyway.
    """
    found = {row["caller_id"]: row for row in _subjects(connection, asks)}
    if rate is not None and (new := [one for one, row in found.items() if not row["own"]]):
        connection.execute(_SQL["begin"], {"caller_ids": sorted(new)})
    whose = {
        caller_id: [
            *((caller_id,) if row["own"] or rate is not None else ()),
            *((row["organization_id"],) if row["shared"] else ()),
        ]
        for caller_id, row in found.items()
    }
    limited = [ask for ask in asks if whose.get(ask.caller_id)]
    loans = {ask.caller_id: UNLIMITED for ask in asks}
    if limited:
        subjects = sorted({item for ask in limited for item in whose[ask.caller_id]})
        loans |= _lend(connection, limited, whose, subjects, rate)
    return loans


def limit(connection: Connection, limits: Limits, *, organization_id: UUID, caller_id: UUID | None) -> None:
    """Set the limits of a caller, or of its whole organization if `caller_id` is None. Usage stays."""
    given = {"organization_id": organization_id, "caller_id": caller_id, **limits.shown()}
    connection.execute(_SQL["limit"], given)


def used(connection: Connection, caller_id: UUID, organization_id: UUID) -> dict[str, Book | None]:
    """Return the usage of a `caller` and its `organization`, as of now; None if there is no limit."""
    given = {"caller_id": caller_id, "organization_id": organization_id}
    rows = connection.execute(_SQL["used"], given).fetchall()
    found = {row["caller_id"]: _book(row, None).at(row["now"]) for row in rows}
    return {"caller": found.get(caller_id), "organization": found.get(None)}


def books(connection: Connection, subject_ids: Sequence[UUID]) -> dict[UUID, Book]:
    """Return the usage of the callers and organizations that were ever limited, as of now."""
    rows = connection.execute(_SQL["books"], {"subject_ids": list(subject_ids)}).fetchall()
    return {row["subject_id"]: _book(row, None).at(row["now"]) for row in rows}


def whose(connection: Connection, caller_id: UUID) -> UUID | None:
    """Return the organization of any caller."""
    row = connection.execute(_SQL["whose"], {"caller_id": caller_id}).fetchone()
    return row["organization_id"] if row else None


def _subjects(connection: Connection, asks: Sequence[Ask]) -> list[dict[str, Any]]:
    given = {"caller_ids": [ask.caller_id for ask in asks]}
    return connection.execute(_SQL["subjects"], given, prepare=True).fetchall()


def _lend(
    connection: Connection,
    asks: Sequence[Ask],
    whose: Mapping[UUID, Sequence[UUID]],
    subjects: Sequence[UUID],
    rate: float | None,
) -> dict[UUID, Loan]:
    rows = connection.execute(_SQL["lock"], {"subject_ids": subjects}, prepare=True).fetchall()
    now = max(row["now"] for row in rows)
    books = {row["subject_id"]: _book(row, rate if row["caller_id"] else None) for row in rows}
    loans = {}
    for ask in asks:
        mine = [item for item in whose[ask.caller_id] if item in books]
        after, loans[ask.caller_id] = quota.lend([books[item] for item in mine], ask, now)
        books |= zip(mine, after, strict=True)
    kept = {
        "subject_ids": list(books),
        "ahead": [book.ahead for book in books.values()],
        "days": [book.day for book in books.values()],
        "day_used": [book.day_used for book in books.values()],
        "months": [book.month for book in books.values()],
        "month_used": [book.month_used for book in books.values()],
    }
    connection.execute(_SQL["keep"], kept, prepare=True)
    return loans


def _book(row: Mapping[str, Any], rate: float | None) -> Book:
    limits = Limits(row["rate"], row["daily"], row["monthly"])
    if limits.rate is None:
        limits = replace(limits, rate=rate)
    return Book(limits, row["ahead"], row["day"], row["day_used"], row["month"], row["month_used"])
