"""How the database's server is: for the metrics."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

import psycopg
from psycopg.rows import dict_row

from registry.core.database import migrate, sql
from registry.core.database.pool import Connection, explained

_SQL = sql.load(__name__)

REFUSED: Final = psycopg.Error
"""What is raised where the server refuses what it is asked, as where the role may not read a table."""
_OPTIONS: Final = "-c statement_timeout=5000 -c jit=off -c timezone=UTC -c application_name=fakeprint"
_TABLE: Final = re.compile(r"^CREATE TABLE (?:IF NOT EXISTS )?(\w+)", re.MULTILINE)


@contextmanager
def apart(url: str, *, seconds: int) -> Iterator[Connection]:
    """A connection beside all pools, for who asks how the server is while those have none to give. Each
    statement is a transaction. `seconds`: to make it, at each server of the address, 2 at least.

    Raises `Unavailable` as a pool does."""
    with (
        explained(),
        psycopg.connect(
            url, autocommit=True, row_factory=dict_row, connect_timeout=seconds, options=_OPTIONS
        ) as connection,
    ):
        yield connection


def withheld(connection: Connection) -> list[str]:
    """Tables of this version's schema that the role may not both read and add to, by name."""
    rows = connection.execute(_SQL["withheld"], {"tables": _tables()}).fetchall()
    return [row["name"] for row in rows]


@cache
def _tables() -> list[str]:
    """Tables that migrations have created, also those renamed or dropped since, and the table `migration`."""
    made = {name for migration in migrate.migrations() for name in _TABLE.findall(migration.text)}
    return sorted(made | {"migration"})


def takes_writes(connection: Connection) -> bool:
    """Whether it is a primary."""
    row = connection.execute(_SQL["writes"]).fetchone()
    return bool(row and row["writes"])


def archive(connection: Connection) -> dict[str, Any] | None:
    """`failures`: attempts to archive the log that came to nothing, since they were counted; `waiting`: while
    a finished segment waits, the seconds since one was archived, else 0. None where no archive is kept. Only
    a primary can be asked."""
    return connection.execute(_SQL["archive"]).fetchone()
