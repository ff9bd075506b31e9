"""Can this process do its work?"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from concurrent.futures import Future
from typing import Final
from weakref import WeakKeyDictionary

from registry import operations
from registry.core.database import migrate
from registry.core.database.pool import PATIENCE
from registry.core.database.replicas import Replicas, format_time
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.operations.schemas import Check, Readiness, ReplicaState
from registry.sharing import federation

ASIDE_SECONDS: Final = 1.0
SOME: Final = 5
"""Tables that are named where the role may not use them."""

_asking: Final = threading.Lock()
_asked: Final[MutableMapping[object, Future[Check]]] = WeakKeyDictionary()


def check_readiness(service: Service) -> Readiness:
    """`ready`, and each check with `ok` and, where it failed, `detail`. Where there are replicas: how each
    is, what is spooled, and `as_of` while they stand in for the primary, which is ready enough. So it is
    without the broker, since what is registered waits in the database, and without a place for media: only
    what brings a file is refused then. All processes miss these at once, so none may be taken out of service
    for it. `peers`: where one has forked, which hinders nothing."""
    checks = {"database": _try(lambda: _database(service))}
    ready = checks["database"].ok
    checks["broker"] = _aside(service.publisher, service.publisher.ping)
    checks["blobs"] = _aside(service.blobs, service.blobs.ping)
    if ready and not (service.replicas and service.replicas.primary.is_away()):
        checks["peers"] = _try(lambda: _peers(service))
    found = Readiness(ready=ready, checks=checks)
    if service.replicas is not None:
        _add_replicas(found, service, service.replicas)
    return found


def _add_replicas(found: Readiness, service: Service, replicas: Replicas) -> None:
    found.replicas = [
        ReplicaState(
            name=state.name,
            ok=state.ok,
            lag_seconds=None if state.lag is None else round(state.lag, 3),
            detail=state.detail,
        )
        for state in replicas.states()
    ]
    found.spool_bytes = service.journal.waiting()
    as_of = replicas.stands_in() if replicas.primary.is_away() else None
    if as_of:
        found.as_of = format_time(as_of)
        found.ready = True


def _peers(service: Service) -> str | None:
    with service.pool.transaction(PATIENCE) as connection:
        forked = federation.count_states(connection)["forked"]
    return f"{forked} peer(s) forked and are suspended; see `fakeprint peer list`" if forked else None


def _database(service: Service) -> str | None:
    if service.replicas is not None and service.replicas.primary.is_away():
        return "The primary database is away."
    with service.pool.transaction() as connection:
        withheld = operations.withheld_tables(connection)
        missing = [] if "migration" in withheld else migrate.pending(connection)
    if missing:
        return f"migrations to run: {', '.join(missing)}; run `fakeprint migrate`"
    if withheld:
        more = f" and {len(withheld) - SOME} more" if len(withheld) > SOME else ""
        named = ", ".join(withheld[:SOME]) + more
        return f"the role may not use {named}; run deploy/service-role.sql as the tables' owner"
    return None


def _aside(of: object, check: Callable[[], str | None]) -> Check:
    """Run a check in a thread, one at a time, and report a timeout after `ASIDE_SECONDS`. Load balancers
    give up sooner than a client of a broker or a store does."""
    with _asking:
        if (asked := _asked.get(of)) is None or asked.done():
            asked = _asked[of] = Future()
            threading.Thread(target=_ask, args=(asked, check), name="readiness", daemon=True).start()
    try:
        return asked.result(ASIDE_SECONDS)
    except TimeoutError:
        return Check(ok=False, detail=f"It has not answered within {ASIDE_SECONDS:.0f} s.")


def _ask(asked: Future[Check], check: Callable[[], str | None]) -> None:
    try:
        asked.set_result(_try(check))
    except BaseException as error:  # noqa: BLE001 - told to whoever waits
        asked.set_exception(error)


def _try(check: Callable[[], str | None]) -> Check:
    try:
        detail = check()
    except FakeprintError as error:
        detail = error.message
    return Check(ok=detail is None, detail=detail)
