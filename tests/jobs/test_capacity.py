"""How much may be given, and what becomes of work that nobody finishes."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any
from uuid import UUID

import numpy as np
import pytest

from registry.app.service.sweep import sweep
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.catalogue.media.model import Media
from registry.core.database.pool import Pool
from registry.core.errors import (
    BadDocument,
    BadInput,
    BadMedia,
    Conflict,
    FakeprintError,
    LowInformation,
    Unavailable,
)
from registry.core.errors.blobs import BlobsUnavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job, fail_job, renew_lease, settle_job
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from registry.matching.lookups.service.records import queue_lookup
from tests.support.jobs import set_attempts
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, expire, fingerprint_of, renamed, upload


def long_clip(count: int, sha256: str, *, vectors: bool, step: float = 0.5) -> Fingerprint:
    """Random frames, `step` seconds apart."""
    numbers = np.random.default_rng(count)
    frames = tuple(
        Frame(
            index * step,
            step,
            "full",
            100,
            phash256=numbers.bytes(32),
            sscd=drawn.packed(drawn.unit(numbers, 512)) if vectors else None,
        )
        for index in range(count)
    )
    algorithms = ("phash256.1", "sscd.1") if vectors else ("phash256.1",)
    return Fingerprint(Media(sha256, "video", count * step, 640, 360, 1000), algorithms, frames)


@pytest.fixture
def hasty(service: Service) -> Any:
    """The service, with 200 ms for a statement."""
    pool = Pool(service.settings.database_url or "", size=4, statement_timeout_ms=200)
    pool.open()
    yield replace(service, pool=pool)
    pool.close()


@pytest.mark.slow
def test_long_media_may_take_longer_than_a_question(
    service: Service, hasty: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"long")
    made = register_entry(service, owner, Registration(fakes=[media]))
    job = claimed(service, recorder)
    enrol_fingerprint(hasty, job, long_clip(400, media.blob.sha256, vectors=True))
    assert show_entry(service, owner, UUID(made.entry_id)).status == "matchable"
    entry = register_entry(hasty, owner, Registration(fakes=[long_clip(401, "a" * 64, vectors=True)]))
    assert entry.status == "matchable"


@pytest.mark.slow
def test_the_lease_can_be_renewed_while_fingerprints_are_written(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"long")
    register_entry(service, owner, Registration(fakes=[media]))
    job = claimed(service, recorder)
    long = long_clip(600, media.blob.sha256, vectors=True)
    thread = threading.Thread(target=enrol_fingerprint, args=(service, job, long))
    renewed = 0
    thread.start()
    while thread.is_alive():
        try:
            renew_lease(service, job, 0.9)
        except Conflict:
            break
        renewed += 1
    thread.join()
    assert renewed > 5, "each would have waited for the end"


def test_a_document_that_came_while_media_were_read_is_replaced(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    made = register_entry(service, owner, Registration(fakes=[media]))
    found = fingerprint_of(media, "body", "v")
    shorter = replace(found, frames=found.frames[:5])
    register_entry(service, owner, Registration(fakes=[shorter]))
    enrol_fingerprint(service, claimed(service, recorder), found)
    (asset,) = show_entry(service, owner, UUID(made.entry_id)).assets
    assert asset.frames == len(found.frames)


@pytest.mark.slow
def test_registering_again_while_workers_enrol_never_ends_in_a_deadlock(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    met: list[str] = []

    def safely(work: Any, *arguments: Any, **named: Any) -> None:
        try:
            work(*arguments, **named)
        except FakeprintError as error:
            met.append(error.code)

    for number in range(10):
        media = [upload(service, b"%d %d" % (number, index)) for index in range(2)]
        register_entry(service, owner, Registration(fakes=media))
        register_entry(
            service, owner, Registration(fakes=media[:1], originals=[upload(service, b"o %d" % number)])
        )
        work = [(claimed(service, recorder), media[0]), (claimed(service, recorder), media[1])]
        recorder.sent.clear()
        threads = [
            threading.Thread(target=safely, args=(enrol_fingerprint, service, job, fingerprint_of(one, "s")))
            for job, one in work
        ]
        threads += [
            threading.Thread(target=safely, args=(register_entry, service, owner, Registration(fakes=value)))
            for value in (media, media[::-1], media[:1])
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    assert met == []


@pytest.mark.slow
def test_a_deadlock_is_reported_as_such(service: Service, owner: Caller) -> None:
    barrier = threading.Barrier(2)
    codes: list[str] = []

    def lock(first: int, second: int) -> None:
        try:
            with service.pool.transaction() as connection:
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (first,))
                barrier.wait(10)
                connection.execute("SELECT pg_advisory_xact_lock(%s)", (second,))
        except Unavailable as error:
            codes.append(error.code)

    threads = [threading.Thread(target=lock, args=order) for order in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert codes == ["database_busy"]


def test_a_document_holds_no_more_frames_than_its_duration_can(service: Service, owner: Caller) -> None:
    dense = replace(long_clip(200, "b" * 64, vectors=False, step=0.05))
    with pytest.raises(BadDocument) as caught:
        register_entry(service, owner, Registration(fakes=[dense]))
    assert caught.value.code == "document_too_large"
    assert answer_document(service, owner, dense)["verdict"] == "no_match", "as a question it may"


@pytest.mark.slow
def test_of_a_long_asset_evenly_spaced_frames_are_brought(service: Service, owner: Caller) -> None:
    long = long_clip(9_000, "c" * 64, vectors=False)
    register_entry(service, owner, Registration(fakes=[long]))
    probe = Probe([frame.phash256 for frame in long.frames[:3] if frame.phash256], [], [], None)
    with service.pool.transaction() as connection:
        (found,) = candidates.propose(connection, probe, organization_id=owner.organization_id, bank_id=None)
    assert len(found.frames) == candidates.FRAMES
    gaps = np.diff(found.frames.times)
    assert set(gaps) == {1.0, 1.5}
    assert found.frames.sscd.shape == (candidates.FRAMES, 512)
    assert found.frames.sscd.strides == (0, 0), "no memory for vectors that are not there"


@pytest.mark.parametrize("change", [{"view": "mirror"}, {"quality": 49}])
def test_incomparable_media_cannot_be_registered(
    service: Service, owner: Caller, recorder: Recorder, change: dict[str, Any]
) -> None:
    clip = drawn.clip("body", face="v")
    poor = replace(clip, frames=tuple(replace(frame, **change) for frame in clip.frames))
    with pytest.raises(LowInformation) as caught:
        register_entry(service, owner, Registration(fakes=[poor]))
    assert caught.value.code == "low_information"
    media = upload(service, b"blank")
    made = register_entry(service, owner, Registration(fakes=[media]))
    with pytest.raises(BadMedia) as refused:
        enrol_fingerprint(service, claimed(service, recorder), renamed(poor, media.blob.sha256))
    assert refused.value.code == "low_information"
    shown = show_entry(service, owner, UUID(made.entry_id))
    assert (shown.status, shown.assets[0].status) == ("pending", "pending")


@pytest.mark.parametrize(
    "reference",
    [
        "https://example.org",
        {"url": "http://["},
        {"url": "https://"},
        {"url": "ftp://example.org"},
        {"url": "https://example.org/" + "x" * 2000},
        {"url": "https://example.org", "pad": "y"},
        {"url": "https://example.org", "title": "y" * 501},
        {"url": "https://example.org", "rating": 1},
        {"url": "https://example.org", "title": "a\x00b"},
    ],
)
def test_a_reference_is_short_and_plain(service: Service, owner: Caller, reference: Any) -> None:
    with pytest.raises(BadInput) as caught:
        register_entry(service, owner, Registration(fakes=[drawn.clip("body")], references=[reference]))
    assert caught.value.code == "bad_reference"


def test_references_are_few(service: Service, owner: Caller) -> None:
    kept = {"url": "https://example.org/f", "title": "Falso", "rating": "False", "date": "2026-01-31"}
    with pytest.raises(BadInput):
        register_entry(service, owner, Registration(fakes=[drawn.clip("body")], references=[kept] * 21))
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("body")], references=[kept] * 20))
    assert show_entry(service, owner, UUID(made.entry_id)).references == [kept] * 20


def test_media_of_a_lookup_that_kills_workers_is_deleted_with_its_dead_letter(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"poison")
    queue_lookup(service, owner, media)
    job_id = recorder.sent[0][2]
    for _ in range(2):
        assert claim_job(service, job_id)
        expire(service)
    sweep(service)
    assert service.blobs.exists(media.blob.key), "once the bug is mended it may be retried"
    settle_job(service, owner, job_id, "discarded")
    sweep(service)
    assert not service.blobs.exists(media.blob.key)


def test_a_job_that_waits_with_its_tries_spent_is_given_up(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    made = register_entry(service, owner, Registration(fakes=[upload(service, b"fake")]))
    fail_job(service, claimed(service, recorder), BlobsUnavailable("The disk is full."))
    stricter = replace(service, settings=service.settings.model_copy(update={"max_attempts": 1}))
    set_attempts(service, 1)  # being deferred costs no try
    expire(service)
    assert sweep(stricter) == 0
    error = show_entry(service, owner, UUID(made.entry_id)).error
    assert error is not None
    assert error.code == "blobs_unavailable"


def test_a_digest_alone_spans_the_whole_asset(service: Service, owner: Caller) -> None:
    clip = drawn.clip("body", face="v")
    register_entry(service, owner, Registration(fakes=[clip]))
    (match,) = answer_sha256(service, owner, clip.media.sha256)["matches"]
    assert match["spans"][0]["query"] == match["spans"][0]["asset"] == [0.0, 8.0]
    assert match["coverage"] == {"query": 1.0, "asset": 1.0}
