"""Enrolled persons are looked for in files of callers who may, and nowhere else; each search is on record."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg
import pytest

from registry.catalogue.entries.model.entry import KEYFRAMES
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.keyframe_answers import Unsettled
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.records import queue_lookup
from registry.persons import store as persons
from tests.support import persons as protected
from tests.support import steps
from tests.support.identity import set_roles
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.persons import damage_vectors, end_consent, narrow_consent
from tests.support.service.fixtures import Recorder
from tests.support.service.rows import forge

CLIP = drawn.clip("street", face="ada", noise=0.1)
_numbers = itertools.count()


@pytest.fixture
def desk(owner: Caller) -> Caller:
    """A caller who may search faces."""
    return replace(owner, roles=owner.roles | {"faces"})


@pytest.fixture
def blind(owner: Caller) -> Caller:
    """A caller of the same organization who may not."""
    return replace(owner, roles=owner.roles - {"faces"})


def grant(service: Service, caller: Caller) -> None:
    """Let the stored caller have the roles of this one: the worker reads them there."""
    set_roles(service, caller.caller_id, caller.roles)


def searched_lookup(service: Service, recorder: Recorder, caller: Caller, clip: Fingerprint) -> UUID:
    """A file that a worker found to say `clip`; the lookup's id."""
    grant(service, caller)
    media = steps.upload(service, f"file {next(_numbers)}".encode())
    lookup_id = queue_lookup(service, caller, media)
    job = steps.claimed(service, recorder)
    answer_file(service, job, ReadFile(steps.renamed(clip, media.blob.sha256), 1.0))
    return lookup_id


def rows(service: Service, query: str) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute(query.encode()).fetchall()


def test_an_enrolled_person_is_found_for_review(service: Service, recorder: Recorder, desk: Caller) -> None:
    ada = protected.enrol(service, desk, "ada")
    protected.enrol(service, desk, "bob")
    lookup_id = searched_lookup(service, recorder, desk, CLIP)
    answer = answer_of(service, desk, lookup_id)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["same_person"])
    (match,) = answer["matches"]
    assert (match["relation"], match["verdict"], match["person_id"]) == ("same_person", "related", str(ada))
    assert match["spans"][0]["query"] == [0.0, 7.5]
    assert match["signals"]["faces"] == {"compared": 16, "same": True}
    assert "Ada" not in str(answer), "an answer names nobody"

    (searched,) = rows(service, "SELECT * FROM face_search")
    assert searched["lookup_id"] == lookup_id
    assert (searched["caller_id"], searched["organization_id"]) == (desk.caller_id, desk.organization_id)
    assert (searched["tracks"], searched["persons"], searched["skipped"]) == (1, 2, 0)
    assert searched["matched"] == [ada]


def test_a_stranger_is_not_found_and_the_search_is_on_record_all_the_same(
    service: Service, recorder: Recorder, desk: Caller
) -> None:
    protected.enrol(service, desk, "ada")
    for clip in (drawn.clip("street", face="carol"), drawn.clip("street")):
        assert (
            answer_of(service, desk, searched_lookup(service, recorder, desk, clip))["verdict"] == "no_match"
        )
    done = rows(service, "SELECT tracks, persons, matched FROM face_search ORDER BY face_search_id")
    assert done == [{"tracks": 1, "persons": 1, "matched": []}, {"tracks": 0, "persons": 0, "matched": []}]


def test_face_search_needs_the_scope(
    service: Service, recorder: Recorder, desk: Caller, blind: Caller
) -> None:
    protected.enrol(service, desk, "ada")
    unsearched = searched_lookup(service, recorder, blind, CLIP)
    assert rows(service, "SELECT * FROM face_search") == []
    assert answer_of(service, desk, unsearched)["verdict"] == "no_match"
    searched = searched_lookup(service, recorder, desk, CLIP)
    assert answer_of(service, desk, searched)["verdict"] == "related"
    assert answer_of(service, blind, searched)["matches"] == []
    assert answer_of(service, blind, searched)["verdict"] == "no_match"


def test_persons_of_other_organizations_are_not_found(
    service: Service, recorder: Recorder, desk: Caller
) -> None:
    stranger = steps.join(service, desk, "Another desk")
    protected.enrol(service, stranger, "ada")
    assert answer_of(service, desk, searched_lookup(service, recorder, desk, CLIP))["verdict"] == "no_match"
    assert rows(service, "SELECT * FROM face_search") == [], "there was nobody to compare with"
    theirs = replace(stranger, roles=stranger.roles | {"faces"})
    assert (
        answer_of(service, theirs, searched_lookup(service, recorder, theirs, CLIP))["verdict"] == "related"
    )


def test_a_document_is_never_searched_for_faces(service: Service, desk: Caller, blind: Caller) -> None:
    """Faces in a fingerprint document serve for nothing but comparing aligned footage."""
    protected.enrol(service, desk, "ada")
    assert CLIP.faces
    answer = answer_document(service, desk, CLIP)
    assert (answer["verdict"], answer["matches"]) == ("no_match", [])
    assert answer["notes"] == ["faces_not_searched"], "and whoever might expect it is told"
    assert answer_document(service, blind, CLIP)["notes"] == []
    assert answer_of(service, desk, UUID(answer["lookup_id"]))["verdict"] == "no_match"
    assert rows(service, "SELECT * FROM face_search") == []
    register_entry(service, desk, Registration(fakes=[drawn.clip("street", face="ada")]))
    assert answer_document(service, desk, CLIP)["verdict"] == "known_fake", "aligned faces are compared"
    assert rows(service, "SELECT * FROM face_search") == []


def test_a_still_is_searched_too(service: Service, recorder: Recorder, desk: Caller) -> None:
    protected.enrol(service, desk, "ada")
    still = drawn.clip("street", face="ada", seconds=0.5)
    answer = answer_of(service, desk, searched_lookup(service, recorder, desk, still))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["same_person"])
    assert answer["matches"][0]["spans"][0]["query"] == [0.0, 0.0]
    assert answer["matches"][0]["coverage"]["query"] == 1.0


def test_a_known_fake_also_lists_the_person(service: Service, recorder: Recorder, desk: Caller) -> None:
    register_entry(service, desk, Registration(fakes=[drawn.clip("street", face="ada")]))
    protected.enrol(service, desk, "ada")
    answer = answer_of(service, desk, searched_lookup(service, recorder, desk, CLIP))
    assert (answer["verdict"], answer["reasons"]) == ("known_fake", [])
    assert [match["relation"] for match in answer["matches"]] == ["copy", "same_person"]
    (kept,) = rows(service, "SELECT verdict, answer FROM lookup")
    assert "same_person" not in str(kept["answer"]), "what is kept of the answer names no person"


@pytest.mark.parametrize("state", ["revoked", "expired", "refused by key", "scope"])
def test_ended_persons_leave_searches_and_old_answers_at_once(
    service: Service, recorder: Recorder, desk: Caller, state: str
) -> None:
    ada = protected.enrol(service, desk, "ada")
    before = searched_lookup(service, recorder, desk, CLIP)
    assert answer_of(service, desk, before)["verdict"] == "related"
    if state == "revoked":
        with service.pool.transaction() as connection:
            persons.end(connection, ada, "revoked")
    elif state == "expired":
        end_consent(service)
    elif state == "scope":
        narrow_consent(service, ["entries"])
    else:
        service.keys.destroy(ada)
    assert answer_of(service, desk, before)["matches"] == []
    assert answer_of(service, desk, before)["verdict"] == "no_match"
    after = answer_of(service, desk, searched_lookup(service, recorder, desk, CLIP))
    assert (after["verdict"], after["matches"]) == ("no_match", [])
    skipped = [row["skipped"] for row in rows(service, "SELECT skipped FROM face_search")]
    assert skipped == ([0, 1] if state == "refused by key" else [0])


def test_one_undecryptable_person_hides_no_other(service: Service, recorder: Recorder, desk: Caller) -> None:
    protected.enrol(service, desk, "bob")
    damage_vectors(service)
    protected.enrol(service, desk, "ada")
    answer = answer_of(service, desk, searched_lookup(service, recorder, desk, CLIP))
    assert answer["verdict"] == "related"
    assert answer["notes"] == ["persons_skipped"], "a silence that may be a key's is told"
    (done,) = rows(service, "SELECT persons, skipped FROM face_search")
    assert done == {"persons": 1, "skipped": 1}


def test_keyframes_settle_nothing_before_faces_were_searched(
    service: Service, recorder: Recorder, desk: Caller, blind: Caller
) -> None:
    """A lookup's answer is no other for being fast."""
    fake = drawn.clip("street", face="ada")
    register_entry(service, desk, Registration(fakes=[fake]))
    sparse = replace(fake, notes=(KEYFRAMES,), frames=(), faces=())
    ada = protected.enrol(service, desk, "ada")
    for caller, wanted in ((blind, "digest"), (desk, "full")):
        grant(service, caller)
        media = steps.upload(service, f"file {next(_numbers)}".encode())
        lookup_id = queue_lookup(service, caller, media)
        job = steps.claimed(service, recorder)
        if wanted == "digest":
            answer_file(service, job, ReadFile(sparse, 1.0))
            assert answer_of(service, caller, lookup_id)["sampling"] == "digest"
            continue
        assert answer_file(service, job, ReadFile(sparse, 1.0)) == Unsettled("full")
        answer_file(service, job, ReadFile(fake, 1.0))
        answer = answer_of(service, caller, lookup_id)
        assert (answer["verdict"], answer["sampling"]) == ("known_fake", "full")
        assert answer["matches"][-1]["person_id"] == str(ada)


def test_media_under_quarantine_are_not_searched(service: Service, recorder: Recorder, desk: Caller) -> None:
    protected.enrol(service, desk, "ada")
    suspected = replace(CLIP, notes=("quarantined",))
    assert (
        answer_of(service, desk, searched_lookup(service, recorder, desk, suspected))["verdict"] == "no_match"
    )
    assert rows(service, "SELECT * FROM face_search") == []


def test_the_record_cannot_be_changed(service: Service, recorder: Recorder, desk: Caller) -> None:
    protected.enrol(service, desk, "ada")
    searched_lookup(service, recorder, desk, CLIP)
    for forged in (
        "UPDATE face_search SET matched = '{}'",
        "DELETE FROM face_search",
        "TRUNCATE face_search",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation):
            forge(service, forged)
