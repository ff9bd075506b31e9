"""Whom the sweeper believes dead while it is long at work, and after the database lost its sessions."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.blobs import FolderBlobs
from registry.core.database.pool import Pool
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service import queue as note_pause
from tests.support.jobs import date_sweeper, miss_renewals, set_attempts, spend_attempts
from tests.support.service import replication
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment, says
from tests.support.service.fixtures import Recorder
from tests.support.service.replication import Database, Pair
from tests.support.service.rows import write
from tests.support.steps import claimed, upload

pytestmark = pytest.mark.slow(27)


def _answers(service: Service) -> bool:
    try:
        write(service, "CREATE TEMPORARY TABLE written () ON COMMIT DROP")
    except Exception:  # noqa: BLE001 - whatever it says while it comes back
        return False
    return True


@contextmanager
def _last_attempt(service: Service, recorder: Recorder) -> Iterator[None]:
    """Within, the server loses the session of a worker that lives, at the last of its job's tries."""
    owner = authenticate(service, bootstrap(service) or "")
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    claimed(service, recorder)
    set_attempts(service, 2)
    assert sweep(service) == 0, "it is there"
    yield
    services.wait_until(lambda: _answers(service), 60)
    # As after a failover: it takes longer, and workers renew their leases a moment after it.
    miss_renewals(service, sent=3600)
    assert sweep(service) == 0
    date_sweeper(service, swept="0")
    assert sweep(service) == 0, "nor by the next round"

    def status() -> str:
        return str(show_entry(service, owner, UUID(made.entry_id)).status)

    assert status() == "pending"
    date_sweeper(service, steady_since="11 s")
    sweep(service)
    assert status() == "failed", "it has had time to say that it lives"


@pytest.fixture
def _pauses_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that is back within six seconds: no pause tells of it."""
    monkeypatch.setattr(note_pause, "PAUSE_SECONDS", 3600.0)


def _processes(url: str) -> tuple[int, str]:
    """The number of the process that a server makes anew after a crash (0: it has not yet), and when it says
    that it started."""
    text = "SELECT pid, pg_postmaster_start_time()::text FROM pg_stat_activity"
    text += " WHERE backend_type = 'checkpointer'"
    try:
        with psycopg.connect(url) as connection:
            return connection.execute(text).fetchone() or (0, "")
    except psycopg.OperationalError:
        return 0, ""


@pytest.mark.usefixtures("_pauses_unseen")
def test_nobody_is_believed_dead_whose_session_went_in_the_crash_of_another(
    service: Service, recorder: Recorder
) -> None:
    """A server that recovers from a session's crash ends them all, and has not started anew, as it says."""
    patient = replace(service, settings=service.settings.model_copy(update={"lease_seconds": 60}))
    url = service.settings.database_url
    with _last_attempt(patient, recorder):
        another = psycopg.connect(url)
        checkpointer, began = _processes(url)
        os.kill(another.info.backend_pid, signal.SIGKILL)
        services.wait_until(lambda: _processes(url)[0] not in {0, checkpointer}, 60)
        assert _processes(url)[1] == began
        another.close()


def _either(pair: Pair, database: Database) -> str:
    """One address of both servers: whichever takes writes."""
    name = psycopg.conninfo.conninfo_to_dict(database.url)["dbname"]
    secret = pair.primary.password.read_text().strip()
    hosts = f"{pair.primary.sockets},{pair.replica.sockets}"
    return f"postgresql://fakeprint:{secret}@/{name}?host={hosts}&target_session_attrs=read-write"


@pytest.mark.usefixtures("_pauses_unseen")
def test_nobody_is_believed_dead_where_a_standby_has_taken_over(tmp_path: Path, recorder: Recorder) -> None:
    """It started long before the sessions began, and knows none of them."""
    with replication.pair() as pair:
        database = Database(pair.primary.url, pair.replica.url)
        url = _either(pair, database)
        chosen = Settings(database_url=url, data=tmp_path, max_attempts=2, lease_seconds=60)
        pool = Pool(url, size=2, statement_timeout_ms=10_000)
        pool.open()
        service = Service(pool, FolderBlobs(tmp_path / "blobs"), recorder, chosen)
        try:
            with _last_attempt(service, recorder):
                database.catch_up()
                pair.kill()
                assert database.on_replica("SELECT pg_promote()")
        finally:
            service.close()


SLOW = """
import os, time
import registry.app.service.sweep as sweeping
def slowly(service):
    os.write(2, b"it lists a bucket\\n")
    time.sleep(9)
sweeping.sweep_blobs = slowly
"""
"""Longer than a pause of the database may be, each time."""


@pytest.fixture
def deployed(database_url: str, tmp_path: Path) -> Iterator[Deployment]:
    with deployment(database_url, "", tmp_path) as found:
        yield found


def test_dead_workers_are_given_up_even_with_slow_sweeps(deployed: Deployment) -> None:
    (job_id,) = deployed.say("relate_entry", 1)
    deployed.worker("--queues", "control", "--beat", prelude=SLOW)
    services.wait_until(lambda: says(deployed.logs[-1], "it lists a bucket"), 60)
    spend_attempts(deployed.service)
    dead = f"SELECT error_code FROM job WHERE job_id = '{job_id}' AND dead"  # noqa: S608 - its own id
    assert deployed.await_row(dead, 60)["error_code"] == "worker_lost"


def test_a_sweeping_worker_reports_database_writes_until_it_ends(deployed: Deployment) -> None:
    """Also before it has a beat that asks it to sweep."""
    worker = deployed.worker("--queues", "control")
    seen = "SELECT swept_at::text FROM sweeper"
    first = deployed.await_row(seen, 60)["swept_at"]
    deployed.await_row(f"{seen} WHERE swept_at > '{first}'", 30)
    worker.terminate()
    assert worker.wait(services.PATIENCE) == 0
    assert "Traceback" not in deployed.logs[-1].read_text()
