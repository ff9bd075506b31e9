"""Kept databases brought to the schema of the tree, as a registry of this size has to be: with what it holds.

While a migration runs, the locks that a lookup takes are taken every few milliseconds, one table after
another; the longest wait says whether lookups were held up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import psycopg

from registry.core.database import migrate as migrations
from tests.bench.speed.cluster import Server, say

EVERY: Final = 0.02
TOUCHED: Final = {
    "caller": "ACCESS SHARE",
    "entry": "ACCESS SHARE",
    "entry_asset": "ACCESS SHARE",
    "asset": "ACCESS SHARE",
    "frame_fingerprint": "ACCESS SHARE",
    "frame_vector": "ACCESS SHARE",
    "face_fingerprint": "ACCESS SHARE",
    "lookup": "ROW EXCLUSIVE",
}
"""What a lookup reads, and what it writes, with the lock that it needs for that."""


@dataclass(slots=True)
class Held:
    """How often locks were taken, for how many seconds one was waited for at most, and of which table."""

    count: int = 0
    seconds: float = 0.0
    table: str = ""


def migrate(server: Server, name: str) -> list[str]:
    """Bring a database to the schema of the tree: how long that took and whether lookups were held up, in a
    sentence; none where there was nothing to do. Raises as `registry.core.database.migrate.migrate`."""
    with psycopg.connect(server.url(name)) as connection:
        pending = migrations.pending(connection)
    began, cpu = time.monotonic(), server.gauge.cpu()
    with locking(server.url(name)) as held:
        done = migrations.migrate(server.url(name))
    if not pending:
        return []
    taken, cpu = time.monotonic() - began, server.gauge.cpu() - cpu
    found = (
        f"{name}: migrated ({', '.join(done)}) in {taken:.1f} s, PostgreSQL {cpu:.1f} s CPU; a lookup "
        f"would have waited {held.seconds:.2f} s at most ({held.table}; {held.count} tried)"
    )
    say(found)
    settle(server, name)
    return [found]


def settle(server: Server, name: str) -> None:
    """As autovacuum and the checkpointer leave a database."""
    say(f"{name}: vacuum")
    server.do("VACUUM ANALYZE", database=name)
    server.do("CHECKPOINT", database=name)


@contextmanager
def locking(url: str) -> Iterator[Held]:
    """Take the locks of a lookup all the time until this is left: how long one was waited for."""
    held, over = Held(), threading.Event()
    thread = threading.Thread(target=_lock, args=(url, held, over))
    thread.start()
    try:
        yield held
    finally:
        over.set()
        thread.join()


def _lock(url: str, held: Held, over: threading.Event) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        while not over.wait(EVERY):
            for table, mode in TOUCHED.items():
                began = time.monotonic()
                try:
                    with connection.transaction():
                        connection.execute(f"LOCK TABLE {table} IN {mode} MODE".encode())
                except psycopg.errors.UndefinedTable:
                    continue
                spent = time.monotonic() - began
                held.count += 1
                if spent > held.seconds:
                    held.seconds, held.table = spent, table
