"""How a job ends, whatever its work meets."""

from __future__ import annotations

import errno
import logging
import mmap
import os
import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from celery.exceptions import SoftTimeLimitExceeded

from registry.app.service.bootstrap import bootstrap
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.media.service.uploads import Upload
from registry.core import logs
from registry.core.errors import DecoderCrashed, TruncatedMedia, Unavailable
from registry.core.service import Service
from registry.core.settings import settings
from registry.identity.callers.service.keys import authenticate
from registry.jobs import Job
from tests.support.entries import lose_media
from tests.support.jobs import claim_elsewhere, let_lease_run_out, let_wait_end, set_attempts
from tests.support.service import servers as services
from workers import app
from workers.runtime import shutdown
from workers.runtime.lease import Progress
from workers.runtime.perform import perform

LEASE_SECONDS = 2.0


@pytest.fixture(autouse=True)
def unbound() -> Iterator[None]:
    """What a job binds to the log lines of this process is forgotten after the test."""
    with logs.bound():
        yield


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """This process as a worker. The broker is away: nobody else takes the jobs."""
    chosen = {
        "DATABASE_URL": database_url,
        "BROKER_URL": "amqp://127.0.0.1:9//",
        "DATA": os.fspath(tmp_path),
        "LEASE_SECONDS": str(LEASE_SECONDS),
        "MAX_ATTEMPTS": "2",
        "MAX_DEFERRALS": "2",
    }
    for name, value in chosen.items():
        monkeypatch.setenv(f"FAKEPRINT_{name}", value)
    monkeypatch.setattr(shutdown, "_SHARED", mmap.mmap(-1, 1))
    settings.cache_clear()
    app.close_service()
    yield app.service()
    app.close_service()
    settings.cache_clear()


@pytest.fixture
def job_id(service: Service) -> str:
    """The job of a registered file."""
    caller = authenticate(service, bootstrap(service) or "")
    blob = service.blobs.put(BytesIO(b"some media"), limit=100)
    register_entry(service, caller, Registration(fakes=[Upload(blob, "a.mp4")], manipulation="edited"))
    return str(job(service)["job_id"])


def job(service: Service) -> dict[str, Any]:
    with psycopg.connect(service.settings.database_url, row_factory=psycopg.rows.dict_row) as connection:
        return connection.execute("SELECT * FROM job").fetchone() or {}


def change(service: Service, statement: str) -> None:
    with psycopg.connect(service.settings.database_url) as connection:
        connection.execute(statement.encode())


def raising(error: BaseException) -> Any:
    def work(_service: Service, _job: Job, _path: Path, _progress: Progress) -> None:
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (TruncatedMedia("No."), "truncated_media"),
        (SoftTimeLimitExceeded(), "timed_out"),
        (MemoryError(), "too_large"),
        (DecoderCrashed.of("SIGSEGV"), "decoder_crashed"),
        (ZeroDivisionError(), "internal"),
    ],
)
def test_a_failure_is_recorded_with_its_code(
    service: Service, job_id: str, error: BaseException, code: str
) -> None:
    perform(job_id, raising(error))
    found = job(service)
    assert (found["status"], found["error_code"], found["attempts"]) == ("failed", code, 1)


def test_too_little_time_for_a_job_that_was_begun_late_is_no_failure(service: Service, job_id: str) -> None:
    perform(job_id, raising(SoftTimeLimitExceeded()), late=True)
    found = job(service)
    assert (found["status"], found["error_code"], found["attempts"]) == ("queued", "timed_out", 0)
    let_wait_end(service)
    perform(job_id, raising(SoftTimeLimitExceeded()))
    found = job(service)
    assert (found["status"], found["error_code"], found["attempts"]) == ("failed", "timed_out", 1)


@pytest.mark.slow
def test_only_unexpected_worker_deaths_cost_an_attempt(service: Service, job_id: str) -> None:
    def die(_service: Service, _job: Job, _path: Path, _progress: Progress) -> None:
        raise SystemExit

    def be_told(told: Service, held: Job, path: Path, progress: Progress) -> None:
        shutdown.request()
        services.wait_until(lambda: job(service)["attempts"] < held.attempts, 30)
        time.sleep(LEASE_SECONDS)  # it is not given back again
        die(told, held, path, progress)

    def attempt(work: Any) -> int:
        with pytest.raises(SystemExit):
            perform(job_id, work)
        shutdown._SHARED[0] = 0
        attempts: int = job(service)["attempts"]
        let_lease_run_out(service)
        return attempts

    assert [attempt(be_told), attempt(die), attempt(be_told), attempt(die)] == [0, 1, 1, 2]
    perform(job_id, raising(AssertionError("it is spent")))


def test_jobs_returned_at_shutdown_keep_their_attempts(service: Service, job_id: str) -> None:
    set_attempts(service, 1)

    def be_told(_service: Service, held: Job, _path: Path, _progress: Progress) -> None:
        shutdown.request()
        services.wait_until(lambda: job(service)["attempts"] < held.attempts, 30)
        raise Unavailable("Away.")

    perform(job_id, be_told)
    found = job(service)
    assert (found["status"], found["attempts"], found["deferrals"]) == ("queued", 1, 1)


@pytest.mark.slow(8)
def test_a_job_with_repeated_shutdowns_fails_in_the_end(service: Service, job_id: str) -> None:
    """A machine that has no memory left for it tells them to end before it kills them, each time."""

    def be_told(*_: Any) -> None:
        shutdown.request()
        time.sleep(LEASE_SECONDS)
        raise SystemExit

    found: list[tuple[int, int]] = []
    for _ in range(4):
        with pytest.raises(SystemExit):
            perform(job_id, be_told)
        shutdown._SHARED[0] = 0
        row = job(service)
        found.append((row["attempts"], row["deferrals"]))
        let_lease_run_out(service)
    assert found == [(0, 1), (0, 2), (1, 2), (2, 2)]
    perform(job_id, raising(AssertionError("it is spent")))


def test_a_full_tmp_is_waited_for(service: Service, job_id: str) -> None:
    perform(job_id, raising(OSError(errno.ENOSPC, "No space left on device")))
    found = job(service)
    assert (found["status"], found["error_code"], found["deferrals"]) == ("queued", "blobs_unavailable", 1)


def test_an_unforeseen_error_is_logged_and_not_shown(
    service: Service, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    perform(job_id, raising(ValueError("secret")))
    assert "secret" not in job(service)["error_message"]
    assert any(record.exc_info for record in caplog.records)


def test_transient_failures_are_retried_a_limited_number_of_times(service: Service, job_id: str) -> None:
    perform(job_id, raising(Unavailable("Away.")))
    found = job(service)
    assert (found["status"], found["attempts"], found["deferrals"]) == ("queued", 0, 1)
    perform(job_id, raising(AssertionError("its time has not come")))
    let_wait_end(service)
    perform(job_id, raising(Unavailable("Away.")))
    found = job(service)
    assert (found["status"], found["dead"]) == ("failed", True)


def test_a_file_whose_decoder_was_killed_is_tried_once_more(service: Service, job_id: str) -> None:
    killed = DecoderCrashed.of("SIGKILL")
    killed.killed = True
    perform(job_id, raising(killed))
    found = job(service)
    assert (found["status"], found["deferrals"]) == ("queued", 1)
    let_wait_end(service)
    perform(job_id, raising(killed))
    found = job(service)
    assert (found["status"], found["error_code"]) == ("failed", "decoder_crashed")


def test_a_job_is_done_once(service: Service, job_id: str, caplog: pytest.LogCaptureFixture) -> None:
    done: list[Path] = []

    def work(_service: Service, _job: Job, path: Path, _progress: Progress) -> None:
        done.append(path)
        perform(job_id, work)  # the message came twice

    with caplog.at_level(logging.INFO):
        perform(job_id, work)
    assert len(done) == 1
    assert "nothing to do" in caplog.text


@pytest.mark.slow
def test_the_lease_is_renewed_with_the_progress(service: Service, job_id: str) -> None:
    seen: list[float] = []

    def work(_service: Service, _job: Job, _path: Path, progress: Progress) -> None:
        progress(0.5)
        time.sleep(LEASE_SECONDS * 1.5)
        seen.append(job(service)["progress"])
        perform(job_id, work)  # nobody can take it: it is held, though older than its first lease

    perform(job_id, work)
    assert seen == [0.5]


def test_a_lost_lease_ends_the_work_in_silence(
    service: Service, job_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    steps: list[int] = []

    def work(_service: Service, _job: Job, _path: Path, progress: Progress) -> None:
        claim_elsewhere(service)
        for step in range(100):
            progress(step / 100)
            steps.append(step)
            time.sleep(0.05)

    with caplog.at_level(logging.INFO):
        perform(job_id, work)
    assert 0 < len(steps) < 50
    found = job(service)
    assert (found["status"], found["error_code"]) == ("running", None)
    assert "another worker has the job" in caplog.text


def test_media_that_is_gone_fails_the_job(service: Service, job_id: str) -> None:
    lose_media(service)
    perform(job_id, raising(AssertionError("no media, no work")))
    assert job(service)["error_code"] == "media_gone"


@pytest.mark.slow
def test_a_database_that_is_away_leaves_the_job_to_the_sweeper(
    service: Service, job_id: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app.close_service()
    monkeypatch.setenv("FAKEPRINT_DATABASE_URL", "postgresql://fakeprint:x@127.0.0.1:9/none")
    settings.cache_clear()
    perform(job_id, raising(AssertionError("no database, no work")))
    assert "it will be sent again" in caplog.text
