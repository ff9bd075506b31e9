"""Write and read the feeds of published banks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
LOCK: Final = 0x66656564  # "feed"


def lock(connection: Connection) -> bool:
    """Take the advisory lock for writing feeds until the transaction ends. False: another process holds
    it."""
    row = connection.execute(_SQL["lock"], {"lock": LOCK}).fetchone()
    return row is not None and bool(row["locked"])


def take(connection: Connection, limit: int) -> tuple[UUID | None, list[UUID]]:
    """Remove waiting entries of one bank from the queue and return both. None: nothing waits."""
    rows = connection.execute(_SQL["take"], {"limit": limit}).fetchall()
    return (rows[0]["bank_id"] if rows else None), [row["entry_id"] for row in rows]


def put_back(connection: Connection, bank_id: UUID, entries: Sequence[UUID]) -> None:
    """Put entries back into the queue."""
    connection.execute(_SQL["put_back"], {"bank_id": bank_id, "entries": list(entries)})


def bank(connection: Connection, bank_id: UUID) -> dict[str, Any] | None:
    """Return organization_id, policy, published and the number of pages. Locks the bank."""
    return connection.execute(_SQL["bank"], {"bank_id": bank_id}).fetchone()


def entries(
    connection: Connection, entry_ids: Sequence[UUID], *, beginning: int = 0
) -> dict[UUID, dict[str, Any]]:
    """Return the entries that were registered here, with their status and published item.

    `status` None: nothing is published about the entry. `hash`: of its current item. `beginning`: the first
    bytes of that item, as many as the parameter says.
    """
    parameters = {"entries": list(entry_ids), "beginning": beginning}
    rows = connection.execute(_SQL["entries"], parameters).fetchall()
    return {row["entry_id"]: row for row in rows}


def add_page(
    connection: Connection,
    bank_id: UUID,
    page_no: int,
    event_id: int,
    root: bytes,
    items: Sequence[tuple[UUID, bytes, bytes]],
) -> None:
    """Write a page. `items`: entry, hash, content."""
    key = {"bank_id": bank_id, "page_no": page_no}
    entry_ids = [item[0] for item in items]
    connection.execute(_SQL["add_page"], key | {"root": root, "items": len(items), "event_id": event_id})
    connection.execute(_SQL["replace"], {"entries": entry_ids})
    columns = {
        "entries": entry_ids,
        "hashes": [item[1] for item in items],
        "contents": [item[2] for item in items],
    }
    connection.execute(_SQL["add_items"], key | columns)


def published(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """Return the feeds that an organization may read."""
    return connection.execute(_SQL["published"], {"organization_id": organization_id}).fetchall()


def readable(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """Return whether an organization may read the bank's feed."""
    row = connection.execute(
        _SQL["readable"], {"bank_id": bank_id, "organization_id": organization_id}
    ).fetchone()
    return row is not None and bool(row["readable"])


def page(connection: Connection, bank_id: UUID, page_no: int, *, size: int) -> dict[str, Any] | None:
    """Return a page with its `event` row and `leaf_index`, if it is among the ledger's first `size`
    leaves."""
    parameters = {"bank_id": bank_id, "page_no": page_no, "size": size}
    return connection.execute(_SQL["page_after"], parameters).fetchone()


def items(connection: Connection, bank_id: UUID, page_no: int) -> list[tuple[UUID, bytes, bytes | None]]:
    """Return entry, hash and content of a page's items."""
    rows = connection.execute(_SQL["items"], {"bank_id": bank_id, "page_no": page_no}).fetchall()
    return [(row["entry_id"], row["hash"], row["content"]) for row in rows]


def unreported_pages(connection: Connection, *, size: int) -> list[dict[str, Any]]:
    """Return pages that followers of a feed have not been notified of: webhook_id, bank_id, page_no,
    event_id.

    Only pages within the ledger's first `size` leaves are included.
    """
    return connection.execute(_SQL["unreported_pages"], {"size": size}).fetchall()
