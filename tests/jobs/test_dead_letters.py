"""Dead letters of the workers, and room for more work, as an operator and a caller meet them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.core.errors import Conflict, FakeprintError, Forbidden, NotFound, NotMedia, TooMany, Unavailable
from registry.core.errors.blobs import BlobsUnavailable, MediaMissing
from registry.core.messaging.publisher import DeadMessage, Publisher
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.jobs.model.capacity import Bounds, is_full
from registry.jobs.service import queue as admit_work
from registry.jobs.service.jobs import claim_job, fail_job, get_job, list_jobs, settle_job
from registry.jobs.service.queue import drain_dead_messages
from registry.jobs.store import metrics
from registry.matching.lookups.errors import LookupFailed
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import get_lookup, queue_lookup
from registry.sharing.hma.service.signals import cancel_hashing, get_hashing, queue_hashing, store_hashes
from tests.support.jobs import let_ended_jobs_age, let_jobs_wait
from tests.support.matching.answers import answer_of
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder
from tests.support.service.stack import Stack
from tests.support.steps import claimed, expire, fingerprint_of, join, upload


def test_a_dead_letter_is_seen_retried_and_done(service: Service, owner: Caller, recorder: Recorder) -> None:
    media = upload(service, b"fake")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[media])).entry_id)
    for _ in range(service.settings.max_attempts):
        job = claimed(service, recorder)
        expire(service)
        sweep(service)
    [letter] = list_jobs(service, owner).jobs
    assert (letter.job_id, letter.attempts, letter.error and letter.error.code) == (
        str(job.job_id),
        service.settings.max_attempts,
        "worker_lost",
    )
    assert letter.worker
    retried = settle_job(service, owner, job.job_id, "retried")
    assert (retried.status, retried.settled_as) == ("failed", "retried")
    assert list_jobs(service, owner).jobs == []
    assert show_entry(service, owner, entry_id).status == "pending"
    again = claimed(service, recorder)
    assert again.attempts == 1
    enrol_fingerprint(service, again, fingerprint_of(media, "body"))
    assert show_entry(service, owner, entry_id).status == "matchable"
    with pytest.raises(Conflict) as caught:
        settle_job(service, owner, job.job_id, "discarded")
    assert caught.value.code == "not_failed"


def test_sending_the_file_again_settles_the_dead_letter(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    register_entry(service, owner, Registration(fakes=[media]))
    register_entry(service, owner, Registration(fakes=[upload(service, b"another")]))
    for _ in range(2):
        fail_job(service, claimed(service, recorder), FakeprintError("An error of its own."))
    register_entry(service, owner, Registration(fakes=[media]))
    [left] = list_jobs(service, owner).jobs
    assert left.queue == "media"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "body"))
    [settled, _] = list_jobs(service, owner, state="failed").jobs[::-1]
    assert (settled.settled_as, settled.job_id != left.job_id) == ("retried", True)


def test_bad_media_makes_no_dead_letter(service: Service, owner: Caller, recorder: Recorder) -> None:
    register_entry(service, owner, Registration(fakes=[upload(service, b"text")]))
    fail_job(service, claimed(service, recorder), NotMedia("Not a picture."))
    assert list_jobs(service, owner).jobs == []
    [failed] = list_jobs(service, owner, state="failed", task="fingerprint_asset").jobs
    assert not failed.dead
    assert list_jobs(service, owner, state="open").jobs == []


OWN = FakeprintError("The worker met an error of its own.")
AWAY = BlobsUnavailable("The store is away.")


def test_a_lookup_is_retried_and_answered_after_all(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"suspect")
    lookup_id = queue_lookup(service, owner, media)
    fail_job(service, claimed(service, recorder), OWN)
    with pytest.raises(LookupFailed):
        answer_of(service, owner, lookup_id)
    sweep(service)
    [letter] = list_jobs(service, owner).jobs
    settle_job(service, owner, UUID(letter.job_id), "retried")
    assert get_lookup(service, owner, lookup_id) is None
    again = claimed(service, recorder)
    assert again.blob_key == media.blob.key
    assert service.blobs.exists(media.blob.key)
    answer_file(service, again, ReadFile(fingerprint_of(media, "body"), 1.0))
    assert answer_of(service, owner, lookup_id)["verdict"] == "no_match"
    sweep(service)
    assert not service.blobs.exists(media.blob.key)
    assert list_jobs(service, owner).jobs == []


def test_a_lookup_waits_for_missing_services_like_other_jobs(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Whoever asked was told that it will be answered."""
    patient = replace(service, settings=service.settings.model_copy(update={"max_deferrals": 20}))
    media = upload(service, b"suspect")
    lookup_id = queue_lookup(service, owner, media)
    for _ in range(19):
        fail_job(patient, claimed(service, recorder), AWAY)
        expire(service)
        sweep(service)
    job = claimed(service, recorder)
    assert (job.attempts, job.deferrals) == (1, 19)
    fail_job(patient, job, AWAY)
    [letter] = list_jobs(service, owner).jobs
    assert (letter.deferrals, letter.error and letter.error.code) == (19, "blobs_unavailable")
    settle_job(service, owner, job.job_id, "retried")
    answer_file(service, claimed(service, recorder), ReadFile(fingerprint_of(media, "body"), 1.0))
    assert answer_of(service, owner, lookup_id)["verdict"] == "no_match"


def test_a_lookups_media_is_deleted_with_its_settled_or_old_dead_letter(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    let_be, old = upload(service, b"let be"), upload(service, b"old")
    letters = []
    for media in (let_be, old):
        queue_lookup(service, owner, media)
        letters.append(claimed(service, recorder))
        fail_job(service, letters[-1], OWN)
    sweep(service)
    assert service.blobs.exists(let_be.blob.key)
    assert settle_job(service, owner, letters[0].job_id, "discarded").settled_as == "discarded"
    let_ended_jobs_age(service, days=8, job_id=letters[1].job_id)
    sweep(service)
    assert not service.blobs.exists(let_be.blob.key)
    assert not service.blobs.exists(old.blob.key)
    [left] = list_jobs(service, owner).jobs
    with pytest.raises(Conflict) as caught:
        settle_job(service, owner, UUID(left.job_id), "retried")
    assert caught.value.code == "media_gone"
    assert get_job(service, owner, letters[0].job_id).dead


def test_a_deployment_without_media_keeps_none_of_a_dead_letter(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    keeps_none = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    media = upload(keeps_none, b"suspect")
    queue_lookup(keeps_none, owner, media)
    job = claimed(keeps_none, recorder)
    fail_job(keeps_none, job, OWN)
    assert not service.blobs.exists(media.blob.key)
    with pytest.raises(Conflict) as caught:
        settle_job(keeps_none, owner, job.job_id, "retried")
    assert caught.value.code == "media_gone"


def test_a_waiting_hash_request_fails_soon_without_a_dead_letter(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"photo")
    hashing_id = queue_hashing(service, owner, media, "photo")
    impatient = replace(service, settings=service.settings.model_copy(update={"max_deferrals": 20}))
    for _ in range(service.settings.max_attempts):
        fail_job(impatient, claimed(service, recorder), AWAY)
        expire(service)
        sweep(service)
    assert get_hashing(service, owner, hashing_id).error_code == "blobs_unavailable"
    assert list_jobs(service, owner).jobs == []
    assert not service.blobs.exists(media.blob.key)


@pytest.mark.parametrize("code", ["internal", "media_gone", "worker_lost"])
def test_hashes_that_could_not_be_made_leave_no_dead_letter(
    service: Service, owner: Caller, recorder: Recorder, code: str
) -> None:
    """Whatever was the reason: the file is gone with the answer, and whoever waited was told."""
    media = upload(service, b"photo")
    hashing_id = queue_hashing(service, owner, media, "photo")
    if code == "worker_lost":
        for _ in range(service.settings.max_attempts):
            claimed(service, recorder)
            expire(service)
            sweep(service)
    else:
        fail_job(service, claimed(service, recorder), FakeprintError.of_code(code, "No."))
    assert get_hashing(service, owner, hashing_id).error_code == code
    assert list_jobs(service, owner).jobs == []
    [failed] = list_jobs(service, owner, state="failed").jobs
    assert (failed.dead, failed.error and failed.error.code) == (False, code)
    assert not service.blobs.exists(media.blob.key)


@pytest.mark.parametrize("begun", [False, True])
def test_hashes_for_which_nobody_waits_any_more_are_no_dead_letter(
    service: Service, owner: Caller, recorder: Recorder, *, begun: bool
) -> None:
    media = upload(service, b"photo")
    hashing_id = queue_hashing(service, owner, media, "photo")
    job = claimed(service, recorder) if begun else None
    cancel_hashing(service, owner, hashing_id)
    sweep(service)
    assert not service.blobs.exists(media.blob.key)
    if job is None:
        assert claim_job(service, recorder.sent.pop()[2]) is None
    else:
        with pytest.raises(Conflict):
            store_hashes(service, job, {"pdq": "0" * 64})
        with pytest.raises(Conflict):
            fail_job(service, job, MediaMissing("The media is gone."))
    assert list_jobs(service, owner, state="all").jobs == []
    assert get_hashing(service, owner, hashing_id).error_code == "busy"


def test_only_the_operator_sees_jobs(service: Service, owner: Caller) -> None:
    stranger = join(service, owner, "Elsewhere")
    with pytest.raises(Forbidden):
        list_jobs(service, stranger)
    with pytest.raises(NotFound):
        get_job(service, owner, UUID(int=7))


def test_a_page_of_jobs_goes_on_where_it_ended(service: Service, owner: Caller) -> None:
    for number in range(3):
        register_entry(service, owner, Registration(fakes=[upload(service, b"%d" % number)]))
    first = list_jobs(service, owner, state="open", limit=2)
    rest = list_jobs(service, owner, state="open", limit=2, after=first.next)
    assert [len(first.jobs), len(rest.jobs), rest.next] == [2, 1, None]


def test_many_registrations_of_one_organization_are_bulk(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    most = service.settings.bulk_after
    register_entry(
        service, owner, Registration(fakes=[upload(service, b"%d" % number) for number in range(most + 3)])
    )
    sent = [queue for _, queue, _ in recorder.sent]
    assert (sent.count("media"), sent.count("bulk")) == (most, 3)
    other = join(service, owner, "Elsewhere")
    recorder.sent.clear()
    register_entry(service, other, Registration(fakes=[upload(service, b"theirs")]))
    assert [queue for _, queue, _ in recorder.sent] == ["media"]
    recorder.away = True
    register_entry(service, owner, Registration(fakes=[upload(service, b"one more")]))
    with service.pool.transaction() as connection:
        waiting = connection.execute("SELECT queue FROM outbox").fetchall()
    assert [row["queue"] for row in waiting] == ["bulk"]


@pytest.fixture
def always_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admit_work, "FRESH_SECONDS", 0.0)


@pytest.mark.usefixtures("always_counted")
def test_files_are_refused_while_there_is_no_room(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    narrow = service.settings.model_copy(update={"most_lookups": 5, "most_registrations": 2})
    full = Service(service.pool, service.blobs, service.publisher, narrow)
    for number in range(5):
        queue_lookup(full, owner, upload(full, b"suspect %d" % number))
    with pytest.raises(TooMany) as caught:
        queue_lookup(full, owner, upload(full, b"one more"))
    assert (caught.value.code, caught.value.extra) == ("queue_share_full", {"retry_after": 5})
    fail_job(full, claimed(full, recorder), NotMedia("No."))
    with pytest.raises(TooMany):
        queue_lookup(full, owner, upload(full, b"one more"))  # four of five are still waiting
    fail_job(full, claimed(full, recorder), NotMedia("No."))
    queue_lookup(full, owner, upload(full, b"one more"))
    register_entry(full, owner, Registration(fakes=[upload(full, b"a"), upload(full, b"b")]))
    with pytest.raises(TooMany):
        register_entry(full, owner, Registration(fakes=[upload(full, b"c")]))
    register_entry(
        full, owner, Registration(fakes=[fingerprint_of(upload(full, b"d"), "documents need no worker")])
    )


@pytest.mark.usefixtures("always_counted")
def test_files_are_refused_while_the_oldest_waits_too_long(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    queue_lookup(service, owner, upload(service, b"suspect"))
    let_jobs_wait(service, minutes=2)
    with pytest.raises(Unavailable):
        queue_lookup(service, owner, upload(service, b"one more"))
    claimed(service, recorder)
    queue_lookup(service, owner, upload(service, b"one more"))


def test_scaling_counts_waiting_jobs_only(service: Service, owner: Caller, recorder: Recorder) -> None:
    """And neither for a long video that is being read, nor for what waits for a store that is away."""

    def waited() -> tuple[int, bool]:
        let_jobs_wait(service, minutes=60)
        with service.pool.transaction() as connection:
            (row,) = metrics.queue_depths(connection)
        return row.depth, row.oldest_seconds > 1000

    queue_lookup(service, owner, upload(service, b"suspect"))
    assert waited() == (1, True)
    job = claimed(service, recorder)
    assert waited() == (1, False)
    fail_job(service, job, BlobsUnavailable("The store is away."))
    assert waited() == (1, False)
    expire(service)
    assert waited() == (1, True)


def test_refused_registrations_resume_below_four_fifths() -> None:
    bounds = Bounds(10, 60, 5)
    assert [is_full(bounds, jobs=jobs, oldest=0, was=False) for jobs in (9, 10)] == [False, True]
    assert [is_full(bounds, jobs=jobs, oldest=0, was=True) for jobs in (7, 8)] == [False, True]
    assert [is_full(bounds, jobs=0, oldest=age, was=True) for age in (47, 48)] == [False, True]
    assert not is_full(Bounds(10, 0, 5), jobs=0, oldest=1e9, was=False)


def test_rabbitmq_gives_up_repeatedly_returned_messages(
    service: Service, owner: Caller, recorder: Recorder, rabbitmq: str
) -> None:
    """And what is no task at all; the job that was meant waits on, and says so."""
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    _, kind, job_id = recorder.sent.pop()
    publisher = Publisher(Settings(broker_url=rabbitmq))
    drained: list[DeadMessage] = []
    publisher.drain(drained.append)  # what other tests left
    drained.clear()
    publisher.publish("fakeprint.fingerprint_asset", kind, job_id)
    services.give_back(rabbitmq, f"fakeprint.{kind}", str(job_id))
    real = Service(service.pool, service.blobs, publisher, service.settings)
    heard: list[int] = []

    def hear() -> bool:
        heard.append(drain_dead_messages(real))
        return bool(heard[-1])

    services.wait_until(hear, 20)
    publisher.close()
    found = get_job(service, owner, job_id)
    assert (found.status, found.error and found.error.code) == ("queued", "message_given_up")
    assert found.error
    assert "delivery_limit" in found.error.message


def test_a_missed_heartbeat_changes_nothing(
    service: Service, recorder: Recorder, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A night without a worker of control leaves thousands."""
    dead_messages = [
        DeadMessage(None, "fakeprint.relay", "expired"),
        DeadMessage(None, "fakeprint.gone", "rejected"),
    ]
    monkeypatch.setattr(recorder, "drain", lambda keep: [keep(item) for item in dead_messages], raising=False)
    assert drain_dead_messages(service) == 2
    assert [record.__dict__["task"] for record in caplog.records] == ["fakeprint.gone"]


@pytest.mark.parametrize("body", [b"", b"[]", b'[["x"]]', b"\xff", b"[[7], {}, {}]", b"{}"])
def test_a_dead_message_may_be_anything(body: bytes) -> None:
    assert DeadMessage.of(None, body) == DeadMessage(None, "", "")


def test_dead_letters_on_the_command_line(running_service: Stack, tmp_path: Path) -> None:
    run = running_service.fakeprint
    (tmp_path / "text.mp4").write_text("no video")
    before = {line["job_id"] for line in run("admin", "job", "list", "--state", "failed", "--json").lines}
    assert run("register", tmp_path / "text.mp4", "--json").status == 1
    assert run("admin", "job", "list").stdout == "No dead letters.\n"
    [one] = [
        line
        for line in run("admin", "job", "list", "--state", "failed", "--json").lines
        if line["error"]["code"] == "not_media" and line["job_id"] not in before
    ]
    shown = run("admin", "job", "show", one["job_id"])
    assert "[not_media]" in shown.stdout
    assert f"admin job retry {one['job_id']}" in shown.stdout
    assert run("admin", "job", "discard", one["job_id"]).stdout == "discarded\n"
    twice = run("admin", "job", "retry", one["job_id"], "--json")
    assert (twice.status, twice.line["error"]["code"]) == (1, "not_failed")
    several = run("admin", "job", "discard", one["job_id"], "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21", "--json")
    assert several.status == 1
    assert [line["error"]["code"] for line in several.lines] == ["not_failed", "unknown_job"]
    gone = run("admin", "job", "show", "0d6c3f5e-8a64-4c39-8f57-0b7b1f6a9a21", "--json")
    assert (gone.status, gone.line["error"]["code"]) == (1, "unknown_job")
