"""Refuse to start if the database schema does not match this version."""

from __future__ import annotations

from collections.abc import Sequence

from registry.core.database import migrate
from registry.core.database.pool import Pool
from registry.core.errors import BadInput, Conflict, Unavailable
from registry.core.settings import Settings


def require_schema(settings: Settings) -> None:
    """Raise `BadInput` (`no_database_url`) if no database is set, `Unavailable` (`database_unavailable`) if
    neither it nor a replica answers, `Conflict` (`not_migrated`) if migrations are missing."""
    if not settings.database_url:
        raise BadInput(
            "No database is set.",
            code="no_database_url",
            next_step="Run `fakeprint up`, or set FAKEPRINT_DATABASE_URL (PostgreSQL >= 17, pgvector).",
        )
    missing = _missing(settings, [settings.database_url, *settings.replica_urls.split()])
    if missing:
        raise Conflict(
            f"The database lacks {len(missing)} migrations, from {missing[0]} on.",
            code="not_migrated",
            next_step="Run `fakeprint migrate` with the same FAKEPRINT_DATABASE_URL.",
        )


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
