"""The feeds of published banks, as they are written and read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)
LOCK: Final = 0x66656564  # "feed"


def lock(connection: Connection) -> bool:
    """Become the one that writes feeds until the transaction ends; False where another one is."""
    row = connection.execute(_SQL["lock"], {"lock": LOCK}).fetchone()
    return row is not None and bool(row["locked"])


def take(connection: Connection, limit: int) -> tuple[UUID | None, list[UUID]]:
    """A bank and its entries that have changed, which wait no longer; None: nothing waits."""
    rows = connection.execute(_SQL["take"], {"limit": limit}).fetchall()
    return (rows[0]["bank_id"] if rows else None), [row["entry_id"] for row in rows]


def put_back(connection: Connection, bank_id: UUID, entries: Sequence[UUID]) -> None:
    """Let these wait again."""
    connection.execute(_SQL["put_back"], {"bank_id": bank_id, "entries": list(entries)})


def bank(connection: Connection, bank_id: UUID) -> dict[str, Any] | None:
    """organization_id, policy, published, and how many pages there are; the bank is locked."""
    return connection.execute(_SQL["bank"], {"bank_id": bank_id}).fetchone()


def entries(
    connection: Connection, entry_ids: Sequence[UUID], *, beginning: int = 0
) -> dict[UUID, dict[str, Any]]:
    """status (None: nothing is to be said), and of what is said so far hash and `beginning`, so many bytes,
    of those that are its own."""
    asked = {"entries": list(entry_ids), "beginning": beginning}
    rows = connection.execute(_SQL["entries"], asked).fetchall()
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
    said = {
        "entries": entry_ids,
        "hashes": [item[1] for item in items],
        "contents": [item[2] for item in items],
    }
    connection.execute(_SQL["add_items"], key | said)


def published(connection: Connection, organization_id: UUID) -> list[dict[str, Any]]:
    """The feeds that an organization may read."""
    return connection.execute(_SQL["published"], {"organization_id": organization_id}).fetchall()


def readable(connection: Connection, bank_id: UUID, organization_id: UUID) -> bool:
    """Whether it may read that bank's."""
    row = connection.execute(
        _SQL["readable"], {"bank_id": bank_id, "organization_id": organization_id}
    ).fetchone()
    return row is not None and bool(row["readable"])


def page(connection: Connection, bank_id: UUID, page_no: int, *, size: int) -> dict[str, Any] | None:
    """A page, with its row of `event` and its `leaf_index`, where it is among the first `size` leaves."""
    parameters = {"bank_id": bank_id, "page_no": page_no, "size": size}
    return connection.execute(_SQL["page_after"], parameters).fetchone()


def items(connection: Connection, bank_id: UUID, page_no: int) -> list[tuple[UUID, bytes, bytes | None]]:
    """Entry, hash and content of a page's items."""
    rows = connection.execute(_SQL["items"], {"bank_id": bank_id, "page_no": page_no}).fetchall()
    return [(row["entry_id"], row["hash"], row["content"]) for row in rows]


def news(connection: Connection, *, size: int) -> list[dict[str, Any]]:
    """webhook_id, bank_id, page_no and event_id of pages, signed within the first `size` leaves, of which
    those who follow a feed were not told."""
    return connection.execute(_SQL["news"], {"size": size}).fetchall()
