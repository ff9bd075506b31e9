"""What a bundle of evidence is made of: many notices' moves, deliveries and replies at one moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from registry.store import sql
from registry.store.pool import Connection

_SQL = sql.load("evidence")

Rows = list[dict[str, Any]]


def as_of_now(connection: Connection) -> None:
    """Read everything after this as it is at one moment; it must come first in the transaction."""
    connection.execute(_SQL["as_of_now"])


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
