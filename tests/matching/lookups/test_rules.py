"""The rules of the answer, from registration to verdict, on a real PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import Conflict, FakeprintError
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.service.answers import answer_sha256
from registry.matching.lookups.service.hashes import answer_hash
from tests.support.matching.asking import ask
from tests.support.media import drawn
from tests.support.steps import review


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    made = create_caller(service, owner, organization="Elsewhere", name="x", roles=["lookup", "register"])
    return authenticate(service, made.key)


def put(service: Service, caller: Caller, fake: Fingerprint, *originals: Fingerprint, **fields: Any) -> str:
    made = register_entry(service, caller, Registration(fakes=[fake], originals=originals, **fields))
    assert made.status == "matchable"
    return str(made.entry_id)


FAKE = drawn.clip("body", face="victim")
ORIGINAL = drawn.clip("body", face="actress", noise=0.05, file="o")
COPY = drawn.clip("body", face="victim", noise=0.15, file="copy")


def test_a_copy_of_an_own_fake_is_known(service: Service, owner: Caller) -> None:
    entry_id = put(service, owner, FAKE, title="Vídeo falso de la líder 🎭")
    answer = ask(service, owner, COPY)
    assert answer["verdict"] == "known_fake"
    (match,) = answer["matches"]
    assert match["entry_id"] == entry_id
    assert match["relation"] == "copy"
    assert match["title"] == "Vídeo falso de la líder 🎭"
    assert match["spans"] == [{"query": [0.0, 8.0], "asset": [0.0, 8.0], "speed": 1.0, "mirrored": False}]
    assert match["coverage"] == {"query": 1.0, "asset": 1.0}
    assert 0.9 < (answer["confidence"] or 0) <= 0.99


def test_a_cut_inside_a_longer_clip_has_its_span(service: Service, owner: Caller) -> None:
    put(service, owner, drawn.clip("body", face="victim", seconds=20))
    cut = drawn.clip("body", face="victim", seconds=5, start=7, noise=0.1, file="cut")
    query = drawn.joined(drawn.clip("before", seconds=12), cut, drawn.clip("after", seconds=9))
    answer = ask(service, owner, query)
    assert answer["verdict"] == "known_fake"
    (span,) = answer["matches"][0]["spans"]
    assert span["query"] == pytest.approx([12.0, 17.0], abs=0.5)
    assert span["asset"] == pytest.approx([7.0, 12.0], abs=0.5)


def test_footage_that_is_unknown_is_no_match(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    answer = ask(service, owner, drawn.clip("elsewhere", face="victim"))
    assert (answer["verdict"], answer["matches"], answer["confidence"]) == ("no_match", [], None)


def test_rule_1_the_gravest_span_wins_and_a_debunk_is_mixed(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE, ORIGINAL)
    debunk = drawn.joined(
        drawn.clip("body", face="actress", noise=0.08, file="shown"),
        drawn.clip("studio", seconds=6),
        drawn.clip("body", face="victim", noise=0.08, file="shown too"),
    )
    answer = ask(service, owner, debunk)
    assert answer["verdict"] == "known_fake"
    assert answer["mixed"] is True
    assert {match["relation"] for match in answer["matches"]} == {"copy", "original"}


def test_rule_2_an_unreviewed_entry_is_only_related_to_strangers(
    service: Service, owner: Caller, stranger: Caller
) -> None:
    entry_id = put(service, owner, FAKE)
    answer = ask(service, stranger, COPY)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["unreviewed"])
    review(service, entry_id)
    assert ask(service, stranger, COPY)["verdict"] == "known_fake"


def test_rule_2_a_bank_may_be_looser_openly(service: Service, owner: Caller, stranger: Caller) -> None:
    create_bank(service, owner, name="open", policy={"strangers_see_unreviewed": True})
    put(service, owner, FAKE, bank="open")
    assert ask(service, stranger, COPY)["verdict"] == "known_fake"


def test_a_private_bank_answers_its_owner_only(service: Service, owner: Caller, stranger: Caller) -> None:
    create_bank(service, owner, name="closed", visibility="private")
    put(service, owner, FAKE, bank="closed")
    assert ask(service, owner, COPY)["verdict"] == "known_fake"
    assert ask(service, stranger, COPY)["verdict"] == "no_match"
    assert answer_sha256(service, stranger, FAKE.media.sha256)["verdict"] == "no_match"


def test_an_authentic_original_is_never_called_a_fake(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE, ORIGINAL)
    answer = ask(service, owner, drawn.clip("body", face="actress", noise=0.12, file="sent on"))
    assert answer["verdict"] == "authentic_original"
    assert [match["relation"] for match in answer["matches"]] == ["original"]
    copy = ask(service, owner, COPY)
    assert copy["verdict"] == "known_fake"


def test_an_original_that_is_not_registered_is_other_face(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    answer = ask(service, owner, drawn.clip("body", face="actress", noise=0.12, file="sent on"))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["other_face"])
    assert answer["matches"][0]["relation"] == "same_footage_other_face"


def test_rule_3_whitewashing_a_reviewed_fake_is_not_believed(
    service: Service, owner: Caller, stranger: Caller
) -> None:
    entry_id = put(service, owner, FAKE)
    review(service, entry_id)
    put(service, stranger, drawn.clip("anything", face="x"), COPY, title="mine, and genuine")
    again = drawn.clip("body", face="victim", noise=0.16, file="again")
    for caller in (owner, stranger):
        answer = ask(service, caller, COPY)
        assert answer["verdict"] == "related"
        assert "original_claimed" in answer["reasons"]
        assert ask(service, caller, again)["verdict"] in {"known_fake", "related"}


def test_rule_3_the_same_file_as_fake_and_original_needs_a_person(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    put(service, owner, drawn.clip("second", face="b"), FAKE)
    answer = ask(service, owner, FAKE)
    assert answer["verdict"] == "related"
    assert "role_conflict" in answer["reasons"]
    with pytest.raises(Conflict, match="as fake and as original") as caught:
        register_entry(service, owner, Registration(fakes=[COPY], originals=[COPY]))
    assert caught.value.code == "role_conflict"


def test_rule_4_without_faces_to_compare_a_face_swap_is_related(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE, manipulation="face_swap")
    answer = ask(service, owner, drawn.clip("body", noise=0.1, file="no face seen"))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["no_face"])
    assert answer["matches"][0]["signals"]["faces"] == {"compared": 0, "same": None}
    assert ask(service, owner, FAKE)["verdict"] == "known_fake", "the very same file needs no face"


def test_rule_4_a_document_without_faces_decides_nothing_by_faces(service: Service, owner: Caller) -> None:
    blind = tuple(name for name in FAKE.algorithms if not name.startswith("face."))
    put(service, owner, replace(FAKE, faces=(), algorithms=blind))
    answer = ask(service, owner, drawn.clip("body", face="actress", noise=0.1, file="genuine"))
    assert (answer["verdict"], answer["reasons"]) == ("related", ["no_face"])


def test_rule_4_for_other_manipulations_footage_decides(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE, manipulation="edited")
    assert ask(service, owner, drawn.clip("body", noise=0.1, file="no face seen"))["verdict"] == "known_fake"


def test_rule_5_a_still_is_at_most_related(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    still = drawn.clip("body", seconds=0.5, start=3, face="victim", noise=0.05)
    assert still.media.kind == "image"
    answer = ask(service, owner, still)
    assert answer["verdict"] == "related"
    assert "single_frame" in answer["reasons"]
    assert answer["matches"][0]["spans"][0]["asset"] == pytest.approx([3.0, 3.5], abs=0.01)


def test_rule_5_a_registered_still_decides_only_as_the_same_file_or_by_policy(
    service: Service, owner: Caller
) -> None:
    still = drawn.clip("poster", seconds=0.5, face="victim")
    put(service, owner, still)
    assert ask(service, owner, still)["verdict"] == "known_fake"
    altered = drawn.clip("poster", seconds=0.5, face="victim", noise=0.05)
    assert ask(service, owner, altered)["verdict"] == "related"
    create_bank(service, owner, name="stills", policy={"single_frame": True})
    put(service, owner, drawn.clip("poster two", seconds=0.5, face="victim"), bank="stills")
    altered = drawn.clip("poster two", seconds=0.5, face="victim", noise=0.05)
    assert ask(service, owner, altered)["verdict"] == "known_fake"


def test_a_digest_alone_is_exact_or_nothing(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    known = answer_sha256(service, owner, FAKE.media.sha256.upper())
    assert (known["verdict"], known["scope"]) == ("known_fake", "exact_only")
    unknown = answer_sha256(service, owner, "0" * 64)
    assert (unknown["verdict"], unknown["scope"], unknown["matches"]) == ("no_match", "exact_only", [])


def test_one_hash_is_a_still(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE, manipulation="edited")
    value = FAKE.frames[3].pdq
    assert value
    answer = answer_hash(service, owner, "pdq.1", value.hex())
    assert (answer["verdict"], answer["reasons"]) == ("related", ["single_frame"])
    assert answer_hash(service, owner, "pdq.1", "ab" * 32)["verdict"] == "no_match"
    with pytest.raises(FakeprintError) as caught:
        answer_hash(service, owner, "pdq.1", "zz")
    assert caught.value.code == "bad_hash"


def test_the_same_file_twice_is_one_asset_and_reported(
    service: Service, owner: Caller, stranger: Caller
) -> None:
    first = register_entry(service, owner, Registration(fakes=[FAKE]))
    second = register_entry(service, owner, Registration(fakes=[FAKE], title="again"))
    assert first.created
    assert not second.created
    assert second.entry_id == first.entry_id
    assert second.assets[0].asset_id == first.assets[0].asset_id
    foreign = register_entry(service, stranger, Registration(fakes=[FAKE]))
    assert foreign.created
    assert [duplicate.entry_id for duplicate in foreign.duplicates] == [first.entry_id]


def test_a_blank_query_is_undecidable(service: Service, owner: Caller) -> None:
    put(service, owner, FAKE)
    blank = replace(COPY, frames=tuple(replace(frame, quality=3) for frame in COPY.frames))
    answer = ask(service, owner, blank)
    assert (answer["verdict"], answer["reasons"]) == ("undecidable", ["low_information"])
    assert answer["confidence"] is None
