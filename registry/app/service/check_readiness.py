"""Readiness of this process: database, broker, blobs, peers."""

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
"""Most tables that are named if the role may not use them."""

_lock: Final = threading.Lock()
_pending: Final[MutableMapping[object, Future[Check]]] = WeakKeyDictionary()


def check_readiness(service: Service) -> Readiness:
    """Return `ready` and the result of each check, with `detail` if it failed.

    The service is also ready if replicas answer for the primary; then `as_of` is set. It is ready without the
    broker, because registrations wait in the database, and without the blob store, because only requests with
    a file fail. All processes lose these at the same time, so taking one out of service would not help.
    `peers` fails if a peer has forked; that does not affect `ready`."""
    checks = {"database": _try(lambda: _database(service))}
    ready = checks["database"].ok
    checks["broker"] = _check_in_thread(service.publisher, service.publisher.ping)
    checks["blobs"] = _check_in_thread(service.blobs, service.blobs.ping)
    if ready and not (service.replicas and service.replicas.primary.is_away()):
        checks["peers"] = _try(lambda: _peers(service))
    readiness = Readiness(ready=ready, checks=checks)
    if service.replicas is not None:
        _add_replicas(readiness, service, service.replicas)
    return readiness


def _add_replicas(readiness: Readiness, service: Service, replicas: Replicas) -> None:
    readiness.replicas = [
        ReplicaState(
            name=state.name,
            ok=state.ok,
            lag_seconds=None if state.lag is None else round(state.lag, 3),
            detail=state.detail,
        )
        for state in replicas.states()
    ]
    readiness.spool_bytes = service.journal.waiting()
    as_of = replicas.stands_in() if replicas.primary.is_away() else None
    if as_of:
        readiness.as_of = format_time(as_of)
        readiness.ready = True


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
        names = ", ".join(withheld[:SOME]) + more
        return f"the role may not use {names}; run deploy/service-role.sql as the tables' owner"
    return None


def _check_in_thread(subject: object, check: Callable[[], str | None]) -> Check:
    """Run a check in a thread, one at a time, and report a timeout after `ASIDE_SECONDS`. Load balancers
    give up sooner than a client of a broker or a store does."""
    with _lock:
        if (pending := _pending.get(subject)) is None or pending.done():
            pending = _pending[subject] = Future()
            threading.Thread(target=_run, args=(pending, check), name="readiness", daemon=True).start()
    try:
        return pending.result(ASIDE_SECONDS)
    except TimeoutError:
        return Check(ok=False, detail=f"It has not answered within {ASIDE_SECONDS:.0f} s.")


def _run(pending: Future[Check], check: Callable[[], str | None]) -> None:
    try:
        pending.set_result(_try(check))
    except BaseException as error:  # noqa: BLE001 - raised where the result is awaited
        pending.set_exception(error)


def _try(check: Callable[[], str | None]) -> Check:
    try:
        detail = check()
    except FakeprintError as error:
        detail = error.message
    return Check(ok=detail is None, detail=detail)
