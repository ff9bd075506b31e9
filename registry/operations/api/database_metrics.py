"""Metrics that are read from the database, the same for every process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Final

from registry import jobs
from registry.core.database.pool import Connection, Pool, explained
from registry.core.database.replicas import AWAY
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.operations.store import canaries, server
from registry.sharing import federation, sources
from registry.transparency import ledger, timestamps

LOGGER = logging.getLogger(__name__)

WAITS: Final = 1.0
"""Longest wait for a connection of the pool, in seconds."""
CONNECTS: Final = 2
"""Connect timeout outside the pool, in seconds. Together both are shorter than `scraping.READING_SECONDS`, so
that a database that is away is reported as away."""

Readings = dict[str, Any]
"""Values by name, with `answers`: whether the primary answers. Unknown values are absent."""

QUERIES: Final[Mapping[str, Callable[[Connection], Any]]] = {
    **jobs.METRICS,
    "unsigned": ledger.oldest_unsigned,
    "canaries": canaries.every,
    "peers": federation.count_states,
    "exchanges": sources.overdue,
    "stamps": timestamps.state,
    "archive": server.archive,
}


class _Database:
    """Reads through the pool, or through an own connection once the pool has none left. So requests that hold
    all connections do not make the database look away."""

    def __init__(self, pool: Pool, patience: float, until: ExitStack) -> None:
        self._pool, self._patience, self._until = pool, patience, until
        self._own: Connection | None = None

    def read[T](self, query: Callable[[Connection], T]) -> T:
        """Return the result of a query. Raises `Unavailable`."""
        if self._own is None:
            try:
                with self._pool.transaction(self._patience) as connection:
                    return query(connection)
            except Unavailable as error:
                if error.code != AWAY:
                    raise
            self._own = self._until.enter_context(server.apart(self._pool.url, seconds=CONNECTS))
        with explained(), self._own.transaction():
            return query(self._own)


def read(service: Service, readings: Readings, patience: float) -> None:
    """Fill `readings` one value after the other, so that a caller that stops waiting has those that came.

    A query that takes too long or that the role may not run is left out. `patience`: seconds for a
    connection.
    """
    try:
        with ExitStack() as until:
            database = _Database(service.pool, min(patience, WAITS), until)
            readings["answers"] = database.read(server.takes_writes)
            if not readings["answers"]:
                LOGGER.warning("nothing could be measured: the database takes no writes")
                return
            for name, query in QUERIES.items():
                _add(database, readings, name, query)
    except Unavailable as error:
        readings["answers"] = False
        LOGGER.warning("not everything could be measured: %s", error.message)


def _add(database: _Database, readings: Readings, name: str, query: Callable[[Connection], Any]) -> None:
    """Add one value. Raises `Unavailable` if the database has gone away."""
    try:
        readings[name] = database.read(query)
    except Unavailable as error:
        if error.code == AWAY:
            raise
        LOGGER.warning("%s could not be measured: %s", name, error.message)
    except server.REFUSED as error:
        LOGGER.warning("%s could not be measured: %s", name, type(error).__name__)
