"""Views of the console's lists that people keep: a name, and filters as a query string."""

from __future__ import annotations

from uuid import UUID

from registry.core.database import sql
from registry.core.database.pool import Connection

_SQL = sql.load(__name__)


def kept(connection: Connection, account_id: UUID, of: str) -> list[dict[str, str]]:
    """`name` and `query` of each that the account keeps of a list, oldest first."""
    return connection.execute(_SQL["kept"], {"account_id": account_id, "list": of}).fetchall()


def keep(connection: Connection, account_id: UUID, of: str, name: str, query: str) -> None:
    """One more, or another of that name."""
    connection.execute(_SQL["keep"], {"account_id": account_id, "list": of, "name": name, "query": query})


def forget(connection: Connection, account_id: UUID, of: str, name: str) -> None:
    """One less; nothing where there is none of that name."""
    connection.execute(_SQL["forget"], {"account_id": account_id, "list": of, "name": name})
