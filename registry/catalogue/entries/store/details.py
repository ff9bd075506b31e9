"""What is said of entries beside their claim, and which are variants of which."""

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
    """The JSON of `catalogue.entries.model.details.Details`, sealed, and which key opens it."""

    key_id: UUID
    sealed: bytes


def say(connection: Connection, entry_id: UUID, sealed: Sealed, caller_id: UUID) -> None:
    """Keep what is said of an entry, in place of what was."""
    connection.execute(
        _SQL["say"],
        {
            "entry_id": entry_id,
            "key_id": sealed.key_id,
            "sealed": sealed.sealed,
            "changed_by": caller_id,
        },
    )


def of_entry(connection: Connection, entry_id: UUID) -> Sealed | None:
    """What is said of an entry; None: nothing, or it was erased."""
    row = connection.execute(_SQL["of_entry"], {"entry_id": entry_id}).fetchone()
    return Sealed(row["key_id"], row["sealed"]) if row and row["sealed"] is not None else None


def of_entries(connection: Connection, entry_ids: Sequence[UUID]) -> dict[UUID, Sealed]:
    """By entry, of those of which something is said."""
    rows = connection.execute(_SQL["of_entries"], {"entry_ids": list(entry_ids)}).fetchall()
    return {row["entry_id"]: Sealed(row["key_id"], row["sealed"]) for row in rows}


def erase(connection: Connection, entry_id: UUID) -> bool:
    """Drop what is said of an entry; False where nothing was. The key is the caller's to destroy, first."""
    return connection.execute(_SQL["erase"], {"entry_id": entry_id}).fetchone() is not None


def change(
    connection: Connection,
    entry_id: UUID,
    *,
    title: str | None = None,
    references: Sequence[Mapping[str, Any]] | None = None,
    **given: str | None,
) -> None:
    """Another title, other references; `claim` and `language` where they are among `given`, None too."""
    connection.execute(
        _SQL["change"],
        {
            "entry_id": entry_id,
            "title": title,
            "references": None if references is None else Jsonb(list(references)),
            "set_claim": "claim" in given,
            "claim": given.get("claim"),
            "set_language": "language" in given,
            "language": given.get("language"),
        },
    )


def lock(connection: Connection, entry_id: UUID) -> None:
    """Whoever changes what is said of an entry takes turns from here on."""
    connection.execute(_SQL["lock"], {"entry_id": entry_id})


def lock_joins(connection: Connection) -> None:
    """Whoever joins entries takes turns from here on; before `lock`, where both are needed."""
    connection.execute(_SQL["lock_joins"])


def of_organization(connection: Connection, organization_id: UUID, limit: int) -> list[tuple[UUID, UUID]]:
    """Entries of an organization of which something is said, and the keys that seal it."""
    given = {"organization_id": organization_id, "limit": limit}
    rows = connection.execute(_SQL["of_organization"], given).fetchall()
    return [(row["entry_id"], row["key_id"]) for row in rows]


def root(connection: Connection, entry_id: UUID) -> UUID:
    """The entry that an entry is a variant of, else itself. Whoever joins entries takes turns from here
    on."""
    lock_joins(connection)
    row = connection.execute(_SQL["root"], {"entry_id": entry_id}).fetchone()
    return row["root"] if row else entry_id


def join(connection: Connection, entry_id: UUID, variant_of: UUID | None) -> None:
    """Make an entry, and its own variants, variants of another, which is a `root`; None: of none."""
    connection.execute(_SQL["join"], {"entry_id": entry_id, "variant_of": variant_of})


def variants(
    connection: Connection, organization_id: UUID, entry_id: UUID, root: UUID, *, cases: bool
) -> list[dict[str, Any]]:
    """The other entries of a family of variants that the organization may see, the first one first. `cases`:
    private ones too."""
    given = {"entry_id": entry_id, "root": root, "organization_id": organization_id, "cases": cases}
    return connection.execute(_SQL["variants"], given).fetchall()
