"""Change the number of hash partitions of the frames (by asset), while lookups continue.

A new table is built beside the old one and takes its name at the end. One connection blocks writers, in a
transaction that ends with the renaming. Another connection builds, with each statement its own transaction,
so that a server crash leaves visible tables that can be dropped. An interrupted run changes nothing but
leaves its new tables; the next run drops them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row
from psycopg.transaction import OutOfOrderTransactionNesting

from registry.catalogue.fingerprints import INDEX_MEMORY_MB
from registry.core.database import sql
from registry.core.database.migrate import migration_lock
from registry.core.database.pool import NEXT_STEP, Connection
from registry.core.errors import Unavailable
from registry.core.errors.database import DatabaseBusy, DatabaseRole, DatabaseUnavailable
from registry.operations.errors import BadPartitions, DatabaseFull, FramesDependedOn

_SQL = sql.load(__name__)

MOST: Final = 64
"""Most partitions: every lookup queries each of them."""
PAGES: Final = 8192
"""Pages copied at a time: 64 MB."""
WRITERS: Final = "900ms"
"""Lock timeout for blocking writers. Other writers wait meanwhile."""
LOOKUPS: Final = "200ms"
"""Lock timeout for blocking lookups. Other lookups wait meanwhile."""
PAUSE: Final = 0.5
"""Seconds between two attempts."""
TRIES: Final = 600
"""Attempts before giving up: five minutes or more."""
RELEASING: Final = 10
"""After this many attempts, statements are cancelled that have read frames and wait to write some."""
STRAGGLERS: Final = 1.0
"""Seconds for statements that were planned for the old table."""

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Spread:
    """The result: `before`: the earlier number of partitions. `locks`: the `max_locks_per_transaction` that
    the new number needs, if the server's is smaller, because a lookup locks each partition and its indexes.
    `left`: the old table could not be dropped yet."""

    before: int
    locks: int | None
    left: bool = False


def count(connection: Connection) -> int:
    """Return the number of partitions of the frames."""
    return int(_row(connection, "count")["partitions"])


def repartition(database_url: str, partitions: int, say: Say) -> Spread:
    """Move the frames to so many partitions. `say` receives progress messages.

    Lookups continue except for an instant at the end. Registrations and erasures wait until it is done. It
    takes turns with migrations. Raises `BadInput` (`bad_partitions`). Raises `Unavailable`: `database_busy`
    if locks cannot be had for minutes, `database_full`, `database_role` if another role owns the tables,
    `database_unavailable`. Raises `Conflict` (`frames_depended_on`) if views or similar objects would stay
    with the old table. On errors, nothing has changed.
    """
    if not 1 <= partitions <= MOST:
        raise BadPartitions(f"Frames can be in 1 to {MOST} partitions, not in {partitions}.")
    with (
        _explained(),
        _connected(database_url) as holding,
        _connected(database_url) as building,
        migration_lock(holding),
    ):
        _drop_unused(building, say)
        before, locks = count(building), _row(building, "locks")["locks"]
        is_left = False
        if before != partitions:
            _require_free(building)
            try:
                _replace(holding, building, partitions, say)
            except BaseException:
                with contextlib.suppress(psycopg.Error, Unavailable):
                    _clear(holding, building, say)
                raise
            time.sleep(STRAGGLERS)
            try:
                _drop_unused(building, say)
            except (psycopg.Error, Unavailable):  # the change is done; the next run drops the rest
                is_left = True
    needed = 4 * partitions + 32
    return Spread(before, needed if locks < needed else None, is_left)


def _require_free(connection: Connection) -> None:
    """Raise `Conflict` if objects of the operator's own depend on the old table."""
    dependents = [row["what"] for row in connection.execute(_SQL["dependents"]).fetchall()]
    if dependents:
        raise FramesDependedOn(f"These objects depend on the old table of frames: {', '.join(dependents)}.")


def _replace(holding: Connection, building: Connection, partitions: int, say: Say) -> None:
    """Build the new table while writers are blocked, then rename."""
    with holding.transaction():
        say("waiting for running registrations")
        _patiently(holding, "hold", WRITERS)
        _build(building, partitions, say)
        say("checking the references of frames to media")
        _run(holding, "references")
        say("renaming the tables")
        _patiently(holding, "stop", LOOKUPS, otherwise="release")
        bound, names = _statements(holding, "bound"), _statements(holding, "names")
        for statement in (*names, *bound):
            holding.execute(statement)


def _build(connection: Connection, partitions: int, say: Say) -> None:
    """Build the new table with all rows and indexes."""
    connection.execute(_SQL["parent"])
    _run(connection, "described")
    for number in range(partitions):
        _run(connection, "partition", {"number": number, "partitions": partitions})
    copies = _statements(connection, "copies", {"pages": PAGES})
    rows = 0
    for number, statement in enumerate(copies, start=1):
        rows += connection.execute(statement).rowcount
        say(f"copied {rows} frames, part {number} of {len(copies)}")
    indexes = connection.execute(_SQL["indexes"], {}).fetchall()
    for number, index in enumerate(indexes, start=1):
        say(f"building {index['doing']}, {number} of {len(indexes)}")
        connection.execute(index["statement"].encode())
    connection.execute(_SQL["analyze"])


def _clear(holding: Connection, building: Connection, say: Say) -> None:
    """Drop what was built. An interruption can leave the connection that holds the locks amid a statement,
    where it takes no other: then it is closed, and the migration lock with it."""
    with contextlib.ExitStack() as ends:
        try:
            holding.execute(_SQL["let_go"])
        except psycopg.Error:
            holding.close()
            ends.enter_context(migration_lock(building))
        _drop_unused(building, say)


def _drop_unused(connection: Connection, say: Say) -> None:
    """Drop unused tables."""
    _patiently(connection, "forget_new", WRITERS)
    if _row(connection, "has_old")["there"]:
        say("dropping the old table")
        _patiently(connection, "forget_old", LOOKUPS)


def _patiently(connection: Connection, name: str, wait: str, *, otherwise: str | None = None) -> None:
    """Run a statement that needs several locks. It gets all at once or releases all, so that it cannot
    deadlock with sessions that hold one and wait for another. `otherwise` is run after some attempts. Raises
    `Unavailable`."""
    for number in range(TRIES):
        try:
            with connection.transaction():
                connection.execute(_SQL["patience"], {"wait": wait})
                connection.execute(_SQL[name])
                connection.execute(_SQL["patience"], {"wait": "0"})
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            if otherwise and number >= RELEASING:
                with contextlib.suppress(psycopg.errors.InsufficientPrivilege), connection.transaction():
                    connection.execute(_SQL[otherwise])
            time.sleep(PAUSE)
        else:
            return
    raise DatabaseBusy(
        "Other sessions lock the frames all the time; nothing was changed.",
        next_step="Find long transactions in pg_stat_activity, end them, then try again.",
    )


def _statements(connection: Connection, name: str, parameters: dict[str, int] | None = None) -> list[bytes]:
    """Return the statements that a query generates."""
    return [row["statement"].encode() for row in connection.execute(_SQL[name], parameters or {}).fetchall()]


def _run(connection: Connection, name: str, parameters: dict[str, int] | None = None) -> None:
    """Run the statements that a query generates."""
    for statement in _statements(connection, name, parameters):
        connection.execute(statement)


def _row(connection: Connection, name: str) -> dict[str, Any]:
    return connection.execute(_SQL[name]).fetchall()[0]


@contextmanager
def _connected(database_url: str) -> Iterator[Connection]:
    """Open a connection for building, whose server notices when this process dies."""
    with psycopg.connect(
        database_url, autocommit=True, connect_timeout=10, row_factory=dict_row
    ) as connection:
        connection.execute(_SQL["act"], {"memory": f"{INDEX_MEMORY_MB}MB"})
        with contextlib.suppress(psycopg.DataError):  # not every system allows this check
            connection.execute(_SQL["linked"])
        yield connection


@contextmanager
def _explained() -> Iterator[None]:
    """Turn database errors into `Unavailable`."""
    try:
        yield
    except psycopg.errors.DiskFull as error:
        raise DatabaseFull(
            "The disk has no room for a second copy of frames and indexes; nothing was changed."
        ) from error
    except psycopg.errors.InsufficientPrivilege as error:
        raise DatabaseRole(
            "The tables belong to another role; nothing was changed.", next_step="Connect as their owner."
        ) from error
    except OutOfOrderTransactionNesting as error:  # Ctrl-C came while psycopg counted transactions
        raise KeyboardInterrupt from error
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable(
            f"The frames were not moved: {str(error).strip().splitlines()[0]}; nothing was changed.",
            next_step=NEXT_STEP,
        ) from error
