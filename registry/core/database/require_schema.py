"""Refuse to start if the database schema does not match this version."""

from __future__ import annotations

from collections.abc import Sequence

from registry.core.database import migrate
from registry.core.database.pool import Pool
from registry.core.database.pooler import require_pooler
from registry.core.errors import Unavailable
from registry.core.errors.database import NoDatabaseUrl, NotMigrated
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
