"""State of the database server, for the metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import psycopg
from psycopg.rows import dict_row

from registry.core.database import migrate, sql
from registry.core.database.pool import Connection, explained

_SQL = sql.load(__name__)

REFUSED: Final = psycopg.Error
"""Raised if the server refuses a query, for example if the role may not read a table."""
_OPTIONS: Final = "-c statement_timeout=5000 -c jit=off -c timezone=UTC -c application_name=fakeprint"
_TABLE: Final = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Archive:
    """The state of log archiving.

    `failures`: failed attempts since the counter was reset. `waiting`: seconds since the last archived
    segment if a finished segment waits, else 0.
    """

    failures: int
    waiting: float


@dataclass(frozen=True, slots=True)
class Condition:
    """The server's clock (seconds since 1970), whether it uses huge pages, and the bytes of its buffers."""

    clock: float
    huge_pages: bool
    buffers: int


@contextmanager
def apart(url: str, *, seconds: int) -> Iterator[Connection]:
    """Open a connection outside all pools, for health checks while the pools are exhausted. Each statement is
    its own transaction. `seconds`: connect timeout for each server of the address, at least 2.

    Raises `Unavailable` like a pool.
    """
    with (
        explained(),
        psycopg.connect(
            url, autocommit=True, row_factory=dict_row, connect_timeout=seconds, options=_OPTIONS
        ) as connection,
    ):
        yield connection


def withheld_tables(connection: Connection) -> list[str]:
    """Return the names of tables of this version's schema that the role may not read or insert into."""
    rows = connection.execute(_SQL["withheld_tables"], {"tables": _tables()}).fetchall()
    return [row["name"] for row in rows]


@cache
def _tables() -> list[str]:
    """Return the tables that migrations have created, including those renamed or dropped since, and
    `migration`."""
    created = {name for migration in migrate.migrations() for name in _TABLE.findall(migration.text)}
    return sorted(created | {"migration"})


def takes_writes(connection: Connection) -> bool:
    """Whether the server is a primary."""
    row = connection.execute(_SQL["writes"]).fetchone()
    return bool(row and row["writes"])


def archive(connection: Connection) -> Archive | None:
    """Return the state of log archiving. None if there is none. Works only on a primary."""
    row = connection.execute(_SQL["archive"]).fetchone()
    return Archive(**row) if row else None


def condition(url: str, *, seconds: int) -> Condition:
    """Ask a server for its condition. `seconds`: as of `apart`. Raises `Unavailable`."""
    with apart(url, seconds=seconds) as connection:
        rows = connection.execute(_SQL["condition"]).fetchall()
    return Condition(**rows[0])
