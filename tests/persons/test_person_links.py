"""Entries that show the same enrolled person are linked, for those who may know."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from registry.catalogue.entries.service.entries import EntryFilter, list_entries
from registry.catalogue.entries.service.registration import Registration, enrol_fingerprint, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.lineage.service import get_related
from registry.persons import store as persons
from registry.persons.search.service import link_persons
from tests.support import persons as protected
from tests.support import steps
from tests.support.media import drawn
from tests.support.persons import let_searches_age
from tests.support.service.fixtures import Recorder


def register(service: Service, recorder: Recorder, caller: Caller, clip: Fingerprint) -> UUID:
    """An entry whose file a worker has read."""
    media = steps.upload(service, clip.media.sha256.encode())
    made = register_entry(service, caller, Registration(fakes=[media]))
    enrol_fingerprint(service, steps.claimed(service, recorder), steps.renamed(clip, media.blob.sha256))
    return UUID(made.entry_id)


def relatives(
    service: Service, caller: Caller, entry_id: UUID, *, faces: bool = True
) -> list[tuple[UUID, list[str]]]:
    """The entries with the same person, to a caller who may search faces, or not."""
    asking = replace(caller, roles=caller.roles - {"faces"} | ({"faces"} if faces else set()))
    found = get_related(service, asking, entry_id)
    assert found.count == len(found.related)
    return [(UUID(item.entry_id), item.persons) for item in found.related if item.kind == "same_person"]


def searches(service: Service) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute("SELECT * FROM face_search ORDER BY face_search_id").fetchall()


@pytest.fixture
def entries(service: Service, recorder: Recorder, owner: Caller) -> tuple[UUID, UUID, UUID]:
    """Two entries that show Ada, one that shows Bob."""
    clips = [drawn.clip("street", face="ada"), drawn.clip("stage", face="ada"), drawn.clip("car", face="bob")]
    one, two, three = (register(service, recorder, owner, clip) for clip in clips)
    return one, two, three


def test_entries_with_the_same_person_are_linked(
    service: Service, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    one, two, three = entries
    assert link_persons(service, settled=0) == 0, "nobody is enrolled"
    ada = protected.enrol(service, owner, "ada")
    assert link_persons(service, settled=0) == 3
    assert link_persons(service, settled=0) == 0
    assert relatives(service, owner, one) == [(two, [str(ada)])]
    assert relatives(service, owner, two) == [(one, [str(ada)])]
    assert relatives(service, owner, three) == []
    assert relatives(service, owner, one, faces=False) == []
    searching = replace(owner, roles=owner.roles | {"faces"})
    listed = list_entries(service, searching, EntryFilter(person=str(ada))).entries
    assert {UUID(entry.entry_id) for entry in listed} == {one, two}
    with pytest.raises(Forbidden):
        list_entries(service, replace(owner, roles=owner.roles - {"faces"}), EntryFilter(person=str(ada)))
    stranger = replace(steps.join(service, owner, "Another desk"), roles=searching.roles)
    assert list_entries(service, stranger, EntryFilter(person=str(ada))).entries == []
    assert [(row["caller_id"], row["lookup_id"], row["matched"]) for row in searches(service)] == [
        (None, None, [ada]),
        (None, None, [ada]),
        (None, None, []),
    ]


def test_a_medium_or_a_person_that_comes_later_is_searched(
    service: Service, recorder: Recorder, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    protected.enrol(service, owner, "ada")
    link_persons(service, settled=0)
    late = register(service, recorder, owner, drawn.clip("late", face="bob"))
    assert link_persons(service, settled=0) == 1
    bob = protected.enrol(service, owner, "bob")
    assert link_persons(service, settled=3600) == 0, "what came just now may still be on its way"
    assert link_persons(service, settled=0) == 4
    assert relatives(service, owner, late) == [(entries[2], [str(bob)])]


def test_links_of_persons_are_private(
    service: Service, recorder: Recorder, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    stranger = steps.join(service, owner, "Another desk")
    theirs = register(service, recorder, stranger, drawn.clip("theirs", face="ada"))
    ada = protected.enrol(service, owner, "ada")
    assert link_persons(service, settled=0) == 3, "others' media are not searched"
    assert relatives(service, owner, theirs) == []
    assert relatives(service, stranger, entries[0]) == []
    assert relatives(service, owner, entries[0]) == [(entries[1], [str(ada)])]


def test_a_consent_for_lookups_alone_is_none_for_entries(
    service: Service, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    protected.enrol(service, owner, "ada", scope=["lookups"])
    assert link_persons(service, settled=0) == 0
    assert searches(service) == []


def test_faces_of_documents_are_not_searched(service: Service, owner: Caller) -> None:
    register_entry(service, owner, Registration(fakes=[drawn.clip("street", face="ada")]))
    protected.enrol(service, owner, "ada")
    assert link_persons(service, settled=0) == 0


def test_a_link_goes_with_the_consent(
    service: Service, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    ada = protected.enrol(service, owner, "ada", expires=timedelta(days=1))
    link_persons(service, settled=0)
    assert relatives(service, owner, entries[0])
    with service.pool.transaction() as connection:
        persons.end(connection, ada, "revoked")
    assert relatives(service, owner, entries[0]) == []


def test_skipped_persons_are_searched_again(
    service: Service, owner: Caller, entries: tuple[UUID, UUID, UUID]
) -> None:
    protected.enrol(service, owner, "ada")
    folder = service.keys.folder
    away = folder.rename(folder.with_name("away"))
    assert link_persons(service, settled=0) == 3
    assert [row["skipped"] for row in searches(service)] == [1, 1, 1]
    away.rename(folder)
    assert link_persons(service, settled=0) == 0, "not at once again: somebody's key may be gone for good"
    let_searches_age(service)
    assert link_persons(service, settled=0) == 3
    assert link_persons(service, settled=0) == 0
    assert relatives(service, owner, entries[0])
