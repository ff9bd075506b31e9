"""Watched lookups that are answered again while workers die, lose their jobs, end, or find things away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from registry.app.service.sweep import sweep
from registry.core.database.pool import Connection
from registry.core.errors import FakeprintError
from registry.core.errors.database import DatabaseTimeout
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.errors import LeaseLost
from registry.jobs.service.jobs import claim_job, list_jobs, settle_job
from registry.matching.watches import store as watches
from registry.matching.watches.service import answers as action
from registry.matching.watches.service.answers import answer_watches
from registry.sharing.webhooks.service.events import dispatch_events
from tests.support.jobs import give_back, lose_jobs, set_attempts
from tests.support.matching.watches import FAKE, forget_answers, notified, put, watched, work
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import expire, unwatched


def test_a_dying_worker_sends_each_notification_once(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookups = [watched(service, owner, drawn.clip("speech", noise=0.05, file=f"copy {n}")) for n in range(4)]
    put(service, owner, FAKE)
    dispatch_events(service)
    ((_, _, job_id),) = [item for item in recorder.sent if item[0] == "fakeprint.answer_watches"]
    recorder.sent.clear()
    job = claim_job(service, job_id)
    assert job
    tell = watches.save_answer
    calls: list[UUID] = []

    def dies(connection: Connection, watch_id: UUID, *rest: Any, **more: Any) -> bool:
        calls.append(watch_id)
        if len(calls) == 3:
            raise SystemExit
        return tell(connection, watch_id, *rest, **more)

    monkeypatch.setattr(watches, "save_answer", dies)
    with pytest.raises(SystemExit):
        answer_watches(service, job, unwatched)
    assert len(notified(service)) == 2
    expire(service)
    sweep(service)
    work(service, recorder)
    assert sorted(item[0] for item in notified(service)) == sorted(item["lookup_id"] for item in lookups)


def test_an_entry_that_kills_workers_does_not_hold_up_others(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    lookup = watched(service, owner)
    deadly = put(service, owner, drawn.clip("deadly"))
    ask = action._search

    def dies(service: Service, due: Any, progress: Any) -> None:
        if due.entry_id == deadly:
            raise SystemExit
        ask(service, due, progress)

    monkeypatch.setattr(action, "_search", dies)
    for _ in range(action.TRIES):
        dispatch_events(service)
        expire(service)
        sweep(service)
        job_id = recorder.sent.pop()[2]
        recorder.sent.clear()
        set_attempts(service, 0)
        job = claim_job(service, job_id)
        assert job
        with pytest.raises(SystemExit):
            answer_watches(service, job, unwatched)
    lose_jobs(service)
    put(service, owner, FAKE)
    work(service, recorder)
    assert [item[0] for item in notified(service)] == [lookup["lookup_id"]]
    [letter] = list_jobs(service, owner).jobs
    assert (letter.task, letter.attempts, letter.error and letter.error.code) == (
        "answer_watches",
        action.TRIES,
        "worker_lost",
    )
    monkeypatch.setattr(action, "_search", ask)
    heard = watched(service, owner, drawn.clip("deadly", noise=0.05, file="copy"))
    forget_answers(service)  # as if it had been asked before
    settle_job(service, owner, UUID(letter.job_id), "retried")
    work(service, recorder)
    assert notified(service)[1:] == [(heard["lookup_id"], str(deadly), "known_fake")]
    assert list_jobs(service, owner).jobs == []


@pytest.mark.parametrize(
    "error",
    [
        DatabaseTimeout("Too slow."),
        LeaseLost("Another worker has it."),
    ],
)
def test_outages_cost_an_entry_no_attempt(
    service: Service,
    owner: Caller,
    recorder: Recorder,
    monkeypatch: pytest.MonkeyPatch,
    error: FakeprintError,
) -> None:
    lookup = watched(service, owner)
    put(service, owner, FAKE)
    dispatch_events(service)
    ((_, _, job_id),) = [item for item in recorder.sent if item[0] == "fakeprint.answer_watches"]
    with monkeypatch.context() as patched:
        patched.setattr(action, "_search", raising(error))
        for _ in range(2 * action.TRIES):
            give_back(service)
            job = claim_job(service, job_id)
            assert job
            with pytest.raises(type(error)):
                answer_watches(service, job, unwatched)
    lose_jobs(service)
    recorder.sent.clear()
    work(service, recorder)
    assert [item[0] for item in notified(service)] == [lookup["lookup_id"]]
    assert list_jobs(service, owner).jobs == []


def raising(error: FakeprintError) -> Any:
    def ask(*_: Any) -> None:
        raise error

    return ask


def test_a_worker_that_is_to_end_leaves_the_rest_to_another(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    lookup = watched(service, owner)
    put(service, owner, drawn.clip("other footage"))
    put(service, owner, FAKE)
    dispatch_events(service)
    ((_, _, job_id),) = [item for item in recorder.sent if item[0] == "fakeprint.answer_watches"]
    recorder.sent.clear()
    job = claim_job(service, job_id)
    assert job
    answers = iter([False, True])
    answer_watches(service, job, unwatched, enough=lambda: next(answers))
    assert notified(service) == []
    work(service, recorder)
    assert [item[0] for item in notified(service)] == [lookup["lookup_id"]]
