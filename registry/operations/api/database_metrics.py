"""What the database says when metrics are asked for, as far as it does: the same to every process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import Any, Final

from registry.core.database.pool import Connection, Pool, explained
from registry.core.database.replicas import AWAY
from registry.core.errors import Unavailable
from registry.core.service import Service
from registry.jobs.store import jobs, work_times
from registry.operations.store import canaries, server
from registry.sharing import federation, sources
from registry.transparency import ledger, timestamps

LOGGER = logging.getLogger(__name__)

WAITS: Final = 1.0
"""Seconds to wait for a connection of the pool, at most."""
CONNECTS: Final = 2
"""Seconds to make one beside it. With the above below what the figures may take (`scrapes.TELLS`), so that a
database that is away is told as that."""

Figures = dict[str, Any]
"""By name, `answers` (whether the primary does) among them. What is not there is not known."""

READ: Final[Mapping[str, Callable[[Connection], Any]]] = {
    "swept": work_times.swept,
    "queues": jobs.depths,
    "jobs": work_times.open_jobs,
    "dead": work_times.dead_letters,
    "outbox": work_times.outbox,
    "unsigned": ledger.oldest_unsigned,
    "times": work_times.every,
    "canaries": canaries.every,
    "peers": federation.count_states,
    "exchanges": sources.overdue,
    "stamps": timestamps.state,
    "archive": server.archive,
}


class _Asked:
    """The database, by the pool, or by a connection of its own once that has none to give: requests that
    hold them all do not make the database away."""

    def __init__(self, pool: Pool, patience: float, until: ExitStack) -> None:
        self._pool, self._patience, self._until = pool, patience, until
        self._own: Connection | None = None

    def say[T](self, question: Callable[[Connection], T]) -> T:
        """The answer. Raises `Unavailable`."""
        if self._own is None:
            try:
                with self._pool.transaction(self._patience) as connection:
                    return question(connection)
            except Unavailable as error:
                if error.code != AWAY:
                    raise
            self._own = self._until.enter_context(server.apart(self._pool.url, seconds=CONNECTS))
        with explained(), self._own.transaction():
            return question(self._own)


def read(service: Service, found: Figures, patience: float) -> None:
    """Fill `found`, one figure after the other, so that whoever cannot wait longer has those that came. One
    that takes too long, or that the role may not read, leaves the others be. `patience`: seconds for a
    connection."""
    try:
        with ExitStack() as until:
            asked = _Asked(service.pool, min(patience, WAITS), until)
            found["answers"] = asked.say(server.takes_writes)
            if not found["answers"]:
                LOGGER.warning("nothing could be measured: the database takes no writes")
                return
            for name, question in READ.items():
                _keep(asked, found, name, question)
    except Unavailable as error:
        found["answers"] = False
        LOGGER.warning("not everything could be measured: %s", error.message)


def _keep(asked: _Asked, found: Figures, name: str, question: Callable[[Connection], Any]) -> None:
    """One figure. Raises `Unavailable` where the database has gone away."""
    try:
        found[name] = asked.say(question)
    except Unavailable as error:
        if error.code == AWAY:
            raise
        LOGGER.warning("%s could not be measured: %s", name, error.message)
    except server.REFUSED as error:
        LOGGER.warning("%s could not be measured: %s", name, type(error).__name__)
