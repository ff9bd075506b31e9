"""Long media in segments, on a real database: each retried alone, joined once, and nothing left of them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.app.service.bootstrap import bootstrap
from registry.app.service.sweep import sweep
from registry.catalogue.banks.service.banks import delete_bank
from registry.catalogue.entries.commands import shown_entries
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.fingerprints.service import find_segment, finish_segment
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job
from tests.support.entries import read_whole
from tests.support.jobs import fail_jobs, give_up_running, let_lease_run_out, lose_queued
from tests.support.long_video import (
    asset,
    claimed,
    divided,
    draw,
    fingerprints,
    job_of,
    jobs_of,
    left,
    read_all,
    refusing,
    register,
    rows,
    worker,
)
from workers.pipeline import fingerprint as pipeline
from workers.pipeline import registration as registering
from workers.pipeline import segments
from workers.tasks.fingerprints import fingerprint_asset, fingerprint_segment

pytestmark = pytest.mark.slow(16)


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


def test_a_long_video_is_read_in_segments_and_joined(
    service: Service, caller: Caller, entry_id: Any, clip: Path
) -> None:
    waiting = jobs_of(service, "fingerprint_segment")
    assert len(waiting) == 4  # three pieces of the picture, and the sound
    seen = asset(service, caller, entry_id)
    assert (seen["progress"], seen["segments"]) == (0, {"done": 0, "of": 4})
    fingerprint_segment(waiting[1])
    seen = asset(service, caller, entry_id)
    assert 0.2 < seen["progress"] < 0.5
    assert "1 of 4 segments read" in "\n".join(
        shown_entries.entry(show_entry(service, caller, entry_id).model_dump())
    )
    fingerprint_segment(waiting[1])  # the message came twice
    assert asset(service, caller, entry_id)["segments"]["done"] == 1
    read_all(service)
    assert asset(service, caller, entry_id)["progress"] == pytest.approx(0.99)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    entry = show_entry(service, caller, entry_id)
    assert entry.status == "matchable"
    assert (entry.assets[0].progress, entry.assets[0].segments) == (1, None)
    assert left(service) == []
    one = pipeline.fingerprint_file(clip)
    assert len(fingerprints(service)) == sum(frame.stored for frame in one.frames)


def test_a_worker_continues_with_free_segments(
    service: Service, caller: Caller, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = register(service, caller, clip)
    monkeypatch.setattr(registering, "GO_ON", 0.3)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, UUID(found.entry_id)).status == "matchable"
    assert left(service) == []
    assert rows(service, "SELECT * FROM job WHERE attempts > 1") == []


def test_a_worker_goes_on_where_others_have_begun(
    service: Service, caller: Caller, entry_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = jobs_of(service, "fingerprint_segment")
    other = claimed(service, waiting[0])
    monkeypatch.setattr(registering, "GO_ON", 0.3)
    fingerprint_segment(waiting[2])
    assert asset(service, caller, entry_id)["segments"] == {"done": 3, "of": 4}
    give_up_running(service)
    fingerprint_segment(str(other.job_id))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def test_the_same_file_meanwhile_changes_nothing(
    service: Service, caller: Caller, entry_id: Any, clip: Path
) -> None:
    waiting = jobs_of(service, "fingerprint_segment")
    for job_id in waiting[:-1]:
        fingerprint_segment(job_id)
    register(service, caller, clip)
    for job_id in jobs_of(service, "fingerprint_asset"):
        fingerprint_asset(job_id)  # finds that segments are out, and ends
    assert jobs_of(service, "fingerprint_segment") == waiting[-1:]
    fingerprint_segment(waiting[-1])
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def test_a_worker_that_was_thought_dead_writes_nothing(
    service: Service, caller: Caller, entry_id: Any
) -> None:
    job_id = jobs_of(service, "fingerprint_segment")[1]
    first = claimed(service, job_id)
    segment = find_segment(service, first)
    let_lease_run_out(service)
    second = claimed(service, job_id)
    with pytest.raises(Conflict):
        finish_segment(service, first, segment, b"stale")
    assert asset(service, caller, entry_id)["segments"]["done"] == 0
    finish_segment(service, second, segment, b"fresh")
    with pytest.raises(Conflict):
        finish_segment(service, second, segment, b"again")
    (kept,) = rows(service, "SELECT found, fence FROM segment WHERE found IS NOT NULL")
    assert (bytes(kept["found"]), kept["fence"]) == (b"fresh", second.fence)
    assert asset(service, caller, entry_id)["segments"]["done"] == 1


@pytest.mark.usefixtures("entry_id")
def test_the_last_segment_requests_joining_once(service: Service) -> None:
    """All at the same moment, each finishing twice."""
    held = [claimed(service, job_id) for job_id in jobs_of(service, "fingerprint_segment")]
    found = [find_segment(service, job) for job in held]
    start = threading.Barrier(2 * len(held))
    ended: list[bool] = []

    def end(at: int) -> None:
        start.wait()
        try:
            finish_segment(service, held[at], found[at], b"found")
            ended.append(True)
        except Conflict:
            ended.append(False)

    threads = [threading.Thread(target=end, args=(at % len(held),)) for at in range(2 * len(held))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ended) == [False] * len(held) + [True] * len(held)
    assert rows(service, "SELECT remaining FROM division") == [{"remaining": 0}]
    assert len(jobs_of(service, "fingerprint_asset")) == 1


def test_media_that_cannot_be_divided_is_read_whole(
    service: Service, caller: Caller, entry_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = jobs_of(service, "fingerprint_segment")
    fingerprint_segment(waiting[0])
    other = claimed(service, waiting[1])
    segment = find_segment(service, other)
    with monkeypatch.context() as patched:
        patched.setattr(segments, "read", refusing)
        fingerprint_segment(waiting[2])
    assert jobs_of(service, "fingerprint_segment") == []
    with pytest.raises(Conflict):
        finish_segment(service, other, segment, b"late")
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def test_pieces_that_do_not_fit_are_read_in_one(
    service: Service, caller: Caller, entry_id: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all(service)
    with monkeypatch.context() as patched:
        patched.setattr(segments, "join", refusing)
        fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def test_a_closed_bank_leaves_no_segment(service: Service, caller: Caller, entry_id: Any) -> None:
    held = claimed(service, jobs_of(service, "fingerprint_segment")[1])
    segment = find_segment(service, held)
    delete_bank(service, caller, show_entry(service, caller, entry_id).bank, withdraw=True)
    with pytest.raises(Conflict):
        finish_segment(service, held, segment, b"late")
    assert jobs_of(service, "fingerprint_segment") == []
    sweep(service)
    assert left(service) == []


@pytest.mark.parametrize("undivided", [False, True])
def test_a_bank_that_is_closed_while_its_video_is_joined_gets_no_fingerprint(
    service: Service, caller: Caller, entry_id: Any, undivided: bool
) -> None:
    """Or while it is read in one: nobody asks for that again."""
    read_all(service)
    read_whole(service, undivided=undivided)
    held = claimed(service, job_of(service, "fingerprint_asset"))
    delete_bank(service, caller, show_entry(service, caller, entry_id).bank, withdraw=True)
    for _ in range(2):
        sweep(service)
        assert rows(service, "SELECT job_id FROM job WHERE status IN ('queued', 'running')") == []
    assert left(service) == []
    assert claim_job(service, held.job_id) is None


def test_abandoned_segments_are_restarted(
    service: Service, caller: Caller, entry_id: Any, clip: Path
) -> None:
    fail_jobs(service, "fingerprint_segment")
    register(service, caller, clip)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    read_all(service)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
    assert left(service) == []


def test_the_sweeper_asks_for_a_joining_that_was_lost(
    service: Service, caller: Caller, entry_id: Any
) -> None:
    read_all(service)
    lose_queued(service, "fingerprint_asset")
    sweep(service)
    fingerprint_asset(job_of(service, "fingerprint_asset"))
    assert show_entry(service, caller, entry_id).status == "matchable"
