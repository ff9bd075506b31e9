"""Reads the content of an evidence bundle: moves, deliveries, replies and exhibits of many notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection
from registry.takedown.delivery.store import ListedDelivery
from registry.takedown.replies.store.notice_replies import StoredReply

_SQL = sql.load(__name__)

Rows = list[dict[str, Any]]


def moves(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """Return the moves of notices, oldest first for each notice."""
    return connection.execute(_SQL["moves"], {"notice_ids": list(notice_ids)}).fetchall()


def deliveries(connection: Connection, notice_ids: Sequence[UUID]) -> list[ListedDelivery]:
    """Return the deliveries of notices, still encrypted, oldest first."""
    rows = connection.execute(_SQL["deliveries"], {"notice_ids": list(notice_ids)})
    return [ListedDelivery(**row) for row in rows]


def attempts(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """Return the attempts of their deliveries, oldest first."""
    return connection.execute(_SQL["attempts"], {"notice_ids": list(notice_ids)}).fetchall()


def replies(connection: Connection, organization_id: UUID, notice_ids: Sequence[UUID]) -> list[StoredReply]:
    """Return the replies to notices, still encrypted, oldest first."""
    parameters = {"organization_id": organization_id, "notice_ids": list(notice_ids)}
    return [StoredReply(**row) for row in connection.execute(_SQL["replies"], parameters)]


def exhibits(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """Return the exhibits of notices without their files, still encrypted, oldest first."""
    return connection.execute(_SQL["exhibits"], {"notice_ids": list(notice_ids)}).fetchall()


def exhibit_content(connection: Connection, exhibit_id: UUID) -> bytes | None:
    """Return the encrypted file of an exhibit; None if no file was stored."""
    row = connection.execute(_SQL["exhibit_content"], {"exhibit_id": exhibit_id}).fetchone()
    return bytes(row["content_sealed"]) if row and row["content_sealed"] is not None else None


def add_exhibit(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Insert an exhibit; return False if it exists. `values`: columns of `notice_exhibit`, with
    `caller_id`."""
    return connection.execute(_SQL["add_exhibit"], values).fetchone() is not None


def count_exhibits(connection: Connection, notice_id: UUID) -> int:
    """Return the number of a notice's exhibits."""
    row = connection.execute(_SQL["count_exhibits"], {"notice_id": notice_id}).fetchone()
    return int(row["exhibits"]) if row else 0


def stamp(connection: Connection, digest: bytes) -> bytes | None:
    """Return the stored time stamp of the data with this SHA-256, or None."""
    row = connection.execute(_SQL["stamp"], {"digest": digest}).fetchone()
    return bytes(row["response"]) if row else None


def save_stamp(
    connection: Connection, digest: bytes, organization_id: UUID, response: bytes, stamped_at: datetime
) -> bytes:
    """Store a time stamp, and return the one that was stored first."""
    parameters = {"digest": digest, "organization_id": organization_id}
    parameters |= {"response": response, "stamped_at": stamped_at}
    row = connection.execute(_SQL["save_stamp"], parameters).fetchone()
    return bytes(row["response"]) if row else response


def stored_media(connection: Connection, entry_ids: Sequence[UUID]) -> Rows:
    """Return the stored media of entries: digest, size, role, location."""
    return connection.execute(_SQL["stored_media"], {"entry_ids": list(entry_ids)}).fetchall()


def may_show_minor(connection: Connection, entry_ids: Sequence[UUID]) -> bool:
    """Return whether anybody has answered, in any notice, that media of these entries may show a minor
    sexually."""
    row = connection.execute(_SQL["may_show_minor"], {"entry_ids": list(entry_ids)}).fetchone()
    return bool(row and row["found"])
