"""Encrypted details of entries, and families of variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


@dataclass(frozen=True, slots=True)
class Sealed:
    """The encrypted JSON of `catalogue.entries.model.details.Details`, and the id of its key."""

    key_id: UUID
    sealed: bytes


def replace(connection: Connection, entry_id: UUID, sealed: Sealed, caller_id: UUID) -> None:
    """Store the details of an entry and replace the stored ones."""
    connection.execute(
        _SQL["replace"],
        {
            "entry_id": entry_id,
            "key_id": sealed.key_id,
            "sealed": sealed.sealed,
            "changed_by": caller_id,
        },
    )


def of_entry(connection: Connection, entry_id: UUID) -> Sealed | None:
    """Return the details of an entry. None if there are none or they were erased."""
    row = connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchone()
    return Sealed(row["key_id"], row["sealed"]) if row and row["sealed"] is not None else None


def of_entries(connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, Sealed]:
    """Return the details by entry. Entries without details are left out."""
    rows = connection.execute(_SQL["of_entries"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"]: Sealed(row["key_id"], row["sealed"]) for row in rows}


def erase(connection: Connection, entry_id: UUID) -> bool:
    """Delete the details of an entry. False if there were none. The caller destroys the key before this
    call."""
    return connection.execute(_SQL["erase"], {"entry_id": entry_id}).fetchone() is not None


def change(
    connection: Connection,
    entry_id: UUID,
    *,
    title: str | None = None,
    references: Sequence[Mapping[str, Any]] | None = None,
    **texts: str | None,
) -> None:
    """Change the title or the references. `claim` and `language` change if they are in `texts`, even to
    None."""
    connection.execute(
        _SQL["change"],
        {
            "entry_id": entry_id,
            "title": title,
            "references": None if references is None else Jsonb(list(references)),
            "set_claim": "claim" in texts,
            "claim": texts.get("claim"),
            "set_language": "language" in texts,
            "language": texts.get("language"),
        },
    )


def lock(connection: Connection, entry_id: UUID) -> None:
    """Lock the description of an entry until the transaction ends. Other changes of it wait."""
    connection.execute(_SQL["lock"], {"entry_id": entry_id})


def lock_joins(connection: Connection) -> None:
    """Lock all changes of variants until the transaction ends. Take this lock before `lock` if both are
    needed."""
    connection.execute(_SQL["lock_joins"])


def of_organization(connection: Connection, organization_id: UUID, limit: int) -> list[tuple[UUID, UUID]]:
    """Return entries of an organization that have details, and the ids of their keys."""
    parameters = {"organization_id": organization_id, "limit": limit}
    rows = connection.execute(_SQL["of_organization"], parameters).fetchall()
    return [(row["entry_id"], row["key_id"]) for row in rows]


def root(connection: Connection, entry_id: UUID) -> UUID:
    """Return the entry that an entry is a variant of, else the entry itself. Takes the lock of
    `lock_joins`."""
    lock_joins(connection)
    row = connection.execute(_SQL["root"], {"entry_id": entry_id}).fetchone()
    return row["root"] if row else entry_id


def join(connection: Connection, entry_id: UUID, variant_of: UUID | None) -> None:
    """Make an entry and its own variants variants of a `root`. None: remove it from its family."""
    connection.execute(_SQL["join"], {"entry_id": entry_id, "variant_of": variant_of})


def variants(
    connection: Connection, organization_id: UUID, entry_id: UUID, root: UUID, *, cases: bool
) -> list[dict[str, Any]]:
    """Return the other entries of a family of variants that the organization may see, the root first.

    `cases`: include private intake cases.
    """
    parameters = {"entry_id": entry_id, "root": root, "organization_id": organization_id, "cases": cases}
    return connection.execute(_SQL["variants"], parameters).fetchall()
