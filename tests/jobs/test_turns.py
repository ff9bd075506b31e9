"""Waiting files take turns: one caller with many does not delay the files of others."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from uuid import UUID

import httpx2
import pytest
from PIL import Image

from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.jobs import Job
from registry.jobs.service import queue
from registry.jobs.service.jobs import claim_job, fail_job
from registry.jobs.service.turns import claim_in_turn, gives_way, hand_over
from registry.jobs.store import turns
from registry.matching.lookups.service.records import queue_lookup
from registry.sharing.hma.service.signals import queue_hashing
from tests.hostile.containers import Index, mp4
from tests.support.jobs import defer, let_job_have_taken, let_jobs_wait
from tests.support.service.fixtures import Recorder
from tests.support.service.stack import Stack
from tests.support.steps import join, upload

TASKS = ("answer_lookup", "hash_file")


def mate(service: Service, owner: Caller, name: str = "mate") -> Caller:
    made = create_caller(service, owner, organization=None, name=name, roles=["lookup"])
    return authenticate(service, made.key)


def send(service: Service, caller: Caller, name: str) -> UUID:
    return queue_lookup(service, caller, upload(service, name.encode()))


def take(service: Service, recorder: Recorder) -> Job:
    """Take the next message, and the job whose turn it is, as a worker does."""
    _, _, job_id = recorder.sent.pop(0)
    job = claim_in_turn(service, job_id, "interactive", TASKS)
    assert job
    return job


def take_by(service: Service, recorder: Recorder, processes: int) -> UUID | None:
    """Take as one of a pool's processes does. Return the lookup."""
    _, _, job_id = recorder.sent.pop(0)
    job = claim_in_turn(service, job_id, "interactive", TASKS, processes=processes)
    return job.subject_id if job else None


def spend(service: Service, job: Job, seconds: float) -> None:
    """Let a job end, which has taken so long."""
    fail_job(service, job, FakeprintError.of_code("not_media", "No."))
    let_job_have_taken(service, job.job_id, seconds=seconds)


def order_of(
    service: Service, recorder: Recorder, jobs: int, seconds: Callable[[Job], float] = lambda _: 1.0
) -> list[UUID]:
    """Do the next jobs, each of which takes so long, and return their subjects."""
    order = []
    for _ in range(jobs):
        job = take(service, recorder)
        order.append(job.subject_id)
        spend(service, job, seconds(job))
    return order


def test_the_next_file_of_another_caller_comes_next(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    other = join(service, owner, "Elsewhere")
    many = [send(service, owner, f"many {number}") for number in range(5)]
    spend(service, take(service, recorder), 1.0)
    late = send(service, other, "late")
    assert order_of(service, recorder, 5) == [late, *many[1:]]
    assert recorder.sent == []  # a message for each job, whichever it took


def test_seconds_count_not_files(service: Service, owner: Caller, recorder: Recorder) -> None:
    """Who sends small files gets more of them done than who sends large ones."""
    other = join(service, owner, "Elsewhere")
    large = [send(service, owner, f"large {number}") for number in range(3)]
    small = [send(service, other, f"small {number}") for number in range(5)]
    let_jobs_wait(service, minutes=1)
    assert order_of(service, recorder, 8, lambda job: 8.0 if job.subject_id in large else 2.0) == [
        large[0],
        *small[:4],
        large[1],
        small[4],
        large[2],
    ]


def test_time_that_kept_nobody_waiting_does_not_count(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Who was alone before others came has its turn among them."""
    other = join(service, owner, "Elsewhere")
    send(service, owner, "alone")
    spend(service, take(service, recorder), 30.0)
    theirs = [send(service, other, f"theirs {number}") for number in range(3)]
    mine = send(service, owner, "mine")
    assert order_of(service, recorder, 3) == [theirs[0], mine, theirs[1]]


def test_organizations_take_turns_and_their_callers_within(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """An organization gets no more by more keys."""
    other = join(service, owner, "Elsewhere")
    second = mate(service, owner)
    first = [send(service, owner, f"first {number}") for number in range(3)]
    seconds = [send(service, second, f"second {number}") for number in range(3)]
    theirs = [send(service, other, f"theirs {number}") for number in range(3)]
    assert order_of(service, recorder, 6) == [first[0], theirs[0], seconds[0], theirs[1], first[1], theirs[2]]


def test_files_to_hash_take_turns_with_lookups(service: Service, owner: Caller, recorder: Recorder) -> None:
    made = create_caller(service, owner, organization="Elsewhere", name="hma", roles=["lookup", "hma"])
    other = authenticate(service, made.key)
    for number in range(3):
        send(service, owner, f"{number}")
    take(service, recorder)
    hashing_id = queue_hashing(service, other, upload(service, b"photo"), "photo")
    job = take(service, recorder)
    assert (job.task, job.subject_id) == ("hash_file", hashing_id)


def test_the_last_free_process_is_for_an_organization_that_runs_none(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    first, second, third = (send(service, owner, f"{number}") for number in range(3))
    assert [take_by(service, recorder, processes=3) for _ in range(3)] == [first, second, None]
    other = send(service, join(service, owner, "Elsewhere"), "theirs")
    assert take_by(service, recorder, processes=3) == other
    assert third not in {first, second}


def test_one_process_is_for_everybody(service: Service, owner: Caller, recorder: Recorder) -> None:
    first, second = send(service, owner, "first"), send(service, owner, "second")
    assert [take_by(service, recorder, processes=1) for _ in range(2)] == [first, second]


def test_a_file_gives_way_to_an_organization_that_took_less_time_and_runs_none(
    service: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "PATIENCE", 30.0)
    other, third = join(service, owner, "Elsewhere"), join(service, owner, "University")
    for caller, seconds in ((third, 5.0), (other, 20.0)):
        send(service, caller, "earlier")
        spend(service, take(service, recorder), seconds)
    send(service, owner, "long")
    send(service, other, "long too")
    long, long_too = take(service, recorder), take(service, recorder)
    send(service, third, "theirs")
    assert not gives_way(service, long_too, TASKS), "a free process would have taken it by now"
    let_jobs_wait(service, minutes=1)
    assert gives_way(service, long_too, TASKS), "that organization took most time"
    assert not gives_way(service, long, TASKS)
    send(service, owner, "more")
    let_jobs_wait(service, minutes=1)
    hand_over(service, long_too)
    assert take(service, recorder).queue == "interactive"
    assert not gives_way(service, long, TASKS), "nobody waits that runs none"


def test_a_file_gives_way_to_another_caller_of_its_organization(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    send(service, owner, "long")
    long = take(service, recorder)
    send(service, owner, "more")
    let_jobs_wait(service, minutes=1)
    assert not gives_way(service, long, TASKS)
    send(service, mate(service, owner), "theirs")
    let_jobs_wait(service, minutes=1)
    assert gives_way(service, long, TASKS)


def test_many_files_of_an_organization_that_had_their_turn_are_bulk_work(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    few = service.settings.model_copy(update={"bulk_after": 1})
    narrow = Service(service.pool, service.blobs, service.publisher, few)
    for number in range(2):
        send(narrow, owner, f"{number}")
    for job in [take(narrow, recorder) for _ in range(2)]:
        hand_over(narrow, job)
    assert [queue for _, queue, _ in recorder.sent] == ["media", "bulk"]
    assert claim_in_turn(narrow, recorder.sent[0][2], "interactive", TASKS) is None
    assert all(claim_job(narrow, job_id) for _, _, job_id in recorder.sent)


def test_a_file_that_had_its_turn_on_both_queues_is_bulk_work(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    send(service, owner, "long")
    hand_over(service, take(service, recorder))
    again = claim_in_turn(service, None, "media", TASKS)
    assert again
    hand_over(service, again)
    assert [queue for _, queue, _ in recorder.sent] == ["media", "bulk"]


def test_what_is_not_due_has_no_turn(service: Service, owner: Caller, recorder: Recorder) -> None:
    first, second = send(service, owner, "first"), send(service, owner, "second")
    defer(service, recorder.sent[0][2], seconds=600)
    assert take(service, recorder).subject_id == second
    assert claim_in_turn(service, recorder.sent.pop()[2], "interactive", TASKS) is None
    assert first != second


@pytest.fixture
def narrow(service: Service, monkeypatch: pytest.MonkeyPatch) -> Service:
    """A service with room for four files, which counts at each request."""
    monkeypatch.setattr(queue, "FRESH_SECONDS", 0.0)
    few = service.settings.model_copy(update={"most_lookups": 4})
    return Service(service.pool, service.blobs, service.publisher, few)


def test_who_fills_the_queue_waits_and_others_get_in(narrow: Service, owner: Caller) -> None:
    other, third = join(narrow, owner, "Elsewhere"), join(narrow, owner, "University")
    for number in range(4):
        send(narrow, owner, f"{number}")
    with pytest.raises(FakeprintError) as refused:
        send(narrow, owner, "one more")
    assert (refused.value.status, refused.value.code) == (429, "queue_share_full")
    assert refused.value.extra == {"retry_after": 5}
    send(narrow, other, "theirs")
    send(narrow, third, "theirs too")
    # Up to twice as many as without shares.
    for number in range(2):
        send(narrow, join(narrow, owner, f"Another {number}"), "theirs")
    with pytest.raises(FakeprintError) as full:
        send(narrow, join(narrow, owner, "The last"), "theirs")
    assert (full.value.status, full.value.code) == (503, "queue_full")


def test_organizations_that_fill_the_queue_together_leave_room_for_others(
    narrow: Service, owner: Caller
) -> None:
    """One after another sends until it is refused. No share grows by what the others send."""

    def fill(caller: Caller) -> None:
        for number in range(8):
            send(narrow, caller, f"{number}")

    for caller in (owner, join(narrow, owner, "Elsewhere"), join(narrow, owner, "University")):
        with pytest.raises(FakeprintError) as refused:
            fill(caller)
        assert refused.value.code == "queue_share_full"
    send(narrow, join(narrow, owner, "Newcomer"), "theirs")


def test_callers_of_one_organization_leave_room_for_others(narrow: Service, owner: Caller) -> None:
    def fill() -> None:
        for number in range(8):
            send(narrow, mate(narrow, owner, f"mate {number}"), "one each")

    with pytest.raises(FakeprintError) as refused:
        fill()
    assert refused.value.code == "queue_share_full"
    send(narrow, join(narrow, owner, "Newcomer"), "theirs")


def test_a_worker_between_two_files_is_not_gone(narrow: Service, owner: Caller, recorder: Recorder) -> None:
    """Nothing runs at that moment, though files have waited too long."""
    for number in range(3):
        send(narrow, owner, f"{number}")
    spend(narrow, take(narrow, recorder), 20.0)
    let_jobs_wait(narrow, minutes=5)
    send(narrow, join(narrow, owner, "Elsewhere"), "theirs")


def test_without_any_worker_all_files_are_refused(narrow: Service, owner: Caller) -> None:
    send(narrow, owner, "waits")
    let_jobs_wait(narrow, minutes=5)
    with pytest.raises(FakeprintError) as full:
        send(narrow, join(narrow, owner, "Elsewhere"), "theirs")
    assert (full.value.status, full.value.code) == (503, "queue_full")


def picture(number: int) -> bytes:
    out = io.BytesIO()
    Image.radial_gradient("L").resize((128, 96)).rotate(number).save(out, "JPEG")
    return out.getvalue()


@pytest.mark.slow
def test_a_second_caller_is_answered_while_the_first_has_fifty_waiting(running_service: Stack) -> None:
    """By a whole service, with its broker and one worker."""
    key = (running_service.data / "admin.key").read_text().strip()
    with httpx2.Client(base_url=running_service.url, timeout=60, trust_env=False) as client:

        def caller(organization: str) -> dict[str, str]:
            new = {"organization": organization, "name": "turns", "roles": ["lookup"]}
            made = client.post("/v1/callers", json=new, headers={"Authorization": f"Bearer {key}"})
            return {"Authorization": f"Bearer {made.json()['key']}"}

        def look_up(headers: dict[str, str], number: int) -> httpx2.Response:
            return client.post("/v1/lookups", files={"file": picture(number)}, headers=headers)

        many, late = caller("turns: many"), caller("turns: late")
        queued = [look_up(many | {"Prefer": "respond-async"}, number).json() for number in range(50)]
        answered = look_up(late | {"Prefer": "wait=60"}, 400)
        assert answered.status_code == 200, answered.text
        states = [
            client.get(f"/v1/lookups/{lookup['lookup_id']}", headers=many).status_code for lookup in queued
        ]
        assert states.count(202) > 10, "the first caller's files are waiting still"


@pytest.mark.slow(58)
def test_a_file_is_answered_beside_long_files_of_three_organizations(running_service: Stack) -> None:
    """Their files hold both processes. The one that has had its turn is handed over."""
    key = (running_service.data / "admin.key").read_text().strip()
    long = mp4(Index(400_000, chunks=400))
    with httpx2.Client(base_url=running_service.url, timeout=90, trust_env=False) as client:

        def look_up(organization: str, content: bytes, wait: int) -> tuple[dict[str, str], httpx2.Response]:
            new = {"organization": f"long files: {organization}", "name": "one", "roles": ["lookup"]}
            made = client.post("/v1/callers", json=new, headers={"Authorization": f"Bearer {key}"})
            headers = {"Authorization": f"Bearer {made.json()['key']}", "Prefer": f"wait={wait}"}
            return headers, client.post("/v1/lookups", files={"file": content}, headers=headers)

        sent = [look_up(name, long + name.encode(), 0) for name in ("one", "two", "three")]
        _, answered = look_up("good", picture(500), 60)
        assert answered.status_code == 200, answered.text
        states = [
            client.get(f"/v1/lookups/{response.json()['lookup_id']}", headers=headers).status_code
            for headers, response in sent
        ]
        assert states.count(202) >= 2, "their files are read still"
        for headers, response in sent:  # each is answered in the end, on the other queue
            path = f"/v1/lookups/{response.json()['lookup_id']}"
            ends = time.monotonic() + 120
            while (ended := client.get(path, headers=headers)).status_code == 202:
                assert time.monotonic() < ends
                time.sleep(0.5)
            assert ended.status_code in {200, 422}, ended.text
