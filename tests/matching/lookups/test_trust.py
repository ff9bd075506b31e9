"""What strangers can do to the answers of others: nothing that hides a reviewed fake or borrows its trust."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import BadInput, Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Options
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.files import ReadFile, answer_file
from registry.matching.lookups.service.hashes import answer_hash
from registry.matching.lookups.service.records import queue_lookup
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.service.fixtures import Recorder
from tests.support.steps import claimed, fingerprint_of, join, renamed, review, upload

FAKE = drawn.clip("body", face="victim")
COPY = drawn.clip("body", face="victim", noise=0.15, file="copy")


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Strangers")


@pytest.fixture
def third(service: Service, owner: Caller) -> Caller:
    """Another organization, that only asks."""
    return join(service, owner, "Askers")


def put(service: Service, caller: Caller, *fakes: Fingerprint, bank: str | None = None) -> str:
    return str(register_entry(service, caller, Registration(fakes=fakes, bank=bank)).entry_id)


def test_media_added_after_a_review_are_not_covered_by_it(
    service: Service, owner: Caller, third: Caller
) -> None:
    entry_id = put(service, owner, FAKE)
    review(service, entry_id)
    news = drawn.clip("genuine news", face="minister")
    add_asset(service, owner, UUID(entry_id), news, "fake")
    answer = answer_document(service, third, drawn.clip("genuine news", face="minister", noise=0.1))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["unreviewed"])
    assert answer["matches"][0]["tier"] == "unreviewed"
    assert answer_document(service, third, COPY)["verdict"] == "known_fake"
    add_asset(service, owner, UUID(entry_id), COPY, "original")
    washed = answer_document(service, third, renamed(COPY, "f" * 64))
    assert washed["verdict"] != "authentic_original"


@pytest.mark.slow
def test_copies_that_a_stranger_registers_do_not_hide_a_reviewed_fake(
    service: Service, owner: Caller, stranger: Caller, third: Caller
) -> None:
    entry_id = put(service, owner, FAKE)
    review(service, entry_id)
    for number in range(24):
        put(service, stranger, renamed(COPY, f"{number:064x}"))
    answer = answer_document(service, third, COPY)
    assert answer["verdict"] == "known_fake"
    assert entry_id in {match["entry_id"] for match in answer["matches"]}
    assert len(answer["matches"]) <= 9, "few of those that prove nothing are brought"


@pytest.mark.parametrize("visibility", ["private", "public"])
def test_copies_do_not_use_up_the_places_of_the_nearest(
    service: Service, owner: Caller, stranger: Caller, third: Caller, visibility: str
) -> None:
    review(service, put(service, owner, FAKE))
    query = _vectors_only(drawn.clip("body", face="victim", noise=0.5, file="far"))
    assert answer_document(service, third, query)["verdict"] == "known_fake"
    create_bank(service, stranger, name="dark", visibility=visibility)
    crowd = tuple(
        replace(frame, time=frame.time * 100 + number * 0.1) for frame in query.frames for number in range(60)
    )
    dark = replace(query, frames=tuple(sorted(crowd, key=lambda frame: frame.time)))
    put(
        service,
        stranger,
        renamed(replace(dark, media=replace(dark.media, duration=900.0)), "a" * 64),
        bank="dark",
    )
    assert answer_document(service, third, query)["verdict"] == "known_fake"


def _vectors_only(clip: Fingerprint) -> Fingerprint:
    frames = tuple(replace(frame, phash256=None, pdq=None) for frame in clip.frames)
    return replace(clip, algorithms=("sscd.1", "face.sface.1"), frames=frames)


def test_few_media_of_an_entry_are_brought(service: Service, owner: Caller, third: Caller) -> None:
    crowd = [renamed(FAKE, f"{number:064x}") for number in range(20)]
    original = drawn.clip("body", face="actress", noise=0.05, file="o")
    register_entry(service, owner, Registration(fakes=crowd, originals=[original]))
    answer = answer_document(service, third, COPY)
    assert answer["verdict"] == "related"
    assert len(answer["matches"]) <= 9


def test_a_hash_is_of_no_file(service: Service, stranger: Caller, third: Caller) -> None:
    put(service, stranger, renamed(FAKE, "0" * 64))
    assert answer_hash(service, third, "pdq.1", "ab" * 32)["matches"] == []
    value = FAKE.frames[3].pdq or b""
    assert not any(match["exact"] for match in answer_hash(service, third, "pdq.1", value.hex())["matches"])


def test_a_bank_is_not_impersonated_by_a_name_like_its_id(
    service: Service, owner: Caller, stranger: Caller
) -> None:
    bank_id = create_bank(service, owner, name="trusted").bank_id
    for name in (bank_id, bank_id.upper(), f"{{{bank_id}}}", bank_id.replace("-", "")):
        with pytest.raises(BadInput) as caught:
            create_bank(service, stranger, name=name)
        assert caught.value.code == "bad_label"


def test_a_bank_name_used_by_several_strangers_reveals_nothing(
    service: Service, owner: Caller, stranger: Caller, third: Caller
) -> None:
    first = create_bank(service, owner, name="news").bank_id
    put(service, owner, FAKE, bank="news")
    assert answer_document(service, third, COPY, bank="news")["verdict"] == "related"
    create_bank(service, stranger, name="news")
    with pytest.raises(Conflict) as caught:
        answer_document(service, third, COPY, bank="news")
    assert caught.value.code == "ambiguous_bank"
    assert answer_document(service, third, COPY, bank=first)["verdict"] == "related"
    assert answer_document(service, stranger, COPY, bank="news")["verdict"] == "no_match", "its own"
    with pytest.raises(NotFound):
        answer_document(service, third, COPY, bank="0" * 32)


def test_a_file_is_looked_up_in_the_bank_that_was_meant(
    service: Service, owner: Caller, third: Caller, recorder: Recorder
) -> None:
    bank_id = create_bank(service, owner, name="news").bank_id
    put(service, owner, FAKE, bank="news")
    media = upload(service, b"suspect")
    lookup_id = queue_lookup(service, third, media, Options(bank=bank_id))
    answer_file(service, claimed(service, recorder), ReadFile(fingerprint_of(media, "body", "victim"), 1.0))
    assert answer_of(service, third, lookup_id)["verdict"] == "related"
