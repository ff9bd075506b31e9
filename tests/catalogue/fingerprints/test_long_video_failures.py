"""Segments that workers do not come to the end of: tried again alone, retried alone, and left to others."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded

from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import retry_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import settle_job
from tests.support.jobs import let_lease_run_out, let_wait_end
from tests.support.long_video import (
    asset,
    claimed,
    divided,
    draw,
    job_of,
    jobs_of,
    left,
    read_all,
    refusing,
    register,
    rows,
    worker,
)
from workers.pipeline import registration as registering
from workers.pipeline import segments
from workers.runtime import shutdown
from workers.tasks.fingerprints import fingerprint_asset, fingerprint_segment

pytestmark = pytest.mark.slow(11)


@pytest.fixture
def service(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    with worker(database_url, tmp_path, monkeypatch) as found:
        yield found


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return draw(tmp_path_factory.mktemp("clip") / "long.mp4")


@pytest.fixture
def caller(service: Service) -> Caller:
    return authenticate(service, bootstrap(service) or "")


@pytest.fixture
def entry_id(service: Service, caller: Caller, clip: Path) -> Any:
    """An entry of that video, divided: its segments wait."""
    return divided(service, caller, clip)


def test_a_segment_is_tried_again_alone_and_its_death_fails_the_entry(
    service: Service, caller: Caller, entry_id: Any
) -> None:
    waiting = jobs_of(service, "fingerprint_segment")
    fingerprint_segment(waiting[0])
    claimed(service, waiting[2])
    let_lease_run_out(service)
    sweep(service)
    (tried,) = rows(service, "SELECT job_id FROM job WHERE attempts = 1 AND status = 'running'")
    assert str(tried["job_id"]) == waiting[2]  # the others wait as they did
    claimed(service, waiting[2])
    let_lease_run_out(service)
    sweep(service)
    entry = show_entry(service, caller, entry_id)
    assert (entry.status, entry.error and entry.error.code) == ("failed", "worker_lost")
    assert rows(service, "SELECT * FROM job WHERE task = 'fingerprint_segment'") == []
    (dead,) = rows(service, "SELECT task, error_code FROM job WHERE dead")
    assert dead == {"task": "fingerprint_asset", "error_code": "worker_lost"}
    retry_entry(service, caller, entry_id)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert len(jobs_of(service, "fingerprint_segment")) == 3  # what was found is not read again
    read_all(service)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def failing(error: BaseException) -> Any:
    """`segments.read` for which the sound, and nothing else, is this."""
    read = segments.read

    def fail(path: Path, limits: Any, shared: Any, task: Any, progress: Any) -> bytes:
        if task["kind"] == "sound":
            raise error
        return read(path, limits, shared, task, progress)

    return fail


def read_until_dead(service: Service) -> None:
    """What the sweeper and the workers do: each job that waits, once a turn."""
    for _ in range(service.settings.max_attempts):
        let_wait_end(service)
        read_all(service)


@pytest.mark.parametrize(
    ("error", "code"),
    [(OSError(errno.EIO, "Input/output error"), "internal"), (SoftTimeLimitExceeded(), "timed_out")],
)
def test_a_segment_that_meets_an_error_is_tried_again_alone_and_retried_alone(
    service: Service,
    caller: Caller,
    entry_id: Any,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    code: str,
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(segments, "read", failing(error))
        read_all(service)
        (again,) = rows(service, "SELECT status, attempts, error_code FROM job WHERE status = 'queued'")
        assert again == {"status": "queued", "attempts": 1, "error_code": code}
        assert asset(service, caller, entry_id)["segments"] == {"done": 3, "of": 4}
        read_until_dead(service)
    found = show_entry(service, caller, entry_id).error
    assert found is not None
    assert found.code == code
    sweep(service)
    (letter,) = rows(service, "SELECT job_id FROM job WHERE dead")
    settle_job(service, caller, letter["job_id"], "retried")
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert len(jobs_of(service, "fingerprint_segment")) == 1
    read_all(service)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


@pytest.mark.usefixtures("entry_id")
def test_a_dead_letter_that_is_let_be_leaves_no_segment(
    service: Service, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "read", failing(ZeroDivisionError()))
    read_until_dead(service)
    sweep(service)
    assert rows(service, "SELECT remaining FROM division") == [{"remaining": 1}]
    (letter,) = rows(service, "SELECT job_id FROM job WHERE dead")
    settle_job(service, caller, letter["job_id"], "discarded")
    sweep(service)
    assert left(service) == []


@pytest.mark.usefixtures("entry_id")
def test_bad_media_leaves_no_segments(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(segments, "read", failing(MemoryError()))
    read_until_dead(service)
    assert rows(service, "SELECT attempts, dead FROM job WHERE error_code = 'too_large'") == [
        {"attempts": 2, "dead": False}
    ]
    assert left(service) == []


def test_a_worker_shutting_down_starts_nothing_new(
    service: Service, caller: Caller, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = segments.read

    def be_told(*values: Any) -> bytes:
        shutdown.request()
        return read(*values)

    found = register(service, caller, clip)
    monkeypatch.setattr(registering, "GO_ON", 0.3)
    monkeypatch.setattr(segments, "read", be_told)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert asset(service, caller, found.entry_id)["segments"] == {"done": 1, "of": 4}
    assert rows(service, "SELECT * FROM job WHERE status = 'running'") == []


def test_a_video_that_is_to_be_read_in_one_waits_for_its_own_message(
    service: Service, entry_id: Any, caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which has the whole time of a task; segments, and the joining of them, are short."""
    monkeypatch.setattr(registering, "GO_ON", 0.3)
    with monkeypatch.context() as patched:
        patched.setattr(segments, "read", refusing)
        fingerprint_segment(jobs_of(service, "fingerprint_segment")[0])
    (whole,) = rows(service, "SELECT attempts FROM job WHERE status = 'queued'")
    assert whole == {"attempts": 0}
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
