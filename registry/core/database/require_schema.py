"""Refuse to start if the database schema does not match this version."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg

from registry.core.database import migrate
from registry.core.database.pool import NEXT_STEP, Pool
from registry.core.database.pooler import require_pooler
from registry.core.errors import Unavailable
from registry.core.errors.database import DatabaseUnavailable, NoDatabaseUrl, NotMigrated
from registry.core.settings import Settings


def require_schema(settings: Settings) -> None:
    """Raise `BadInput` (`no_database_url`) if no database is set, `Unavailable` (`database_unavailable`) if
    neither it nor a replica answers, `Conflict` (`not_migrated`) if migrations are missing, and as
    `require_pooler`."""
    if not settings.database_url:
        raise NoDatabaseUrl
    missing = _missing(settings, [settings.database_url, *settings.replica_urls.split()])
    if missing:
        raise NotMigrated(f"The database lacks {len(missing)} migrations, from {missing[0]} on.")
    require_pooler(settings)


def require_password(settings: Settings) -> None:
    """Raise `Unavailable` (`database_unavailable`) if the database or its pooler asks for a password and does
    not let us in. One that is away is no reason not to start: the pools report it."""
    for url in filter(None, (settings.database_url, settings.pooler_url)):
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.Error as error:
            if isinstance(error, psycopg.OperationalError) and not (
                error.pgconn and error.pgconn.used_password
            ):
                return
            raise DatabaseUnavailable(  # the message may hold the password
                "The database does not let us in.", next_step=NEXT_STEP
            ) from None


def _missing(settings: Settings, urls: Sequence[str]) -> list[str]:
    """Return the missing migrations, from the first database that answers."""
    pool = Pool(urls[0], size=1, statement_timeout_ms=settings.statement_timeout_ms)
    pool.open()
    try:
        with pool.transaction() as connection:
            return migrate.pending(connection)
    except Unavailable:
        if len(urls) == 1:
            raise
    finally:
        pool.close()
    return _missing(settings, urls[1:])
