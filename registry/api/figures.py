"""What the database says when metrics are asked for, as far as it does: the same to every process."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from typing import Any, Final

from registry.actions.service import Service
from registry.errors import Unavailable
from registry.store import canaries, jobs, ledger_stamps, peers, server, work_times
from registry.store.pool import Connection
from registry.store.replicas import AWAY

LOGGER = logging.getLogger("registry.api")

Figures = dict[str, Any]
"""By name, `answers` (whether the primary does) among them. What is not there is not known."""

READ: Final[Mapping[str, Callable[[Connection], Any]]] = {
    "swept": work_times.swept,
    "queues": jobs.depths,
    "jobs": work_times.open_jobs,
    "dead": work_times.dead_letters,
    "outbox": work_times.outbox,
    "unsigned": work_times.unsigned,
    "times": work_times.every,
    "canaries": canaries.every,
    "peers": peers.troubled,
    "stamps": ledger_stamps.state,
    "archive": server.archive,
}


def read(service: Service, found: Figures, patience: float) -> None:
    """Fill `found`, one figure after the other, so that whoever cannot wait longer has those that came. One
    that takes too long leaves the others be. `patience`: seconds for a connection."""
    try:
        with service.pool.transaction(patience) as connection:
            found["answers"] = server.takes_writes(connection)
        if not found["answers"]:
            LOGGER.warning("nothing could be measured: the database takes no writes")
            return
        for name, ask in READ.items():
            _keep(service, found, name, ask, patience)
    except Unavailable as error:
        found["answers"] = False
        LOGGER.warning("not everything could be measured: %s", error.message)


def _keep(
    service: Service, found: Figures, name: str, ask: Callable[[Connection], Any], patience: float
) -> None:
    """One figure. Raises `Unavailable` where the database has gone away."""
    try:
        with service.pool.transaction(patience) as connection:
            found[name] = ask(connection)
    except Unavailable as error:
        if error.code == AWAY:
            raise
        LOGGER.warning("%s could not be measured: %s", name, error.message)
