"""The check of a pooler's address at start: what is wrong there would be seen in answers much later."""

from __future__ import annotations

from typing import Any, Final

import psycopg

from registry.core.database import sql
from registry.core.errors import BadSetting
from registry.core.settings import Settings

_SQL = sql.load(__name__)
_CONNECTING: Final[dict[str, Any]] = {"autocommit": True, "connect_timeout": 5}


def require_pooler(settings: Settings) -> None:
    """Raise `BadInput` (`bad_setting`) if FAKEPRINT_POOLER_URL leads to another database than
    FAKEPRINT_DATABASE_URL, or does not carry prepared statements from transaction to transaction.

    A server that does not answer says nothing of the settings: the pools report it.
    """
    if not settings.pooler_url:
        return
    try:
        with (
            psycopg.connect(settings.database_url, **_CONNECTING) as direct,
            psycopg.connect(settings.pooler_url, **_CONNECTING) as pooled,
        ):
            is_same, is_carried = _identity(direct) == _identity(pooled), _carries(pooled)
    except psycopg.OperationalError:
        return
    except psycopg.ProgrammingError:  # the message may hold the password
        raise BadSetting(
            "FAKEPRINT_DATABASE_URL or FAKEPRINT_POOLER_URL is not a valid PostgreSQL address.",
            next_step="Write it as postgresql://ROLE:PASSWORD@HOST/DATABASE, special characters as %XX.",
        ) from None
    if not is_same:
        raise BadSetting("FAKEPRINT_POOLER_URL and FAKEPRINT_DATABASE_URL lead to different databases.")
    if not is_carried:
        raise BadSetting(
            "FAKEPRINT_POOLER_URL does not lead to PgBouncer in transaction mode with prepared statements.",
            next_step="PgBouncer >= 1.22 needs pool_mode = transaction and max_prepared_statements = 200.",
        )


def _identity(connection: psycopg.Connection[Any]) -> Any:
    return connection.execute(_SQL["identity"]).fetchone()


def _carries(connection: psycopg.Connection[Any]) -> bool:
    """Whether the pooler gives statements names of its own, by which it finds them in any session."""
    try:
        with connection.transaction():
            connection.execute("SELECT 1", prepare=True)
            row = connection.execute(_SQL["own_names"], prepare=False).fetchone()
    except psycopg.errors.DuplicatePreparedStatement:  # another client's, by psycopg's name for it
        return False
    except psycopg.OperationalError as error:
        if "statement pooling" in str(error):  # which refuses transactions
            return False
        raise
    return row == (0,)
