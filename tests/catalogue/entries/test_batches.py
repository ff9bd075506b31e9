"""What came in one call opens in one commit; what could not be read shows, and is tried again."""

from __future__ import annotations

from uuid import UUID

import pytest

from registry.catalogue.entries.service.entries import list_entries, show_entry
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import (
    Registration,
    enrol_fingerprint,
    register_entry,
    retry_entry,
)
from registry.core.errors import Conflict, NotMedia
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import fail_job
from registry.matching.lookups.service.answers import answer_document, answer_sha256
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import FOLLOWING, claimed, fingerprint_of, join, renamed, upload

UNREADABLE = NotMedia("/home/jo/victim.mp4 is not media.")


def entry_of(service: Service, owner: Caller, seed: str) -> UUID:
    return UUID(register_entry(service, owner, Registration(fakes=[drawn.clip(seed, face="v")])).entry_id)


def test_media_added_later_does_not_answer_before_it_is_fingerprinted(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    entry_id = entry_of(service, owner, "body")
    late = upload(service, b"late")
    add_asset(service, owner, entry_id, late, "fake")
    assert answer_sha256(service, owner, late.blob.sha256)["verdict"] == "no_match"
    query = renamed(drawn.clip("body", face="v", noise=0.1), late.blob.sha256)
    assert answer_document(service, owner, query)["verdict"] == "known_fake"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(late, "later", "v"))
    assert answer_sha256(service, owner, late.blob.sha256)["verdict"] == "known_fake"


def test_media_of_one_call_open_together_though_the_entry_is_there(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    second = upload(service, b"second")
    made = register_entry(service, owner, Registration(fakes=[drawn.clip("first", face="v"), second]))
    entry_id = UUID(made.entry_id)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(second, "second", "v"))
    third, original = upload(service, b"third"), upload(service, b"original")
    add_asset(service, owner, entry_id, third, "fake")
    # The third waits already; given again with its original, the two wait for each other.
    again = register_entry(service, owner, Registration(fakes=[third], originals=[original]))
    assert (again.entry_id, again.created) == (made.entry_id, False)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(third, "third", "v"))
    assert answer_sha256(service, owner, third.blob.sha256)["verdict"] == "no_match"
    fail_job(service, claimed(service, recorder), UNREADABLE)
    shown = show_entry(service, owner, entry_id)
    assert (shown.status, shown.error) == ("matchable", None)
    assert sum(asset.matchable_at is None for asset in shown.assets) == 2
    retry_entry(service, owner, entry_id)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(original, "third", "a"))
    opened = {asset.sha256: asset.matchable_at for asset in show_entry(service, owner, entry_id).assets}
    assert opened[third.blob.sha256] == opened[original.blob.sha256] is not None


def test_an_original_alone_does_not_open_an_entry(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    fake = upload(service, b"fake")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[fake])).entry_id)
    original = drawn.clip("body", face="a", file="o")
    add_asset(service, owner, entry_id, original, "original")
    assert show_entry(service, owner, entry_id).status == "pending"
    assert answer_document(service, owner, original)["verdict"] == "no_match"
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(fake, "body", "v"))
    assert answer_document(service, owner, original)["verdict"] == "authentic_original"


def test_an_entry_is_unverified_while_a_medium_is_known_by_document_only(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[media])).entry_id)
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "body", "v"))
    assert not show_entry(service, owner, entry_id).unverified
    add_asset(service, owner, entry_id, drawn.clip("told", face="v"), "fake")
    assert show_entry(service, owner, entry_id).unverified
    assert list_entries(service, owner).entries[0].unverified


def test_a_document_does_not_stand_in_for_media_that_cannot_be_read(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"not media")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[media])).entry_id)
    register_entry(service, owner, Registration(fakes=[fingerprint_of(media, "invented", "v")]))
    fail_job(service, claimed(service, recorder), UNREADABLE)
    shown = show_entry(service, owner, entry_id)
    assert (shown.status, shown.unverified) == ("matchable", True)
    (asset,) = shown.assets
    assert (asset.status, asset.error and asset.error.code) == ("fingerprinted", "not_media")
    retry_entry(service, owner, entry_id)
    assert show_entry(service, owner, entry_id).assets[0].error is None
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(media, "invented", "v"))
    assert not show_entry(service, owner, entry_id).unverified


def test_recomputing_leaves_nothing_of_the_document(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    media = upload(service, b"fake")
    fingerprint = fingerprint_of(media, "body", "v")
    with_hash = type(fingerprint)(
        fingerprint.media,
        (*fingerprint.algorithms, "videohash.1"),
        fingerprint.frames[:4],
        fingerprint.faces,
        videohash=b"12345678",
    )
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[with_hash])).entry_id)
    register_entry(service, owner, Registration(fakes=[media]))
    enrol_fingerprint(service, claimed(service, recorder), fingerprint)
    shown = show_entry(service, owner, entry_id)
    assert not shown.unverified
    assert shown.assets[0].algorithms == sorted(fingerprint.algorithms)
    assert shown.assets[0].frames == len(fingerprint.frames)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM file_fingerprint").fetchall() == []
    register_entry(service, owner, Registration(fakes=[media]))
    assert {task for task, _, _ in recorder.sent} == FOLLOWING, "nobody waits for anything"


def test_an_entry_takes_only_fakes_that_it_holds_all(service: Service, owner: Caller) -> None:
    one, two = drawn.clip("one", face="v"), drawn.clip("two", face="w")
    first = register_entry(service, owner, Registration(fakes=[one, two], title="first"))
    second = register_entry(
        service, owner, Registration(fakes=[one, drawn.clip("three", face="x")], title="second")
    )
    assert second.created
    assert [found.entry_id for found in second.duplicates] == [first.entry_id]
    assert len(show_entry(service, owner, UUID(first.entry_id)).assets) == 2
    again = register_entry(service, owner, Registration(fakes=[two, one, two]))
    assert (again.entry_id, again.created) == (first.entry_id, False)


def test_a_file_has_one_role_in_an_entry(service: Service, owner: Caller) -> None:
    fake, original = drawn.clip("body", face="v"), drawn.clip("body", face="a", file="o")
    entry_id = UUID(register_entry(service, owner, Registration(fakes=[fake], originals=[original])).entry_id)
    for clip, role in ((fake, "original"), (original, "fake")):
        with pytest.raises(Conflict) as caught:
            add_asset(service, owner, entry_id, clip, "original" if role == "original" else "fake")
        assert caught.value.code == "role_conflict"
    assert add_asset(service, owner, entry_id, fake, "fake").created is False


def test_other_organizations_see_only_matchable_media(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    stranger = join(service, owner, "Elsewhere")
    media = upload(service, b"told first")
    entry_id = UUID(
        register_entry(service, owner, Registration(fakes=[fingerprint_of(media, "body", "v")])).entry_id
    )
    register_entry(service, owner, Registration(fakes=[media]))
    fail_job(service, claimed(service, recorder), UNREADABLE)
    add_asset(service, owner, entry_id, upload(service, b"secret"), "fake")
    assert len(show_entry(service, owner, entry_id).assets) == 2
    (seen,) = show_entry(service, stranger, entry_id).assets
    assert (seen.sha256, seen.error, seen.progress) == (None, None, 1.0)


def test_retrying_a_shared_original_reopens_every_entry_that_waits_for_it(
    service: Service, owner: Caller, recorder: Recorder
) -> None:
    shared = upload(service, b"shared")
    fakes = [upload(service, b"fake %d" % index) for index in range(2)]
    ids = [
        UUID(register_entry(service, owner, Registration(fakes=[fake], originals=[shared])).entry_id)
        for fake in fakes
    ]
    digests = {item.blob.key: item for item in (*fakes, shared)}
    for _ in range(3):
        job = claimed(service, recorder)
        media = digests[job.blob_key or ""]
        if media is shared:
            fail_job(service, job, UNREADABLE)
        else:
            enrol_fingerprint(service, job, fingerprint_of(media, media.blob.sha256, "v"))
    assert [show_entry(service, owner, id_).status for id_ in ids] == ["failed", "failed"]
    retry_entry(service, owner, ids[0])
    assert [show_entry(service, owner, id_).status for id_ in ids] == ["pending", "pending"]
    enrol_fingerprint(service, claimed(service, recorder), fingerprint_of(shared, "shared", "a"))
    assert [show_entry(service, owner, id_).status for id_ in ids] == ["matchable", "matchable"]
