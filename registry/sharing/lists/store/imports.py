"""Imports of hash lists, with their positions and the faults of their lines."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.sharing.lists.model.list_lines import Dialect, Position
from registry.sharing.lists.model.listed import Fault

_SQL = sql.load(__name__)


def insert(connection: Connection, caller: Caller, bank_id: UUID, name: str, dialect: Dialect) -> UUID:
    """Insert a new import of the caller's organization and return its id."""
    row = connection.execute(
        _SQL["insert"],
        {
            "organization_id": caller.organization_id,
            "bank_id": bank_id,
            "created_by": caller.caller_id,
            "name": name,
            "format": dialect.format,
            "assumed": dialect.assumed,
        },
    ).fetchone()
    assert row is not None  # noqa: S101 - an insert returns its row
    import_id: UUID = row["import_id"]
    return import_id


def find(
    connection: Connection, organization_id: UUID, import_id: UUID, *, lock: bool = False
) -> dict[str, Any] | None:
    """Return an import of the organization. `lock`: nobody else can continue it until the transaction
    ends."""
    parameters = {"organization_id": organization_id, "import_id": import_id}
    return connection.execute(_SQL["lock" if lock else "find"], parameters).fetchone()


def advance(
    connection: Connection, import_id: UUID, position: Position, dialect: Dialect, **counts: int
) -> None:
    """Store the new position. `counts`: additional rows read, added, duplicates, conflicts and rejected."""
    connection.execute(
        _SQL["advance"],
        {
            "import_id": import_id,
            "bytes": position.bytes,
            "line": position.line,
            "crc32": position.crc32,
            "format": dialect.format,
            "header": dialect.header,
            **counts,
        },
    )


def finish(connection: Connection, import_id: UUID) -> None:
    """Mark the import as finished."""
    connection.execute(_SQL["finish"], {"import_id": import_id})


def page(
    connection: Connection,
    organization_id: UUID,
    *,
    name: str | None,
    state: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[dict[str, Any]]:
    """Return the organization's imports, newest first."""
    return connection.execute(
        _SQL["page"],
        {
            "organization_id": organization_id,
            "name": name,
            "state": state,
            "after_at": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit,
        },
    ).fetchall()


def add_faults(connection: Connection, import_id: UUID, faults: Sequence[Fault]) -> None:
    """Store faults, at most one for each line."""
    by_line = {fault.line: fault for fault in reversed(faults)}
    if not by_line:
        return
    with connection.cursor() as cursor, cursor.copy(_SQL["copy_faults"]) as copy:
        for line, fault in sorted(by_line.items()):
            copy.write_row((import_id, line, fault.code, fault.message.replace("\0", ""), fault.next_step))


def faults(connection: Connection, import_id: UUID, *, after: int, limit: int) -> list[dict[str, Any]]:
    """Return the faults of an import after line `after`, in line order."""
    parameters = {"import_id": import_id, "after": after, "limit": limit}
    return connection.execute(_SQL["faults"], parameters).fetchall()
