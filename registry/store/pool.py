"""Connections to PostgreSQL: one pool a process, settings that the queries rely on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from pgvector.psycopg import register_vector
from psycopg.rows import DictRow, dict_row
from psycopg_pool import ConnectionPool, PoolTimeout

from registry.errors import Unavailable

Connection = psycopg.Connection[DictRow]

NEXT_STEP = "Check FAKEPRINT_DATABASE_URL and that PostgreSQL is up; then try again."


class Pool:
    """A pool of connections; `transaction()` is the only way in.

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
        self._pool: ConnectionPool[Connection] = ConnectionPool(
            url,
            min_size=1,
            max_size=size,
            timeout=5.0,
            kwargs={"row_factory": dict_row, "options": options, "connect_timeout": 5},
            configure=_configure,
            check=ConnectionPool.check_connection,
            open=False,
            name="fakeprint",
        )

    def open(self) -> None:
        """Start filling the pool; does not wait for a connection."""
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close(timeout=2.0)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection inside a transaction, committed on a clean exit, else rolled back.

        Raises `Unavailable`: `database_unavailable` where none can be had or the server goes away,
        `database_timeout` where a statement took too long, `database_busy` where another transaction won.
        """
        try:
            with self._pool.connection() as connection, connection.transaction():
                yield connection
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
            raise Unavailable(
                "Another request changed the same thing.", code="database_busy", next_step="Try again."
            ) from error
        except (PoolTimeout, psycopg.OperationalError) as error:
            if isinstance(error, psycopg.errors.QueryCanceled):
                raise Unavailable(
                    "The database did not answer in time.", code="database_timeout", next_step="Try again."
                ) from error
            raise Unavailable(
                "The database cannot be reached.", code="database_unavailable", next_step=NEXT_STEP
            ) from error

    def stats(self) -> dict[str, int]:
        """The pool's counters, for the metrics."""
        return dict(self._pool.get_stats())


def _configure(connection: psycopg.Connection[Any]) -> None:
    # Before the first migration there is no vector type to register.
    found = connection.execute("SELECT to_regtype('vector') IS NOT NULL AS there").fetchone()
    connection.commit()
    if found and found["there"]:
        register_vector(connection)
