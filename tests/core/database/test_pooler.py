"""Debian's PgBouncer in transaction mode between the processes and PostgreSQL."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2
import numpy as np
import psycopg
import pytest
from PIL import Image

from registry import jobs
from registry.core.database.pool import Pool
from registry.core.database.pooler import require_pooler
from registry.core.errors import BadSetting, FakeprintError
from registry.core.errors.database import DatabaseUnavailable
from registry.core.service import open_service
from registry.core.settings import Settings
from registry.jobs.service.jobs import claim_job, fail_job
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.deployment import NOWHERE
from tests.support.service.pooler import Pooler, pgbouncer

LEFT = (
    "statement_timeout",
    "plan_cache_mode",
    "enable_seqscan",
    "idle_in_transaction_session_timeout",
    "TimeZone",
)
POOLED = 4
"""Connections of PgBouncer to a database."""
UNKNOWN = {"type": "hash", "algorithm": "pdq.1", "value": "0f" * 32}
HOLDERS = """
SELECT DISTINCT application_name FROM pg_stat_activity
JOIN job ON session_pid = pid AND session_began = backend_start
"""
SESSIONS = """
SELECT application_name, count(*) FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1
"""
"""Autovacuum and parallel workers are no sessions of a process of ours."""


@pytest.fixture(scope="module")
def pooler(embedded_postgres: services.PostgresServer) -> Iterator[Pooler]:
    with pgbouncer(embedded_postgres) as started:
        yield started


@pytest.fixture
def pool(pooler: Pooler, database_url: str) -> Iterator[Pool]:
    """Up to ten connections to PgBouncer, which has four to PostgreSQL."""
    opened = Pool(database_url, size=10, statement_timeout_ms=100, pooler=pooler.address(database_url))
    opened.open()
    yield opened
    opened.close()


def _sessions(url: str) -> Counter[str]:
    with psycopg.connect(url) as connection:
        return Counter(dict(connection.execute(SESSIONS).fetchall()))


def _left(connection: psycopg.Connection[Any]) -> list[Any]:
    return [connection.execute(f"SHOW {name}".encode()).fetchone() for name in LEFT]


def _write_and_wait(pool: Pool) -> None:
    with pool.transaction() as connection:
        connection.execute("CREATE TABLE lost (x integer)")
        connection.execute("SELECT pg_sleep(5)")


def test_every_transaction_has_its_settings_and_leaves_none(
    pooler: Pooler, pool: Pool, database_url: str
) -> None:
    """One session of PostgreSQL after the other carries them: also after an error and a rollback."""
    with psycopg.connect(pooler.address(database_url), autocommit=True) as bare:
        before = _left(bare)
        for _ in range(3):
            with pool.transaction() as connection:
                assert connection.execute("SHOW statement_timeout").fetchone() == {
                    "statement_timeout": "100ms"
                }
            with pool.quick() as connection:
                assert connection.execute("SHOW enable_seqscan").fetchone() == {"enable_seqscan": "off"}
            with pytest.raises(FakeprintError) as told:
                _write_and_wait(pool)
            assert told.value.code == "database_timeout"
            assert _left(bare) == before
        with pool.snapshot() as connection:
            connection.execute("SELECT 1")
            with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), connection.transaction():
                connection.execute("CREATE TABLE lost (x integer)")
        assert bare.execute("SELECT to_regclass('lost')").fetchone() == (None,)
        assert _left(bare) == before


def test_more_transactions_than_sessions_take_turns_and_prepared_statements_follow(
    pool: Pool, database_url: str
) -> None:
    def ask(number: int) -> int:
        use = pool.quick if number % 2 else pool.transaction
        with use() as connection:
            row = connection.execute("SELECT %s::int AS said", (number,), prepare=True).fetchone()
        return int(row["said"]) if row else -1

    with ThreadPoolExecutor(12) as threads:
        assert list(threads.map(ask, range(300))) == list(range(300))
    assert 1 <= _sessions(database_url)["fakeprint"] <= POOLED


def test_a_process_opens_no_more_connections_than_the_runbook_says(database_url: str) -> None:
    """FAKEPRINT_POOL_SIZE and four."""
    pool = Pool(database_url, size=6, statement_timeout_ms=1000)
    pool.open()
    with ExitStack() as held:
        for _ in range(6):
            held.enter_context(pool.transaction())
        for _ in range(4):
            held.enter_context(pool.quick())
        for another in (pool.transaction, pool.quick):
            with pytest.raises(FakeprintError), another(0.05):
                pass
        assert _sessions(database_url) == {"fakeprint": 10}
    pool.close()


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"pool_mode": "session"}, "transaction mode"),
        ({"pool_mode": "statement"}, "transaction mode"),
        ({"max_prepared_statements": 0}, "prepared statements"),
    ],
)
def test_another_mode_is_refused_at_start(
    embedded_postgres: services.PostgresServer, database_url: str, settings: dict[str, object], said: str
) -> None:
    """In a second process as in the first."""
    with pgbouncer(embedded_postgres, **settings) as other:
        chosen = Settings(database_url=database_url, pooler_url=other.address(database_url))
        for _ in range(2):
            with pytest.raises(BadSetting, match=said):
                require_pooler(chosen)


def test_another_database_is_refused_and_a_pooler_that_is_away_is_not(
    embedded_postgres: services.PostgresServer, pooler: Pooler, database_url: str
) -> None:
    with embedded_postgres.clone() as other, pytest.raises(BadSetting, match="different databases"):
        require_pooler(Settings(database_url=database_url, pooler_url=pooler.address(other)))
    nobody = f"postgresql://127.0.0.1:{services.free_port()}/nothing"
    require_pooler(Settings(database_url=database_url, pooler_url=nobody))
    with pytest.raises(BadSetting, match="not a valid"):
        require_pooler(Settings(database_url=database_url, pooler_url="postgresql://secret@[/x"))


@pytest.mark.slow
def test_a_job_that_meets_a_dead_pooler_waits_again_and_no_attempt_is_counted(
    pooler: Pooler, database_url: str, tmp_path: Path
) -> None:
    settings = Settings(
        database_url=database_url, pooler_url=pooler.address(database_url), broker_url=NOWHERE, data=tmp_path
    )
    with closing(open_service(settings, leases=True)) as service:
        with service.pool.transaction() as connection:
            job_id = jobs.enqueue(connection, "relate_entry", uuid4())
        assert job_id
        job = claim_job(service, job_id)
        assert job
        pooler.kill()
        try:
            fail_job(service, job, DatabaseUnavailable("The database cannot be reached."))
        finally:
            pooler.start()
        with service.pool.transaction() as connection:
            waiting = connection.execute("SELECT status, attempts, deferrals FROM job").fetchall()
    assert waiting == [{"status": "queued", "attempts": 0, "deferrals": 1}]


def _picture(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 255, (12, 16, 3), np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).resize((480, 360)).save(file, "PNG")
    return file.getvalue()


def _look_up(client: httpx2.Client, media: bytes) -> httpx2.Response:
    return client.post("/v1/lookups", json={"type": "sha256", "sha256": sha256(media).hexdigest()})


def _register(client: httpx2.Client, media: bytes, log: Path) -> None:
    """Register a picture and wait until a worker has made lookups find it."""
    made = client.post("/v1/entries", files={"fake": ("a.png", media)}, data={"manipulation": "edited"})
    assert made.status_code in {201, 202}, made.text
    services.wait_until(lambda: bool(_look_up(client, media).json().get("matches")), 60, log=log)


def _refused(client: httpx2.Client) -> None:
    """Each request waits its five seconds for a connection, so they are sent at once."""
    asked = [
        lambda: client.post("/v1/lookups", json=UNKNOWN),
        lambda: _look_up(client, b"unknown"),
        lambda: client.get("/health/ready"),
        lambda: client.get("/health/live"),
    ]
    with ThreadPoolExecutor(len(asked)) as threads:
        one, other, ready, live = threads.map(lambda ask: ask(), asked)
    assert {(item.status_code, item.json()["code"]) for item in (one, other)} == {
        (503, "database_unavailable")
    }
    assert (ready.status_code, live.status_code) == (503, 200)


@pytest.mark.slow(20)
def test_api_and_worker_by_a_pooler_that_is_killed(pooler: Pooler, database_url: str, tmp_path: Path) -> None:
    """A worker listens and holds its lease past the pooler. While the pooler is away, requests are refused
    with a code. Then API and worker go on without a restart."""
    with processes.running(database_url, tmp_path, pooler_url=pooler.address(database_url)) as api:
        log = tmp_path / "worker.log"
        work = processes.command("worker", "--queues", "media")
        with services.running(work, log, processes.variables(api.settings)), api.client(api.key) as client:
            _register(client, _picture(1), log)
            with ThreadPoolExecutor(16) as threads:
                answers = list(threads.map(lambda _: client.post("/v1/lookups", json=UNKNOWN), range(64)))
            assert {answer.status_code for answer in answers} == {200}
            sessions = _sessions(database_url)
            assert sessions.keys() == {"fakeprint", "fakeprint-leases", "fakeprint-queue"}
            assert sessions["fakeprint"] <= POOLED
            assert sessions["fakeprint-leases"] <= 2
            assert sessions["fakeprint-queue"] <= 1 + 4  # of the API, and of the worker with one process
            with psycopg.connect(database_url) as connection:
                assert connection.execute(HOLDERS).fetchall() == [("fakeprint-leases",)]
            pooler.kill()
            _refused(client)
            pooler.start()
            services.wait_until(lambda: client.get("/health/ready").status_code == 200, 30)
            _register(client, _picture(2), log)
