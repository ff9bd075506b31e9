"""What a bundle of evidence is made of: many notices' moves, deliveries and replies at one moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)

Rows = list[dict[str, Any]]


def moves(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """The moves of notices, each notice's oldest first."""
    return connection.execute(_SQL["moves"], {"notice_ids": list(notice_ids)}).fetchall()


def deliveries(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """Their deliveries, still sealed, oldest first."""
    return connection.execute(_SQL["deliveries"], {"notice_ids": list(notice_ids)}).fetchall()


def attempts(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """The attempts of their deliveries, oldest first."""
    return connection.execute(_SQL["attempts"], {"notice_ids": list(notice_ids)}).fetchall()


def replies(connection: Connection, organization_id: UUID, notice_ids: Sequence[UUID]) -> Rows:
    """What came back to them, still sealed, oldest first."""
    parameters = {"organization_id": organization_id, "notice_ids": list(notice_ids)}
    return connection.execute(_SQL["replies"], parameters).fetchall()


def exhibits(connection: Connection, notice_ids: Sequence[UUID]) -> Rows:
    """The exhibits of notices, still sealed, oldest first; not their files."""
    return connection.execute(_SQL["exhibits"], {"notice_ids": list(notice_ids)}).fetchall()


def exhibit_content(connection: Connection, exhibit_id: UUID) -> bytes | None:
    """The file of an exhibit, sealed; None where it was not given."""
    row = connection.execute(_SQL["exhibit_content"], {"exhibit_id": exhibit_id}).fetchone()
    return bytes(row["content_sealed"]) if row and row["content_sealed"] is not None else None


def add_exhibit(connection: Connection, values: Mapping[str, Any]) -> bool:
    """Add one, and whether it is new. `values`: the columns of `notice_exhibit`, `caller_id` for who adds."""
    return connection.execute(_SQL["add_exhibit"], values).fetchone() is not None


def count_exhibits(connection: Connection, notice_id: UUID) -> int:
    """How many exhibits a notice has."""
    row = connection.execute(_SQL["count_exhibits"], {"notice_id": notice_id}).fetchone()
    return int(row["exhibits"]) if row else 0


def stamp(connection: Connection, digest: bytes) -> bytes | None:
    """The stamp of what has that SHA-256, where it was stamped before."""
    row = connection.execute(_SQL["stamp"], {"digest": digest}).fetchone()
    return bytes(row["response"]) if row else None


def keep_stamp(
    connection: Connection, digest: bytes, organization_id: UUID, response: bytes, stamped_at: datetime
) -> bytes:
    """Keep a stamp; whichever of it was kept first."""
    values = {"digest": digest, "organization_id": organization_id}
    values |= {"response": response, "stamped_at": stamped_at}
    row = connection.execute(_SQL["keep_stamp"], values).fetchone()
    return bytes(row["response"]) if row else response


def kept_media(connection: Connection, entry_ids: Sequence[UUID]) -> Rows:
    """The media of entries that are kept here: digest, size, role, where they lie."""
    return connection.execute(_SQL["kept_media"], {"entry_ids": list(entry_ids)}).fetchall()


def may_show_minor(connection: Connection, entry_ids: Sequence[UUID]) -> bool:
    """Whether anybody said of media of these entries, in any notice, that a minor may be shown sexually."""
    row = connection.execute(_SQL["may_show_minor"], {"entry_ids": list(entry_ids)}).fetchone()
    return bool(row and row["found"])
