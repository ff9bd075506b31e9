"""What the chaos suite reads of jobs, on a real database: who took them, what they waited behind, how they
failed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import BadMedia, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs import Job
from registry.jobs.service.jobs import fail_job
from registry.jobs.store import jobs
from tests.support.jobs import give_back, let_jobs_wait, lose_messages
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, expire, upload
from tests.system.chaos import claims
from tests.system.chaos.claims import BEGUN, WORK, Begun
from tests.system.chaos.failures import MOST_ATTEMPTS, Failures
from tests.system.chaos.faults import Faults, Hit
from tests.system.chaos.model import Model, drawing
from tests.system.chaos.standing import CLEARLY, Standing
from tests.system.chaos.system import children, rows

Rows = Callable[..., Sequence[Mapping[str, Any]]]


@pytest.fixture
def told(database_url: str) -> Rows:
    """Asks the database, which keeps claims from now on."""
    claims.keep(database_url)
    return lambda query, *given: rows(database_url, query, *given)


def request_jobs(service: Service, count: int = 1, *, ago: float = 0.0) -> list[UUID]:
    """Jobs on the queue `bulk`, asked for some seconds ago and a second apart."""
    made = []
    with service.pool.transaction() as connection:
        for _ in range(count):
            job_id = jobs.enqueue(connection, "relate_entry", uuid4())
            assert job_id
            made.append(job_id)
    for at, job_id in enumerate(made):
        let_jobs_wait(service, minutes=(ago - at) / 60, sent=(ago - at) / 60, job_id=job_id)
    lose_messages(service)
    return made


def taken(service: Service, job_id: UUID) -> Job:
    """By this process, as by a worker of a deployment."""
    with service.pool.transaction() as connection:
        job = jobs.claim(
            connection, job_id, lease=6, max_attempts=MOST_ATTEMPTS, worker=f"here:{os.getpid()}"
        )
    assert job
    return job


def finished(service: Service, job: Job) -> None:
    with service.pool.transaction() as connection:
        jobs.finish(connection, job)


def test_each_claim_is_kept_and_each_try_counts_once(service: Service, told: Rows) -> None:
    (job_id,) = request_jobs(service, ago=50)
    for _ in range(3):  # given back, as where its worker was told to end
        taken(service, job_id)
        give_back(service, job_id)
    taken(service, job_id)
    kept = told("SELECT fence, attempts, worker FROM chaos.claim ORDER BY fence")
    assert [item["fence"] for item in kept] == [1, 2, 3, 4]
    assert {item["worker"] for item in kept} == {f"here:{os.getpid()}"}
    begun = told(BEGUN, 60.0)
    assert [item["queue"] for item in begun] == ["bulk"]
    assert begun[0]["at"] - begun[0]["created"] == pytest.approx(50, abs=5)


def test_work_is_measured_from_the_claim_and_not_from_the_asking(service: Service, told: Rows) -> None:
    for job_id in request_jobs(service, 3, ago=500):
        finished(service, taken(service, job_id))
    (found,) = told(WORK)
    assert found["queue"] == "bulk"
    assert found["usual"] < 5


def test_a_queue_is_waited_for_as_long_as_those_before_are_begun(service: Service, told: Rows) -> None:
    """And no longer, whoever else is begun; what nobody holds any more waits like the others."""
    first, second, third = request_jobs(service, 3, ago=100)
    taken(service, first)
    standing = Standing(told, Model(told=lambda _: None), [], boot=0.0)
    standing.look()
    assert {key[1]: one.waits for key, one in standing.seen.items()} == {
        str(first): False,
        str(second): True,
        str(third): True,
    }
    expire(service)
    standing.look()
    assert standing.seen["job", str(first)].waits
    late = request_jobs(service, ago=-60)[0]
    before = time.time()
    finished(service, taken(service, second))
    taken(service, late)
    begun = Begun.of(told(BEGUN, 60.0))
    placed = standing.seen["job", str(third)].placed
    assert before <= begun.last("bulk", placed + CLEARLY) < begun.last("bulk", placed + 3600)
    assert begun.last("media", placed) == 0.0


def test_a_job_that_no_worker_survives_is_given_up_by_rule_where_each_was_hit(
    service: Service, told: Rows
) -> None:
    (job_id,) = request_jobs(service)
    hits = []
    for _ in range(MOST_ATTEMPTS):
        taken(service, job_id)
        hits.append(Hit("worker_child", "bulk", time.time(), time.time(), frozenset({os.getpid()})))
        expire(service)
    with service.pool.transaction() as connection:
        jobs.fail(connection, job_id, "worker_lost", "It died.", dead=True)
    for seen, lost in ((hits, False), (hits[1:], True), ([*hits[1:], Hit("broker", "", 0, 1e12)], True)):
        model = Model(told=lambda _: None)
        Failures(told, model, seen).look()
        assert [finding.kind for finding in model.findings] == ["lost"] * lost
        assert model.exhausted.total() == (not lost)


@pytest.mark.parametrize("code", ["decode_failed", "blobs_unavailable"])
def test_a_sound_medium_that_is_refused_is_lost_whatever_was_hit(
    service: Service, owner: Caller, recorder: Recorder, told: Rows, code: str
) -> None:
    register_entry(service, owner, Registration(fakes=[upload(service, b"clip")]))
    hits = [Hit("database", "", time.time() - 1, time.time() + 60)] * 3
    hasty = replace(service, settings=service.settings.model_copy(update={"max_deferrals": 1}))
    fail_job(
        hasty,
        claimed(service, recorder),
        {"decode_failed": BadMedia}.get(code, Unavailable).of_code(code, "No."),
    )
    model = Model(told=lambda _: None)
    Failures(told, model, hits).look()
    assert [finding.kind for finding in model.findings] == ["lost"]


@dataclass
class Alone:
    """A worker and nothing else."""

    pid: int
    disk: None = None
    network: None = None
    database: None = None
    broker: str = "redis"

    def pids(self) -> dict[str, int]:
        return {"media": self.pid}


@pytest.mark.parametrize("kind", ["worker_child", "worker", "worker_family"])
def test_a_fault_names_the_processes_that_it_ends(kind: str) -> None:
    child = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"
    with subprocess.Popen([sys.executable, "-c", child]) as worker:
        services.wait_until(lambda: bool(children(worker.pid)), 30)
        below = {item.pid for item in children(worker.pid)}
        faults = Faults(Alone(worker.pid), drawing("x"), lambda _: None)  # type: ignore[arg-type]  # of it only this
        try:
            assert faults.inject(kind)
        finally:
            for pid in (*below, worker.pid):
                with suppress(ProcessLookupError):  # killed by the fault, or ended since
                    os.kill(pid, signal.SIGKILL)
        (hit,) = faults.hits
    assert hit.pids == (below if kind == "worker_child" else {worker.pid, *below})
    assert all(hit.ends(pid) for pid in below)
    assert not hit.ends(os.getpid())
