"""Work under leases: nothing lost, nothing done twice in effect, fakes and originals open together."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

import pytest

from registry import jobs
from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import (
    Registration,
    enrol_fingerprint,
    register_entry,
    retry_entry,
)
from registry.catalogue.media.service.retention import forget_blob
from registry.catalogue.media.service.uploads import uploads
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection, Pool
from registry.core.errors import BadInput, BadMedia, Conflict, NotFound, NotMedia, Unavailable
from registry.core.errors.blobs import BlobsUnavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.jobs.service.jobs import claim_job, fail_job, renew_lease
from registry.jobs.service.queue import relay_outbox
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import get_lookup, queue_lookup
from registry.matching.lookups.store import lookups
from tests.support.jobs import let_unsent_messages_age, miss_renewals, renew
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, expire, fingerprint_of, read_whole, upload


def test_fakes_and_originals_open_in_one_commit(service: Service, owner: Caller, recorder: Recorder) -> None:
    fake, original = upload(service, b"fake"), upload(service, b"original")
    made = register_entry(service, owner, Registration(fakes=[fake], originals=[original]))
    entry_id = UUID(made.entry_id)
    assert made.status == "pending"
    assert [task for task, _, _ in recorder.sent] == ["fakeprint.fingerprint_asset"] * 2
    copy = drawn.clip("body", face="victim", noise=0.1, file="copy")
    first = claimed(service, recorder)
    enrol_fingerprint(service, first, fingerprint_of(fake, "body", "victim"))
    assert answer_document(service, owner, copy)["verdict"] == "no_match", "not before its original"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(original, "other body", "a"))
    assert answer_document(service, owner, copy)["verdict"] == "known_fake"
    shown = show_entry(service, owner, entry_id)
    assert shown.status == "matchable"
    assert not shown.unverified
    assert len({asset.matchable_at for asset in shown.assets}) == 1


def test_two_workers_that_finish_at_once_open_the_entry(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    for round_ in range(8):
        media = [upload(service, b"%d %d" % (round_, index)) for index in range(4)]
        made = register_entry(service, owner, Registration(fakes=media[:2], originals=media[2:]))
        jobs = [claimed(service, recorder) for _ in media]
        threads = [
            threading.Thread(
                target=enrol_fingerprint, args=(service, job, fingerprint_of(one, f"{round_} {index}"))
            )
            for index, (job, one) in enumerate(zip(jobs, media, strict=True))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert show_entry(service, owner, UUID(made.entry_id)).status == "matchable"


def test_a_bad_original_fails_the_whole_entry_and_can_be_retried(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    fake, original = upload(service, b"fake"), upload(service, b"original")
    made = register_entry(service, owner, Registration(fakes=[fake], originals=[original]))
    entry_id = UUID(made.entry_id)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(fake, "body", "victim"))
    fail_job(service, claimed(service, recorder), NotMedia("Not a picture."))
    shown = show_entry(service, owner, entry_id)
    assert (shown.status, shown.error and shown.error.code) == ("failed", "not_media")
    copy = drawn.clip("body", face="victim", noise=0.1, file="copy")
    assert answer_document(service, owner, copy)["verdict"] == "no_match"
    assert retry_entry(service, owner, entry_id).status == "pending"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(original, "o", "actress"))
    assert show_entry(service, owner, entry_id).status == "matchable"
    with pytest.raises(Conflict) as caught:
        retry_entry(service, owner, entry_id)
    assert caught.value.code == "nothing_to_retry"


def test_an_asset_added_later_opens_by_itself(service: Service, owner: Caller, recorder: Recorder) -> None:
    entry_id = UUID(
        register_entry(service, owner, Registration(fakes=[drawn.clip("body", face="v")])).entry_id
    )
    late = upload(service, b"late original")
    assert add_asset(service, owner, entry_id, late, "original").status == "pending"
    shared = drawn.clip("body", face="actress", noise=0.1)
    assert answer_document(service, owner, shared)["verdict"] == "related"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(late, "body", "actress"))
    assert answer_document(service, owner, shared)["verdict"] == "authentic_original"


def test_a_job_is_held_by_one_worker(service: Service, owner: Caller, recorder: Recorder) -> None:
    media = upload(service, b"fake")
    register_entry(service, owner, Registration(fakes=[media]))
    job_id = recorder.sent[0][2]
    first = claim_job(service, job_id)
    assert first
    assert claim_job(service, job_id) is None, "a message that comes twice finds it taken"
    renew_lease(service, first, 0.5)
    expire(service)
    second = claim_job(service, job_id)
    assert second
    attempts: list[Callable[[], None]] = [
        lambda: renew_lease(service, first, 0.9),
        lambda: enrol_fingerprint(service, first, fingerprint_of(media, "wrong")),
        lambda: fail_job(service, first, NotMedia("late")),
    ]
    for late in attempts:
        with pytest.raises(Conflict) as caught:
            late()
        assert caught.value.code == "lease_lost"
    enrol_fingerprint(service, second, fingerprint_of(media, "body"))
    assert claim_job(service, job_id) is None


def test_a_worker_is_gone_when_its_session_is_and_it_missed_renewals(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Long before its lease ends; while the session lives, or it renewed a moment ago, the lease stands."""
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    job_id = recorder.sent[0][2]
    patient = replace(service, settings=service.settings.model_copy(update={"lease_seconds": 60}))
    worker = Pool(service.settings.database_url, size=2, statement_timeout_ms=10_000)
    worker.open()
    first = claim_job(replace(patient, pool=worker), job_id)
    assert first
    miss_renewals(service)
    assert sweep(patient) == 0, "its session lives"
    worker.close()
    renew(service)
    assert sweep(patient) == 0, "it renewed a moment ago"
    assert claim_job(patient, job_id) is None
    miss_renewals(service)
    services.wait_until(lambda: sweep(patient) == 1, 10)  # PostgreSQL ends a session when it sees its socket
    assert sweep(patient) == 0, "it was said just now"
    second = claim_job(patient, job_id)
    assert second
    assert second.fence == first.fence + 1


def test_messages_sent_before_the_broker_refused_are_not_repeated(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    recorder.away = True
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    queue_lookup(service, owner, upload(service, b"suspect"))
    recorder.away, recorder.refuses = False, "media"
    for _ in range(3):
        with pytest.raises(Unavailable):
            relay_outbox(service)
    assert [queue for _, queue, _ in recorder.sent] == ["interactive"]
    recorder.refuses = ""
    assert relay_outbox(service) == 1


def test_the_sweeper_sends_lost_messages_again(service: Service, owner: Caller, recorder: Recorder) -> None:
    recorder.away = True
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    assert recorder.sent == []
    with pytest.raises(Unavailable):
        relay_outbox(service)
    recorder.away = False
    assert relay_outbox(service) == 1
    recorder.sent.clear()
    assert sweep(service) == 0, "it waits its time"
    expire(service)
    assert sweep(service) == 1
    job = claimed(service, recorder)
    expire(service)
    assert sweep(service) == 1, "its worker went silent"
    claimed(service, recorder)
    expire(service)
    sweep(service)
    shown = show_entry(service, owner, UUID(made.entry_id))
    assert (shown.status, shown.error and shown.error.code) == ("failed", "worker_lost")
    assert claim_job(service, job.job_id) is None


def test_unsent_messages_are_not_sent_twice(service: Service, owner: Caller, recorder: Recorder) -> None:
    """A queue that takes nothing for a day would have a message more for each job and each minute. Told at
    last, it is as if the job had been asked for now."""
    recorder.away = True
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    expire(service)
    assert sweep(service) == 0
    recorder.away = False
    let_unsent_messages_age(service)
    assert relay_outbox(service) == 1
    assert sweep(service) == 0
    expire(service)
    assert sweep(service) == 1


def test_transient_failures_are_retried(service: Service, owner: Caller, recorder: Recorder) -> None:
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[upload(service, b"fake")])).entry_id)
    fail_job(service, claimed(service, recorder), BlobsUnavailable("The disk is full."))
    assert show_entry(service, owner, entry_id).status == "pending"
    expire(service)
    sweep(service)
    fail_job(service, claimed(service, recorder), BlobsUnavailable("The disk is full."))
    shown = show_entry(service, owner, entry_id)
    assert (shown.error and shown.error.code) == "blobs_unavailable"


def test_media_that_changed_on_disk_is_not_enrolled(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    with pytest.raises(BadMedia) as caught:
        enrol_fingerprint(service, claimed(service, recorder), drawn.clip("something else"))
    assert caught.value.code == "blob_corrupt"


def test_a_file_is_looked_up_and_let_go(service: Service, owner: Caller, recorder: Recorder) -> None:
    register_entry(service, owner, Registration(fakes=[drawn.clip("body", face="victim")]))
    media = upload(service, b"suspect")
    lookup_id = queue_lookup(service, owner, media)
    assert get_lookup(service, owner, lookup_id) is None
    assert recorder.sent[-1][:2] == ("fakeprint.answer_lookup", "interactive")
    answer_file(service, claimed(service, recorder), ReadFile(fingerprint_of(media, "body", "victim"), 120.0))
    answer = answer_of(service, owner, lookup_id)
    assert (answer["verdict"], answer["lookup_id"]) == ("known_fake", str(lookup_id))
    assert answer["timing_ms"]["fingerprint"] == 120.0
    assert not service.blobs.exists(media.blob.key)


def test_a_file_that_cannot_be_looked_up_has_a_reason_and_is_deleted(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"text")
    lookup_id = queue_lookup(service, owner, media)
    fail_job(service, claimed(service, recorder), NotMedia("Not a picture."))
    with pytest.raises(BadMedia) as caught:
        answer_of(service, owner, lookup_id)
    assert caught.value.code == "not_media"
    assert not service.blobs.exists(media.blob.key)


def test_media_of_a_finished_lookup_is_deleted_after_any_interruption(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    """Between the answer and the deletion a worker may be killed: the lookup names its media until then."""
    media = upload(service, b"asked")
    lookup_id = queue_lookup(service, owner, media)
    job = claimed(service, recorder)
    with service.pool.transaction() as connection:
        body: Any = {"verdict": "no_match"}
        lookups.answer(connection, lookup_id, body)
        jobs.finish(connection, job)
    assert service.blobs.exists(media.blob.key)
    waiting = upload(service, b"waits")
    queue_lookup(service, owner, waiting)
    sweep(service)
    assert not service.blobs.exists(media.blob.key)
    assert service.blobs.exists(waiting.blob.key)


def test_a_hash_only_deployment_keeps_no_media(
    service: Service, owner: Caller, recorder: Recorder, tmp_path: Path
) -> None:
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    media = upload(bare, b"fake")
    made = register_entry(bare, owner, Registration(fakes=[media]))
    manifest = Manifest(
        "valid", "reader 1", b"store with a thumbnail", "0" * 64, 22, pictures=True, signer="News"
    )
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(media, "body"), manifest)
    asset_id = UUID(made.assets[0].asset_id)
    with bare.pool.transaction() as connection:
        assert manifests.manifest_store(connection, asset_id) is None, "small pictures are media too"
        told = manifests.of_assets(connection, [asset_id])[asset_id]
    assert (told["signer"], told["store_bytes"], told["kept"]) == ("News", 22, False)
    read_whole(bare, recorder)
    assert not show_entry(bare, owner, UUID(made.entry_id)).assets[0].media_kept
    assert [path for path in (tmp_path / "blobs").rglob("*") if path.is_file()] == []


def test_the_media_of_a_document_is_recomputed_when_it_comes(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    fingerprint = fingerprint_of(media, "body", "victim")
    made = register_entry(service, owner, Registration(fakes=[fingerprint]))
    entry_id = UUID(made.entry_id)
    assert show_entry(service, owner, entry_id).unverified
    again = register_entry(service, owner, Registration(fakes=[media]))
    assert (again.entry_id, again.created) == (made.entry_id, False)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint)
    assert not show_entry(service, owner, entry_id).unverified


def test_a_hash_only_deployment_keeps_nothing_when_a_file_comes_again(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    media = upload(bare, b"fake")
    register_entry(bare, owner, Registration(fakes=[media]))
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(media, "body"))
    read_whole(bare, recorder)
    again = upload(bare, b"fake")
    register_entry(bare, owner, Registration(fakes=[again]))
    forget_blob(bare, again.blob.key)
    assert not bare.blobs.exists(again.blob.key)


def test_media_deleted_by_another_request_is_requested_again(service: Service, owner: Caller) -> None:
    media = upload(service, b"fake")
    forget_blob(service, media.blob.key)
    with pytest.raises(Unavailable) as caught:
        register_entry(service, owner, Registration(fakes=[media]))
    assert caught.value.code == "media_lost"


@dataclass
class Part:
    """A file of a form."""

    content: bytes
    filename: str = "a.mp4"

    def open(self) -> BinaryIO:
        return io.BytesIO(self.content)


def test_media_deleted_during_an_upload_is_stored_again(service: Service, owner: Caller) -> None:
    """Somebody else was done with the very file a moment ago. Where the request is refused it goes again."""

    def take(beside: Callable[[Connection, UUID], None] | None = None) -> str:
        there = upload(service, b"fake").blob.key
        with uploads(service, [Part(b"fake")]) as (media,):
            assert media.blob.key == there
            forget_blob(service, there)
            register_entry(service, owner, Registration(fakes=[media]), beside=beside)
        return there

    def refuse(_connection: Connection, _entry_id: UUID) -> None:
        raise BadInput("It is not taken after all.")

    with pytest.raises(BadInput):
        take(refuse)
    assert list(service.blobs.listed()) == []
    kept = take()
    assert list(service.blobs.listed()) == [kept]


def test_media_that_was_kept_again_and_that_nothing_needs_goes_with_the_request(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    bare = replace(service, settings=service.settings.model_copy(update={"keep_media": False}))
    media = upload(bare, b"fake")
    register_entry(bare, owner, Registration(fakes=[media]))
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(media, "body"))
    read_whole(bare, recorder)
    there = upload(bare, b"fake").blob.key
    with uploads(bare, [Part(b"fake")]) as (again,):
        forget_blob(bare, there)
        register_entry(bare, owner, Registration(fakes=[again]))
    assert list(bare.blobs.listed()) == []


def test_strangers_see_an_entry_only_while_it_answers(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    made = create_caller(service, owner, organization="Elsewhere", name="x", roles=["lookup"])
    stranger = authenticate(service, made.key)
    media = upload(service, b"fake", "María Pérez.mp4")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[media])).entry_id)
    with pytest.raises(NotFound):
        show_entry(service, stranger, entry_id)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "body"))
    seen = show_entry(service, stranger, entry_id)
    assert seen.assets[0].filename == ""
    assert "María" not in seen.title
