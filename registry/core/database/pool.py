"""Connections to PostgreSQL: one pool a process, settings that the queries rely on."""

from __future__ import annotations

import select
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from pgvector.psycopg import register_vector
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from registry.core import tracing
from registry.core.database import arrays
from registry.core.database.traced import TracedCursor
from registry.core.errors import Unavailable

Connection = psycopg.Connection[DictRow]

QUICK: Final = 4
"""Connections of a process for `quick`; two cores have work with two."""
PATIENCE: Final = 5.0
"""Seconds that a request waits for a connection."""
RECONNECTING: Final = 5.0
"""Seconds after which a pool gives up a connection that cannot be made. The next request tries anew, at once;
trying on, at ever longer intervals, would outlast the server's absence by as much again."""
VANISHED: Final = {
    "tcp_user_timeout": 5000,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
}
"""A server whose machine is gone says nothing: after some seconds (the first in ms) it counts as away."""
NEXT_STEP: Final = "Check FAKEPRINT_DATABASE_URL and that PostgreSQL is up; then try again."


class Pool:
    """Pools of connections; `transaction()` and `quick()` are the only ways in.

    JIT and parallel plans are off on every connection: for queries of a few milliseconds they cost more
    than they bring. `hnsw.ef_search` 100 gave a recall of .999 where it was measured.
    """

    def __init__(self, url: str, *, size: int, statement_timeout_ms: int) -> None:
        options = (
            f"-c statement_timeout={statement_timeout_ms} -c idle_in_transaction_session_timeout=60000"
            " -c jit=off -c max_parallel_workers_per_gather=0 -c hnsw.ef_search=100 -c timezone=UTC"
            " -c application_name=fakeprint"
        )
        self.url = url
        self._pool = _pool(url, options, name="fakeprint", min_size=1, max_size=size)
        # Queries that are always the same are planned once a connection, for indexes whatever a table's size.
        options += " -c plan_cache_mode=force_generic_plan -c enable_seqscan=off"
        most = min(size, QUICK)
        self._quick = _pool(url, options, name="quick", min_size=0, max_size=most, autocommit=True)

    def open(self) -> None:
        """Start filling the pool; does not wait for a connection."""
        self._pool.open(wait=False)
        self._quick.open(wait=False)

    def close(self) -> None:
        self._pool.close(timeout=2.0)
        self._quick.close(timeout=2.0)

    @contextmanager
    def transaction(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """A connection inside a transaction, committed on a clean exit, else rolled back. `patience`: seconds
        that it may take to have one.

        Raises `Unavailable`: `database_unavailable` where none can be had or the server goes away,
        `database_timeout` where a statement took too long, `database_busy` where another transaction won.
        """
        with explained(), self._pool.connection(patience) as connection, connection.transaction():
            yield connection

    @contextmanager
    def snapshot(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """As `transaction`, for reads alone: what several statements read is of one moment."""
        with self.transaction(patience) as connection:
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            yield connection

    @contextmanager
    def quick(self, patience: float = PATIENCE) -> Iterator[Connection]:
        """A connection for statements of which each is a transaction, and that are planned once. There are
        `QUICK` of them, made when they are first needed. Raises as `transaction`."""
        with explained(), self._quick.connection(patience) as connection:
            yield connection

    def stats(self) -> dict[str, int]:
        """The pool's counters, for the metrics."""
        return dict(self._pool.get_stats())


@contextmanager
def explained() -> Iterator[None]:
    """What goes wrong with the database, as `Unavailable`."""
    try:
        yield
    except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
        raise Unavailable(
            "Another request changed the same thing.", code="database_busy", next_step="Try again."
        ) from error
    except psycopg.errors.ReadOnlySqlTransaction as error:
        raise Unavailable(
            "The database takes no writes: it is a copy.", code="database_unavailable", next_step=NEXT_STEP
        ) from error
    except (PoolTimeout, psycopg.OperationalError) as error:
        if isinstance(error, psycopg.errors.QueryCanceled):
            raise Unavailable(
                "The database did not answer in time.", code="database_timeout", next_step="Try again."
            ) from error
        raise Unavailable(
            "The database cannot be reached.", code="database_unavailable", next_step=NEXT_STEP
        ) from error


def _pool(url: str, options: str, *, autocommit: bool = False, **sizes: Any) -> ConnectionPool[Connection]:
    return ConnectionPool(
        url,
        timeout=PATIENCE,
        reconnect_timeout=RECONNECTING,
        kwargs={
            "row_factory": dict_row,
            "options": options,
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
    """Ask whether a connection works, where there is reason to: nothing comes from a server that was asked
    nothing, but for its farewell. Without asking, a transaction has a round trip less."""
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)
    if poll.poll(0):
        ConnectionPool.check_connection(connection)


def _configure(connection: psycopg.Connection[Any]) -> None:
    # Before the first migration there is no vector type to register.
    found = connection.execute("SELECT to_regtype('vector') IS NOT NULL AS there").fetchone()
    if not connection.autocommit:
        connection.commit()
    if found and found["there"]:
        register_vector(connection)
        arrays.register(connection)
