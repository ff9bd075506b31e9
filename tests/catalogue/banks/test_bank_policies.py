"""By which rules a bank answers: its own, others' for themselves, those of time and of look-alikes."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.banks.service.contents import expire_entries
from registry.catalogue.banks.service.shares import overlay_bank
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import BadInput, Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.lookups.model import Answer
from registry.matching.lookups.service.answers import answer_document
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_of, answer_hashes
from tests.support.banks import CLIP, COPY, WAYS, code, joined, pdq, plain, put, rate, seen
from tests.support.entries import let_entries_age
from tests.support.media import drawn
from tests.support.steps import join, renamed, review


@pytest.fixture
def friend(service: Service, owner: Caller) -> Caller:
    """Whom the owner shares with."""
    return join(service, owner, "Friends")


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Strangers")


@pytest.mark.slow
def test_tiers_that_count(service: Service, owner: Caller, friend: Caller) -> None:
    policy = {"known_tier": "court_order", "answer_tier": "reviewed"}
    create_bank(service, owner, name="strict", policy=policy)
    entry_id = put(service, owner, "strict")
    for caller in (owner, friend):
        assert [ask(service, caller, CLIP)["verdict"] for ask in WAYS.values()] == ["no_match"] * 3
    review(service, entry_id)
    answer = answer_document(service, friend, COPY)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["below_tier"])
    rate(service, entry_id, "court_order")
    assert answer_document(service, friend, COPY)["verdict"] == "known_fake"


def test_actions_are_the_banks_and_the_gravest_is_the_answers(
    service: Service, owner: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="block", policy={"known_fake_action": "block"})
    create_bank(service, owner, name="label", policy={"known_fake_action": "label"})
    create_bank(service, owner, name="silent")
    for bank in ("block", "label", "silent"):
        review(service, put(service, owner, bank))
    answer = answer_document(service, stranger, COPY)
    assert {match["bank"]: match["action"] for match in answer["matches"]} == {
        "block": "block",
        "label": "label",
        "silent": None,
    }
    assert answer["action"] == "block"
    assert answer_document(service, stranger, drawn.clip("nothing"))["action"] is None


def test_a_clip_with_fake_and_original_goes_to_a_person(service: Service, owner: Caller) -> None:
    policy = {"known_fake_action": "block", "authentic_original_action": "label"}
    create_bank(service, owner, name="desk", policy=policy)
    fake, original = drawn.clip("made", seconds=6.0), drawn.clip("real", seconds=6.0)
    register_entry(
        service,
        owner,
        Registration(fakes=[fake], originals=[original], bank="desk", manipulation="synthetic"),
    )
    answer = answer_document(service, owner, joined(fake, original))
    assert answer["mixed"]
    assert {match["action"] for match in answer["matches"]} == {"review"}
    assert answer["action"] == "review"
    shown = {match["relation"]: match["spans"][0]["query"] for match in answer["matches"]}
    assert shown["copy"] == pytest.approx([0, 6], abs=0.6)
    assert shown["original"] == pytest.approx([6, 12], abs=0.6)


def test_an_overlay_counts_for_its_organization_alone(
    service: Service, owner: Caller, friend: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk", policy={"known_fake_action": "review"})
    review(service, put(service, owner, "desk"))
    overlay = {"known_tier": "court_order", "related_action": "label"}
    assert overlay_bank(service, friend, "desk", overlay).overlay == overlay
    for ask in (WAYS["document"], WAYS["sha256"]):
        answers = [ask(service, item, CLIP) for item in (owner, friend, stranger)]
        assert [answer["verdict"] for answer in answers] == ["known_fake", "related", "known_fake"]
        assert [answer["action"] for answer in answers] == ["review", "label", "review"]
    with pytest.raises(BadInput) as caught:
        overlay_bank(service, friend, "desk", {"min_confidence": 0.5})
    assert code(caught) == "beyond_policy"
    change_bank(service, owner, "desk", {"subscribers_min_confidence": 0.5, "subscribers_act": False})
    overlay_bank(service, friend, "desk", {"min_confidence": 0.5})
    assert answer_document(service, friend, COPY)["action"] == "review"
    assert overlay_bank(service, friend, "desk", {}).overlay is None
    with pytest.raises(Conflict) as own:
        overlay_bank(service, owner, "desk", {})
    assert code(own) == "own_bank"


def test_old_entries_are_withdrawn_except_court_ordered_ones(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="month", policy={"entry_retention_days": 30})
    old, ordered, young = (
        put(service, owner, "month", drawn.clip(name)) for name in ("old", "ordered", "young")
    )
    kept = put(service, owner, "default", drawn.clip("kept"))
    rate(service, ordered, "court_order")
    let_entries_age(service, old, ordered, kept, days=31)
    assert (expire_entries(service), expire_entries(service)) == (1, 0)
    states = {item: show_entry(service, owner, UUID(item)).status for item in (old, ordered, young, kept)}
    assert states == {old: "withdrawn", ordered: "matchable", young: "matchable", kept: "matchable"}
    assert not seen(service, owner, drawn.clip("old"))


def test_a_negative_bank_speaks_for_its_owner_by_every_way(
    service: Service, owner: Caller, friend: Caller
) -> None:
    create_bank(service, owner, name="desk", policy={"single_frame": True, "strangers_see_unreviewed": True})
    create_bank(service, friend, name="harmless", kind="negative")
    put(service, owner, "desk", CLIP)
    put(service, friend, "harmless", renamed(CLIP, CLIP.media.sha256))
    for name, ask in WAYS.items():
        answer = ask(service, friend, CLIP)
        assert (name, answer["verdict"], answer["reasons"]) == (name, "no_match", ["known_harmless"])
        assert answer["matches"] == []
        assert ask(service, owner, CLIP)["verdict"] == "known_fake"


@pytest.mark.slow
def test_one_hash_is_answered_alike_by_the_short_way(service: Service, owner: Caller) -> None:
    """By a negative bank, by an overlay, and where a bank is not rolled out yet."""
    key = str(create_caller(service, owner, organization="Friends", name="y", roles=["lookup", "admin"]).key)
    friend = authenticate(service, key)
    rules = {"single_frame": True, "strangers_see_unreviewed": True, "known_fake_action": "block"}
    create_bank(service, owner, name="desk", policy=rules)
    put(service, owner, "desk")
    values = [pdq(CLIP), *((frame.pdq or b"").hex() for frame in CLIP.frames[3:11])]

    def alike() -> list[Answer]:
        slow = [answer_hash(service, friend, "pdq.1", value) for value in values]
        short = answer_hashes(service, key, "pdq.1", values)[1]
        assert [plain(hash_) for hash_ in short] == [plain(value) for value in slow]
        assert [plain(answer_hash_of(service, key, "pdq.1", value)[1]) for value in values] == [
            plain(value) for value in slow
        ]
        return slow

    assert {(item["verdict"], item["action"]) for item in alike()} == {("known_fake", "block")}
    overlay_bank(service, friend, "desk", {"single_frame": False, "related_action": "label"})
    assert {(item["verdict"], item["action"]) for item in alike()} == {("related", "label")}
    change_bank(service, owner, "desk", {"rollout": 0.5})
    assert {item["verdict"] for item in alike()} == {"related", "no_match"}
    change_bank(service, owner, "desk", {"rollout": 1})
    create_bank(service, friend, name="ours", policy={"rollout": 0.5, "single_frame": True})
    create_bank(service, friend, name="harmless", kind="negative")
    author = replace(friend, roles=frozenset({"register"}))
    put(service, author, "ours")
    assert any("rollout" in item for item in alike()), "of its own it is told"
    put(service, author, "harmless")
    assert {(item["verdict"], *item["reasons"]) for item in alike()} == {("no_match", "known_harmless")}


@pytest.mark.slow
def test_many_harmless_media_leave_room_for_a_courts(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="desk")
    create_bank(service, owner, name="harmless", kind="negative")
    entry_id = put(service, owner, "desk", drawn.clip("shared", face="a", noise=0.1, file="fake"))
    rate(service, entry_id, "court_order")
    for number in range(40):
        put(service, owner, "harmless", renamed(CLIP, f"{number:064x}"))
    for query in (COPY, CLIP):
        answer = answer_document(service, owner, query)
        assert answer["verdict"] == "known_fake"
        assert {match["entry_id"] for match in answer["matches"]} == {entry_id}
    assert answer_hash(service, owner, "pdq.1", pdq(CLIP))["matches"]


@pytest.mark.slow
def test_the_rollout_depends_on_the_query(service: Service, owner: Caller, friend: Caller) -> None:
    create_bank(service, owner, name="desk", policy={"rollout": 0.5, "strangers_see_unreviewed": True})
    put(service, owner, "desk")
    copies = [renamed(COPY, f"{number:064x}") for number in range(24)]
    ours = [answer_document(service, owner, copy) for copy in copies]
    theirs = [answer_document(service, friend, copy) for copy in copies]
    assert {copy["verdict"] for copy in ours} == {"known_fake", "no_match"}
    assert [copy["verdict"] for copy in ours] == [copy["verdict"] for copy in theirs]
    assert ours[0]["verdict"] == answer_document(service, owner, copies[0])["verdict"], "again and again"
    for copy in ours:
        held = {"withheld": 1, "verdict": "known_fake"} if copy["verdict"] == "no_match" else None
        assert copy.get("rollout") == held
    assert not any("rollout" in copy for copy in theirs), "others are told nothing"
    change_bank(service, owner, "desk", {"rollout": 0.9})
    more = [answer_document(service, owner, copy)["verdict"] for copy in copies]
    assert all(after == "known_fake" for one, after in zip(ours, more, strict=True) if one["matches"])
    change_bank(service, owner, "desk", {"rollout": 0.0})
    assert {answer_document(service, owner, copy)["verdict"] for copy in copies} == {"no_match"}
