"""Connection pools for PostgreSQL, with the settings that the queries rely on.

Directly connected, a session gets its settings once. A pooler in transaction mode (PgBouncer) gives each
transaction another session, so there each transaction begins with its settings, in the same round trip.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from pgvector.psycopg import register_vector
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from registry.core import tracing
from registry.core.database import arrays
from registry.core.database.traced import TracedCursor
from registry.core.errors.database import DatabaseBusy, DatabaseTimeout, DatabaseUnavailable

Connection = psycopg.Connection[DictRow]

QUICK: Final = 4
"""Connections a process has for `quick`. Two connections already keep two cores busy."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for a connection."""
RECONNECTING: Final = 5.0
"""Seconds after which the pool stops trying to make a connection. The next request tries again at once.
psycopg's own retries, at growing intervals, would extend the outage by as much again."""
VANISHED: Final = {
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""Socket options that detect a vanished server after some seconds (the first value is in ms)."""
NEXT_STEP: Final = (
    "Check FAKEPRINT_DATABASE_URL, FAKEPRINT_POOLER_URL if it is set, and that their servers are up; then try"
    " again."
)
_SETTINGS: Final = {
    "idle_in_transaction_session_timeout": "60000",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
    "hnsw.ef_search": "100",
    "timezone": "UTC",
}
_PLANNED_ONCE: Final = {"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off"}


class Pool:
    """Connection pools; use `transaction()`, `snapshot()` or `quick()`.

    JIT and parallel plans are off: for queries of a few milliseconds they cost more than they save.
    `hnsw.ef_search` 100 gave a measured recall of .999.
    """

    def __init__(
        self, url: str, *, size: int, statement_timeout_ms: int, pooler: str = "", name: str = "fakeprint"
    ) -> None:
        """`pooler`: the address of a pooler in transaction mode, by which the pools reach the database. `url`
        leads to the database itself, for what needs a session. `name`: what PostgreSQL calls the sessions."""
        usual = {"statement_timeout": str(statement_timeout_ms), **_SETTINGS}
        # These queries never change, so they are planned once a connection, with indexes whatever the table's
        # size.
        planned = usual | _PLANNED_ONCE
        self.url = url
        self._begin, self._begin_quick = (_begin(usual), _begin(planned)) if pooler else (b"", b"")
        more = {"application_name": name}
        once = more | ({} if pooler else {"options": _options(usual)})
        self._pool = _pool(pooler or url, once, autocommit=bool(pooler), name=name, min_size=1, max_size=size)
        once = more | ({} if pooler else {"options": _options(planned)})
        most = min(size, QUICK)
        self._quick = _pool(pooler or url, once, autocommit=True, name="quick", min_size=0, max_size=most)

    def open(self) -> None:
        """Start filling the pools without waiting for a connection."""
        self._pool.open(wait=False)
        self._quick.open(wait=False)

    def close(self) -> None:
        self._pool.close(timeout=2.0)
        self._quick.close(timeout=2.0)

    @contextmanager
    def transaction(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """Yield a connection inside a transaction: committed on a clean exit, else rolled back. `patience`:
        seconds to wait for a connection.

        Raises `Unavailable`: `database_unavailable` if there is no connection or the server goes away,
        `database_timeout` if a statement takes too long, `database_busy` if another transaction wins.
        """
        with explained(), self._pool.connection(patience) as connection:
            if self._begin:  # the pool ends the transaction when it gets the connection back
                connection.execute(self._begin, prepare=False)
                yield connection
            else:
                with connection.transaction():
                    yield connection

    @contextmanager
    def snapshot(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """Like `transaction`, but read-only, and all statements see one snapshot."""
        with self.transaction(patience) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def quick(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """Yield an autocommit connection whose statements are planned once. There are at most `QUICK` of
        them, opened when first needed. By a pooler all its statements are one transaction. Raises like
        `transaction`."""
        with explained(), self._quick.connection(patience) as connection:
            if self._begin_quick:
                connection.execute(self._begin_quick, prepare=False)
            yield connection

    def stats(self) -> dict[str, int]:
        """Return the pool's counters, for the metrics."""
        return dict(self._pool.get_stats())


@contextmanager
def explained() -> Iterator[None]:
    """Turn database errors into `Unavailable`."""
    try:
        yield
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise DatabaseBusy("Another request changed the same thing.", next_step="Try again.") from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise DatabaseUnavailable(next_step=NEXT_STEP) from error
    except (PoolTimeout, psycopg.OperationalError) as error:
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise DatabaseTimeout from error
        raise DatabaseUnavailable("The database cannot be reached.", next_step=NEXT_STEP) from error


def _options(chosen: Mapping[str, str]) -> str:
    return " ".join(f"-c {name}={value}" for name, value in chosen.items())


def _begin(chosen: Mapping[str, str]) -> bytes:
    """Return one text of statements that begins a transaction with these settings. None outlives it."""
    return "; ".join(["BEGIN", *(f"SET LOCAL {name} = '{value}'" for name, value in chosen.items())]).encode()


def _pool(
    url: str, session: Mapping[str, str], *, autocommit: bool, **sizes: Any
) -> ConnectionPool[Connection]:
    return ConnectionPool(
        url,
        timeout=PATIENCE,
        reconnect_timeout=RECONNECTING,
        kwargs={
            "row_factory": dict_row,
            **session,
            **({"cursor_factory": TracedCursor} if tracing.on() else {}),
            "connect_timeout": 5,
            **VANISHED,
            "autocommit": autocommit,
        },
        configure=_configure,
        check=_check,
        open=False,
        **sizes,
    )


def _check(connection: psycopg.Connection[Any]) -> None:
    """Test a connection, but only if its socket is readable. An idle server sends nothing except a message
    before it disconnects. This saves a round trip in each transaction."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


def _configure(connection: psycopg.Connection[Any]) -> None:
    # Before the first migration there is no vector type to register.
    row = connection.execute("SELECT to_regtype('vector') IS NOT NULL AS there").fetchone()
    if not connection.autocommit:
        connection.commit()
    if row and row["there"]:
        register_vector(connection)
        arrays.register(connection)
