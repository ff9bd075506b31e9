"""Media that a deployment which keeps none lets go: gone at once, whoever is killed or away meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints import service as fingerprints
from registry.catalogue.media.service.retention import forget_blob, sweep_blobs
from registry.catalogue.media.store import retention
from registry.core.errors import NotMedia, Unavailable
from registry.core.errors.blobs import BlobsUnavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import fail_job
from registry.matching.lookups.service.records import queue_lookup
from tests.support.entries import lose_media
from tests.support.jobs import end_unread
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, fingerprint_of, read_whole, upload


@pytest.fixture
def bare(service: Service) -> Service:
    """One that keeps no media."""
    return replace(service, settings=service.settings.model_copy(update={"keep_media": False}))


def test_a_medium_goes_at_once_whose_worker_was_killed_as_it_let_it_go(
    bare: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    media, shared = upload(bare, b"fake"), upload(bare, b"shared")
    with monkeypatch.context() as killed:
        killed.setattr(fingerprints, "forget_blob", lambda *_: None)  # it came no further than the commit
        for item in (media, shared):
            register_entry(bare, owner, Registration(fakes=[item]))
            enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(item, "body"))
        read_whole(bare, recorder)
    queue_lookup(bare, owner, shared)
    assert bare.blobs.exists(media.blob.key)
    sweep_blobs(bare)
    assert not bare.blobs.exists(media.blob.key), "and not when nobody can need it any more"
    assert bare.blobs.exists(shared.blob.key), "a lookup needs it still"
    with bare.pool.transaction() as connection:
        assert connection.execute("SELECT FROM parting_blob").fetchall() == []
    fail_job(bare, claimed(bare, recorder), NotMedia("It is no video."))
    assert list(bare.blobs.listed()) == []


def test_a_medium_stays_until_it_was_read_whole(bare: Service, owner: Caller, recorder: Recorder) -> None:
    media = upload(bare, b"fake")
    entry_id = UUID(register_entry(bare, owner, Registration(fakes=[media])).entry_id)
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(media, "body"))
    entry = show_entry(bare, owner, entry_id)
    assert (entry.status, entry.assets[0].media_kept) == ("matchable", True)
    register_entry(bare, owner, Registration(fakes=[upload(bare, b"fake")]))
    sweep_blobs(bare)
    assert bare.blobs.exists(media.blob.key), "the job needs it, also when the file comes again"
    read_whole(bare, recorder)
    assert not show_entry(bare, owner, entry_id).assets[0].media_kept
    assert list(bare.blobs.listed()) == []


def test_a_medium_that_cannot_be_read_whole_is_swept(
    bare: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(bare, b"fake")
    entry_id = UUID(register_entry(bare, owner, Registration(fakes=[media])).entry_id)
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(media, "body"))
    end_unread(bare, "hash_whole_file")
    sweep_blobs(bare)
    assert show_entry(bare, owner, entry_id).status == "matchable"
    assert list(bare.blobs.listed()) == []


def test_a_note_written_during_a_read_is_kept(
    bare: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was found that an asset needs the medium, which let it go just then."""
    media = upload(bare, b"fake")
    register_entry(bare, owner, Registration(fakes=[media]))
    usual = retention.needed

    def overtaken(connection: Any, keys: Sequence[str]) -> set[str]:
        used = usual(connection, keys)
        lose_media(bare)
        return used

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(retention, "needed", overtaken)
        forget_blob(bare, media.blob.key)
    assert bare.blobs.exists(media.blob.key)
    sweep_blobs(bare)
    assert not bare.blobs.exists(media.blob.key)
    assert list(recorder.sent)


@pytest.mark.parametrize("noted", [True, False])
def test_media_that_cannot_be_deleted_are_in_no_others_way(
    bare: Service, owner: Caller, monkeypatch: pytest.MonkeyPatch, noted: bool
) -> None:
    """More of them than a sweep passes over; those with a note and those that no row ever named."""
    files = [upload(bare, f"file {number}".encode()) for number in range(20)]
    if noted:
        register_entry(bare, owner, Registration(fakes=files))
        lose_media(bare)
    usual, stuck = bare.blobs.delete, {file.blob.key for file in files[:8]}

    def delete(blob_key: str) -> None:
        if blob_key in stuck:
            raise BlobsUnavailable("It may not be deleted.")
        usual(blob_key)

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(bare.blobs, "delete", delete)
        for _ in range(200):  # by lot: some dozen sweeps
            with pytest.raises(Unavailable):
                sweep_blobs(bare, unchanged_for=900 if noted else 0)
            if set(bare.blobs.listed()) == stuck:
                break
    assert set(bare.blobs.listed()) == stuck
    sweep_blobs(bare, unchanged_for=900 if noted else 0)
    assert list(bare.blobs.listed()) == []


def test_a_sweep_that_lags_deletes_no_copy_that_came_meanwhile(bare: Service) -> None:
    media = upload(bare, b"fake")
    forget_blob(bare, media.blob.key, noted=True)
    assert bare.blobs.exists(media.blob.key), "whoever let it go has seen to it"


def test_a_medium_that_its_store_kept_goes_when_that_is_back(
    bare: Service, owner: Caller, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, broken = upload(bare, b"read"), upload(bare, b"broken")
    register_entry(bare, owner, Registration(fakes=[read]))
    enrol_fingerprint(bare, claimed(bare, recorder), fingerprint_of(read, "body"))
    register_entry(bare, owner, Registration(fakes=[broken]))
    fail_job(bare, claimed(bare, recorder), NotMedia("It is no video."))

    def away(_: str) -> None:
        raise BlobsUnavailable("The store is away.")

    with monkeypatch.context() as gone:
        gone.setattr(bare.blobs, "delete", away)
        with pytest.raises(Unavailable):
            read_whole(bare, recorder)
        with pytest.raises(Unavailable):
            sweep_blobs(bare)
    assert {read.blob.key, broken.blob.key} == set(bare.blobs.listed())
    sweep_blobs(bare)
    assert list(bare.blobs.listed()) == []
