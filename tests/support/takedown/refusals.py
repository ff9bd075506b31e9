"""Changes that the database refuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from registry.core.database.pool import Connection
from tests.support.takedown.campaigns import Case


@contextmanager
def undone(case: Case) -> Iterator[Connection]:
    """Open a transaction that is rolled back at the end."""
    with (
        case.service.pool.transaction() as connection,
        connection.transaction(force_rollback=True),
    ):
        yield connection


def refused(connection: Connection, act: Callable[[], Any]) -> str | None:
    """Run an action and roll it back. Return the constraint that refuses it; None: none does."""
    try:
        with connection.transaction():
            act()
            connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
            connection.execute("SET CONSTRAINTS ALL DEFERRED")
    except psycopg.errors.IntegrityError as error:
        return error.diag.constraint_name or type(error).__name__
    return None
