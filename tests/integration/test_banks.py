"""Banks that four organizations share, on real PostgreSQL: who sees them, by whose rules, for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registry.actions.answer_document import answer_document
from registry.actions.answer_hash import answer_hash
from registry.actions.answer_hashes import answer_hash_of, answer_hashes
from registry.actions.answer_sha256 import answer_sha256
from registry.actions.authenticate import authenticate
from registry.actions.change_bank import change_bank
from registry.actions.create_bank import create_bank
from registry.actions.create_caller import create_caller
from registry.actions.delete_bank import delete_bank
from registry.actions.expire_entries import expire_entries
from registry.actions.limit_bank import limit_bank
from registry.actions.list_bank_entries import list_bank_entries
from registry.actions.list_banks import list_banks
from registry.actions.list_shares import list_shares
from registry.actions.overlay_bank import overlay_bank
from registry.actions.register_entry import register_entry
from registry.actions.service import Service
from registry.actions.share_bank import share_bank
from registry.actions.show_bank import show_bank
from registry.actions.show_entry import show_entry
from registry.actions.show_related import show_related
from registry.actions.unshare_bank import unshare_bank
from registry.domain.caller import Caller
from registry.domain.fingerprint import Fingerprint
from registry.errors import BadInput, Conflict, FakeprintError, Forbidden, NotFound
from tests import drawn
from tests.steps import join, renamed, review

CLIP = drawn.clip("shared", face="a")
COPY = drawn.clip("shared", face="a", noise=0.05, file="copy")


@pytest.fixture
def friend(service: Service, owner: Caller) -> Caller:
    """Whom the owner shares with."""
    return join(service, owner, "Friends")


@pytest.fixture
def other(service: Service, owner: Caller) -> Caller:
    """Whom the owner shares another bank with."""
    return join(service, owner, "Others")


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    return join(service, owner, "Strangers")


def put(service: Service, caller: Caller, bank: str, *fakes: Fingerprint) -> str:
    made = register_entry(service, caller, fakes=fakes or (CLIP,), bank=bank, manipulation="edited")
    return str(made["entry_id"])


def pdq(clip: Fingerprint) -> str:
    return (clip.frames[2].pdq or b"").hex()


WAYS: dict[str, Callable[[Service, Caller, Fingerprint], dict[str, Any]]] = {
    "document": answer_document,
    "sha256": lambda service, caller, clip: answer_sha256(service, caller, clip.media.sha256),
    "hash": lambda service, caller, clip: answer_hash(service, caller, "pdq.1", pdq(clip)),
}


def seen(service: Service, caller: Caller, clip: Fingerprint = CLIP) -> set[str]:
    """By which ways a caller finds a clip."""
    return {name for name, ask in WAYS.items() if ask(service, caller, clip)["matches"]}


def _names(service: Service, caller: Caller) -> set[str]:
    return {one["name"] for one in list_banks(service, caller)}


def rate(service: Service, entry_id: str, tier: str) -> None:
    """Trust an entry and its media so far, whoever asks."""
    with service.pool.transaction() as connection:
        for table in ("entry", "entry_asset"):
            connection.execute(
                f"UPDATE {table} SET tier = %s, own_tier = %s WHERE entry_id = %s",  # noqa: S608 - two names
                (tier, tier, entry_id),
            )


def code(caught: pytest.ExceptionInfo[FakeprintError]) -> str:
    return caught.value.code


def test_a_bank_is_seen_by_its_owner_and_those_it_is_shared_with_and_no_longer_than_that(
    service: Service, owner: Caller, friend: Caller, other: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk", visibility="private")
    create_bank(service, owner, name="elsewhere", visibility="private")
    entry_id = UUID(put(service, owner, "desk"))
    share_bank(service, owner, "elsewhere", "Others")
    everybody = (owner, friend, other, stranger)
    assert [bool(seen(service, one)) for one in everybody] == [True, False, False, False]
    shared = share_bank(service, owner, "desk", str(friend.organization_id))
    assert (shared["visibility"], [one["organization"] for one in shared["shares"]]) == (
        "shared",
        ["Friends"],
    )
    assert [seen(service, one) == set(WAYS) for one in everybody] == [True, True, False, False]
    assert "desk" in _names(service, friend)
    answer = answer_document(service, friend, COPY)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["unreviewed"])
    assert show_entry(service, friend, entry_id)["bank"] == "desk"
    show_related(service, friend, entry_id)
    for one in (other, stranger):
        with pytest.raises(NotFound):
            show_entry(service, one, entry_id)
        with pytest.raises(NotFound):
            show_bank(service, one, "desk")
        with pytest.raises(NotFound):
            answer_document(service, one, COPY, bank="desk")
    assert unshare_bank(service, owner, "desk", "Friends")["shares"] == []
    assert [bool(seen(service, one)) for one in everybody] == [True, False, False, False]
    with pytest.raises(NotFound):
        show_entry(service, friend, entry_id)
    assert not {"desk", "elsewhere"} & _names(service, friend)


def test_a_policy_opens_what_is_unreviewed_to_those_it_is_shared_with(
    service: Service, owner: Caller, friend: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk", visibility="shared", policy={"strangers_see_unreviewed": True})
    share_bank(service, owner, "desk", "Friends")
    put(service, owner, "desk")
    assert answer_document(service, friend, COPY)["verdict"] == "known_fake"
    assert answer_document(service, stranger, COPY)["verdict"] == "no_match"


def test_private_pauses_every_share(service: Service, owner: Caller, friend: Caller) -> None:
    create_bank(service, owner, name="desk", visibility="private")
    put(service, owner, "desk")
    share_bank(service, owner, "desk", "Friends")
    change_bank(service, owner, "desk", visibility="private")
    assert seen(service, friend) == set()
    join(service, owner, "Newcomers")
    assert share_bank(service, owner, "desk", "Newcomers")["visibility"] == "private", "still paused"
    change_bank(service, owner, "desk", visibility="shared")
    assert seen(service, friend) == set(WAYS)


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
    assert {one["bank"]: one["action"] for one in answer["matches"]} == {
        "block": "block",
        "label": "label",
        "silent": None,
    }
    assert answer["action"] == "block"
    assert answer_document(service, stranger, drawn.clip("nothing"))["action"] is None


def test_a_debunk_is_not_to_be_removed(service: Service, owner: Caller) -> None:
    policy = {"known_fake_action": "block", "authentic_original_action": "label"}
    create_bank(service, owner, name="desk", policy=policy)
    fake, original = drawn.clip("made", seconds=6.0), drawn.clip("real", seconds=6.0)
    register_entry(service, owner, fakes=[fake], originals=[original], bank="desk", manipulation="synthetic")
    answer = answer_document(service, owner, _joined(fake, original))
    assert answer["mixed"]
    assert {one["action"] for one in answer["matches"]} == {"review", "label"}
    assert answer["action"] == "review"


def _joined(one: Fingerprint, other: Fingerprint) -> Fingerprint:
    later = tuple(replace(frame, time=frame.time + one.media.duration) for frame in other.frames)
    media = replace(one.media, sha256="ab" * 32, duration=one.media.duration + other.media.duration)
    return replace(one, media=media, frames=one.frames + later)


def test_an_overlay_counts_for_its_organization_alone(
    service: Service, owner: Caller, friend: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk", policy={"known_fake_action": "review"})
    review(service, put(service, owner, "desk"))
    overlay = {"known_tier": "court_order", "related_action": "label"}
    assert overlay_bank(service, friend, "desk", overlay)["overlay"] == overlay
    for ask in (WAYS["document"], WAYS["sha256"]):
        answers = [ask(service, one, CLIP) for one in (owner, friend, stranger)]
        assert [one["verdict"] for one in answers] == ["known_fake", "related", "known_fake"]
        assert [one["action"] for one in answers] == ["review", "label", "review"]
    with pytest.raises(BadInput) as caught:
        overlay_bank(service, friend, "desk", {"min_confidence": 0.5})
    assert code(caught) == "beyond_policy"
    change_bank(service, owner, "desk", {"subscribers_min_confidence": 0.5, "subscribers_act": False})
    overlay_bank(service, friend, "desk", {"min_confidence": 0.5})
    assert answer_document(service, friend, COPY)["action"] == "review"
    assert overlay_bank(service, friend, "desk", {})["overlay"] is None
    with pytest.raises(Conflict) as own:
        overlay_bank(service, owner, "desk", {})
    assert code(own) == "own_bank"


def test_who_only_asks_lists_nothing(
    service: Service, owner: Caller, friend: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk")
    answering = put(service, owner, "desk")
    hidden = put(service, owner, "desk", drawn.clip("hidden"))
    with service.pool.transaction() as connection:
        connection.execute("UPDATE entry SET status = 'suspended' WHERE entry_id = %s", (hidden,))

    def listed(caller: Caller) -> list[str]:
        return [one["entry_id"] for one in list_bank_entries(service, caller, "desk")["entries"]]

    assert listed(owner) == [hidden, answering]
    share_bank(service, owner, "desk", "Friends")
    for caller in (friend, stranger):
        with pytest.raises(Forbidden) as caught:
            listed(caller)
        assert code(caught) == "not_listed"
    change_bank(service, owner, "desk", {"subscribers_list": True})
    assert listed(friend) == [answering]
    with pytest.raises(Forbidden):
        listed(stranger)
    asks = Caller(friend.caller_id, friend.organization_id, "asks", frozenset({"lookup", "signals"}))
    with pytest.raises(Forbidden) as refused:
        listed(asks)
    assert code(refused) == "forbidden"


def test_a_bank_holds_no_more_than_it_may(service: Service, owner: Caller, friend: Caller) -> None:
    bank_id = create_bank(service, friend, name="small", visibility="private")["bank_id"]
    assert limit_bank(service, owner, bank_id, {"entries": 1})["limits"]["media"] is None
    entry_id = put(service, friend, "small")
    with pytest.raises(Conflict) as full:
        put(service, friend, "small", COPY)
    assert code(full) == "bank_full"
    assert put(service, friend, "small") == entry_id, "what is there already takes no room"
    limit_bank(service, owner, bank_id, {"media": 1})
    with pytest.raises(Conflict):
        put(service, friend, "small", COPY)
    limit_bank(service, owner, bank_id, {})
    put(service, friend, "small", COPY)
    assert show_bank(service, friend, "small")["holds"]["entries"] == 2
    with pytest.raises(Forbidden) as caught:
        limit_bank(service, friend, bank_id, {"entries": 9})
    assert code(caught) == "not_operator"
    with pytest.raises(BadInput):
        limit_bank(service, owner, bank_id, {"entries": -1})
    with pytest.raises(NotFound):
        limit_bank(service, owner, str(UUID(int=7)), {})


def test_what_is_old_is_withdrawn_but_for_a_courts(service: Service, owner: Caller) -> None:
    create_bank(service, owner, name="month", policy={"entry_retention_days": 30})
    old, ordered, young = (
        put(service, owner, "month", drawn.clip(name)) for name in ("old", "ordered", "young")
    )
    kept = put(service, owner, "default", drawn.clip("kept"))
    rate(service, ordered, "court_order")
    with service.pool.transaction() as connection:
        connection.execute(
            "UPDATE entry SET created_at = now() - interval '31 days' WHERE entry_id = ANY (%s)",
            ([UUID(one) for one in (old, ordered, kept)],),
        )
    assert (expire_entries(service), expire_entries(service)) == (1, 0)
    states = {one: show_entry(service, owner, UUID(one))["status"] for one in (old, ordered, young, kept)}
    assert states == {old: "withdrawn", ordered: "matchable", young: "matchable", kept: "matchable"}
    assert not seen(service, owner, drawn.clip("old"))


def test_a_bank_goes_with_what_it_holds_and_leaves_its_name(
    service: Service, owner: Caller, friend: Caller
) -> None:
    bank_id = create_bank(service, owner, name="desk")["bank_id"]
    share_bank(service, owner, "desk", "Friends")
    overlay_bank(service, friend, "desk", {"related_action": "label"})
    entry_id = UUID(put(service, owner, "desk"))
    with pytest.raises(Conflict) as caught:
        delete_bank(service, owner, "desk")
    assert code(caught) == "bank_not_empty"
    rate(service, str(entry_id), "court_order")
    with pytest.raises(Conflict) as ordered:
        delete_bank(service, owner, "desk", withdraw=True)
    assert code(ordered) == "court_ordered"
    rate(service, str(entry_id), "reviewed")
    assert seen(service, friend) == set(WAYS)
    assert delete_bank(service, owner, "desk", withdraw=True)["withdrawn"] == 1
    assert seen(service, friend) == seen(service, owner) == set()
    for name in ("desk", bank_id):
        with pytest.raises(NotFound):
            show_bank(service, owner, name)
    assert create_bank(service, owner, name="desk")["bank_id"] != bank_id
    assert put(service, owner, "desk") != str(entry_id)
    assert delete_bank(service, owner, "desk", withdraw=True)["withdrawn"] == 1


def test_everything_is_on_record(service: Service, owner: Caller, friend: Caller) -> None:
    create_bank(service, owner, name="desk", policy={"min_confidence": 0.8})
    share_bank(service, owner, "desk", "Friends")
    overlay_bank(service, friend, "desk", {"min_confidence": 0.95})
    unshare_bank(service, owner, "desk", "Friends")
    change_bank(service, owner, "desk", {"min_confidence": None}, new_name="office")
    put(service, owner, "office")
    delete_bank(service, owner, "office", withdraw=True)
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT kind FROM event WHERE kind LIKE 'bank.%' OR kind = 'entry.withdrawn' ORDER BY event_id"
        ).fetchall()
    assert [row["kind"] for row in rows][-7:] == [
        "bank.created",
        "bank.shared",
        "bank.overlaid",
        "bank.unshared",
        "bank.changed",
        "entry.withdrawn",
        "bank.closed",
    ]


def test_what_cannot_be_is_refused(service: Service, owner: Caller, friend: Caller) -> None:
    create_bank(service, owner, name="harmless", kind="negative")
    create_bank(service, owner, name="desk")
    refused: dict[str, Callable[[], object]] = {
        "bad_visibility": lambda: create_bank(service, owner, name="x", visibility="secret"),
        "bad_kind": lambda: create_bank(service, owner, name="x", kind="odd"),
        "negative_bank": lambda: share_bank(service, owner, "harmless", "Friends"),
        "own_organization": lambda: share_bank(service, owner, "desk", str(owner.organization_id)),
        "unknown_organization": lambda: share_bank(service, owner, "desk", "Nobody"),
        "not_shared": lambda: unshare_bank(service, owner, "desk", "Friends"),
        "foreign_bank": lambda: share_bank(service, friend, "desk", "Friends"),
        "unknown_bank": lambda: list_shares(service, friend, "harmless"),
        "bank_exists": lambda: change_bank(service, owner, "desk", new_name="harmless"),
        "bad_label": lambda: change_bank(service, owner, "desk", new_name="a/b"),
    }
    for wanted, act in refused.items():
        with pytest.raises(FakeprintError) as caught:
            act()
        assert code(caught) == wanted
    with pytest.raises(BadInput) as caught:
        change_bank(service, owner, "harmless", visibility="public")
    assert code(caught) == "bad_visibility"


def test_sharing_and_unsharing_at_once_end_in_one_state(
    service: Service, owner: Caller, friend: Caller, other: Caller
) -> None:
    create_bank(service, owner, name="desk", visibility="private")
    bank_id = UUID(show_bank(service, owner, "desk")["bank_id"])
    failed: list[str] = []

    def toggle(name: str) -> None:
        for _ in range(12):
            for act in (share_bank, unshare_bank):
                try:
                    act(service, owner, "desk", name)
                except NotFound as error:
                    failed.append(error.code)

    threads = [threading.Thread(target=toggle, args=(name,)) for name in ("Friends", "Others") * 2]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert set(failed) <= {"not_shared"}
    share_bank(service, owner, "desk", "Friends")
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT shared_with FROM bank WHERE bank_id = %s", (bank_id,)).fetchone()
    assert row is not None
    assert row["shared_with"] == [friend.organization_id]
    assert [one["organization"] for one in list_shares(service, owner, "desk")["shares"]] == ["Friends"]


def test_a_negative_bank_speaks_for_its_owner_by_every_way(
    service: Service, owner: Caller, friend: Caller
) -> None:
    create_bank(service, owner, name="desk", policy={"stills": True, "strangers_see_unreviewed": True})
    create_bank(service, friend, name="harmless", kind="negative")
    put(service, owner, "desk", CLIP)
    put(service, friend, "harmless", renamed(CLIP, CLIP.media.sha256))
    for name, ask in WAYS.items():
        answer = ask(service, friend, CLIP)
        assert (name, answer["verdict"], answer["reasons"]) == (name, "no_match", ["known_harmless"])
        assert answer["matches"] == []
        assert ask(service, owner, CLIP)["verdict"] == "known_fake"


def test_one_hash_is_answered_alike_by_the_short_way(service: Service, owner: Caller) -> None:
    """By a negative bank, by an overlay, and where a bank is not rolled out yet."""
    key = str(
        create_caller(service, owner, organization="Friends", name="y", roles=["lookup", "admin"])["key"]
    )
    friend = authenticate(service, key)
    rules = {"stills": True, "strangers_see_unreviewed": True, "known_fake_action": "block"}
    create_bank(service, owner, name="desk", policy=rules)
    put(service, owner, "desk")
    values = [pdq(CLIP), *((frame.pdq or b"").hex() for frame in CLIP.frames[3:11])]

    def alike() -> list[dict[str, Any]]:
        slow = [answer_hash(service, friend, "pdq.1", value) for value in values]
        short = answer_hashes(service, key, "pdq.1", values)[1]
        assert [_plain(one) for one in short] == [_plain(one) for one in slow]
        assert [_plain(answer_hash_of(service, key, "pdq.1", one)[1]) for one in values] == [
            _plain(one) for one in slow
        ]
        return slow

    assert {(one["verdict"], one["action"]) for one in alike()} == {("known_fake", "block")}
    overlay_bank(service, friend, "desk", {"stills": False, "related_action": "label"})
    assert {(one["verdict"], one["action"]) for one in alike()} == {("related", "label")}
    change_bank(service, owner, "desk", {"rollout": 0.5})
    assert {one["verdict"] for one in alike()} == {"related", "no_match"}
    change_bank(service, owner, "desk", {"rollout": 1})
    create_bank(service, friend, name="ours", policy={"rollout": 0.5, "stills": True})
    create_bank(service, friend, name="harmless", kind="negative")
    author = replace(friend, roles=frozenset({"register"}))
    put(service, author, "ours")
    assert any("rollout" in one for one in alike()), "of its own it is told"
    put(service, author, "harmless")
    assert {(one["verdict"], *one["reasons"]) for one in alike()} == {("no_match", "known_harmless")}


def _plain(answer: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in {"lookup_id", "timing_ms"}}


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
        assert {one["entry_id"] for one in answer["matches"]} == {entry_id}
    assert answer_hash(service, owner, "pdq.1", pdq(CLIP))["matches"]


def test_a_bank_is_rolled_out_by_what_is_asked(service: Service, owner: Caller, friend: Caller) -> None:
    create_bank(service, owner, name="desk", policy={"rollout": 0.5, "strangers_see_unreviewed": True})
    put(service, owner, "desk")
    copies = [renamed(COPY, f"{number:064x}") for number in range(24)]
    ours = [answer_document(service, owner, one) for one in copies]
    theirs = [answer_document(service, friend, one) for one in copies]
    assert {one["verdict"] for one in ours} == {"known_fake", "no_match"}
    assert [one["verdict"] for one in ours] == [one["verdict"] for one in theirs]
    assert ours[0]["verdict"] == answer_document(service, owner, copies[0])["verdict"], "again and again"
    for one in ours:
        held = {"withheld": 1, "verdict": "known_fake"} if one["verdict"] == "no_match" else None
        assert one.get("rollout") == held
    assert not any("rollout" in one for one in theirs), "others are told nothing"
    change_bank(service, owner, "desk", {"rollout": 0.9})
    more = [answer_document(service, owner, one)["verdict"] for one in copies]
    assert all(after == "known_fake" for one, after in zip(ours, more, strict=True) if one["matches"])
    change_bank(service, owner, "desk", {"rollout": 0.0})
    assert {answer_document(service, owner, one)["verdict"] for one in copies} == {"no_match"}
