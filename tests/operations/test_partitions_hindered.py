"""What stands in the way of spreading frames over partitions is said, and harms nothing."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import Conflict
from registry.core.errors.database import DatabaseBusy
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_document
from registry.operations.store import partitions
from tests.support.media import drawn
from tests.support.partitions import PATIENCE, quiet, rows, started

PARTS = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'frame_fingerprint'::regclass"
BUILT = "SELECT to_regclass('frame_fingerprint_new'), to_regclass('frame_fingerprint_old')"


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE VIEW own AS SELECT count(*) FROM frame_fingerprint", "view own"),
        ("CREATE VIEW own AS SELECT count(*) FROM frame_fingerprint_0_of_1", "view own"),
        ("CREATE PUBLICATION own FOR TABLE frame_fingerprint", "publication own"),
        ("CREATE POLICY own ON frame_fingerprint USING (true)", "policy own"),
        (
            "CREATE FUNCTION own(frame_fingerprint) RETURNS real LANGUAGE sql AS 'SELECT $1.time_s'",
            "function own(frame_fingerprint)",
        ),
    ],
)
def test_dependencies_of_the_old_table_are_named(service: Service, made: str, named: str) -> None:
    url = service.pool.url
    with psycopg.connect(url) as connection:
        connection.execute(made.encode())
    with pytest.raises(Conflict) as caught:
        partitions.repartition(url, 2, quiet)
    assert caught.value.code == "frames_depended_on"
    assert named in str(caught.value)
    assert rows(url, PARTS) == [(1,)]
    assert rows(url, BUILT) == [(None, None)]


def test_after_the_rename_partitioning_completes_despite_locks(
    service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partitions, "STRAGGLERS", 0.0)
    clip = drawn.clip("known")
    register_entry(service, owner, Registration(fakes=[clip]))
    url, forget = service.pool.url, partitions._drop_unused
    calls: list[str] = []

    def fails_at_the_end(connection: Any, say: Any) -> None:
        calls.append("")
        if len(calls) == 2:
            raise DatabaseBusy("Others hold the frames.")
        forget(connection, say)

    monkeypatch.setattr(partitions, "_drop_unused", fails_at_the_end)
    done = partitions.repartition(url, 2, quiet)
    assert (done.before, done.left) == (1, True)
    assert rows(url, PARTS) == [(2,)]
    assert answer_document(service, owner, clip)["matches"]
    done = partitions.repartition(url, 2, quiet)
    assert (done.before, done.left) == (2, False)
    assert rows(url, BUILT) == [(None, None)]


@pytest.mark.slow
def test_an_interrupted_partitioning_drops_its_tables(service: Service, owner: Caller) -> None:
    register_entry(service, owner, Registration(fakes=[drawn.clip("known")]))
    url = service.pool.url
    with psycopg.connect(url) as reading:
        reading.execute("SELECT count(*) FROM frame_fingerprint")  # so that it cannot end
        with started("migrate", "--partitions", "2", url=url) as process:
            assert process.stderr
            assert any(line.startswith("renaming the tables") for line in process.stderr)
            process.terminate()
            assert process.wait(PATIENCE) != 0
    assert rows(url, PARTS) == [(1,)]
    assert rows(url, BUILT) == [(None, None)]


@pytest.mark.parametrize("amid_a_statement", [False, True])
def test_an_interruption_at_the_start_of_a_transaction_releases_locks(
    service: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch, amid_a_statement: bool
) -> None:
    """What the signal meets there makes psycopg roll back none of the transactions around. Amid a statement,
    the connection takes no other."""
    monkeypatch.setattr(partitions, "TRIES", 2)
    register_entry(service, owner, Registration(fakes=[drawn.clip("known")]))
    url, begin = service.pool.url, psycopg.Transaction._push_savepoint
    notifications: list[str] = []

    def say(doing: str) -> None:
        if doing.startswith("renaming the tables"):
            notifications.append(doing)

    def interrupted(transaction: psycopg.Transaction) -> None:
        if notifications:
            notifications.clear()
            if amid_a_statement:
                transaction.connection.pgconn.send_query(b"SELECT 1")
            raise KeyboardInterrupt
        begin(transaction)

    monkeypatch.setattr(psycopg.Transaction, "_push_savepoint", interrupted)
    with pytest.raises(KeyboardInterrupt):
        partitions.repartition(url, 2, say)
    assert rows(url, PARTS) == [(1,)]
    assert rows(url, BUILT) == [(None, None)]
