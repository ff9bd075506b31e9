"""Banks that four organizations share, on real PostgreSQL: who sees them, and for how long."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import (
    change_bank,
    create_bank,
    delete_bank,
    list_banks,
    show_bank,
)
from registry.catalogue.banks.service.contents import limit_bank, list_bank_entries
from registry.catalogue.banks.service.shares import list_shares, overlay_bank, share_bank, unshare_bank
from registry.catalogue.entries.service.entries import show_entry
from registry.core.errors import BadInput, Conflict, FakeprintError, Forbidden, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.lineage.service import get_related
from registry.matching.candidates.store import hash_lookup
from registry.matching.lookups.service.answers import answer_document
from tests.support.banks import COPY, WAYS, code, put, rate, seen
from tests.support.entries import suspend
from tests.support.media import drawn
from tests.support.steps import join


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


def _names(service: Service, caller: Caller) -> set[str]:
    return {bank.name for bank in list_banks(service, caller)}


def test_a_bank_is_seen_by_its_owner_and_those_it_is_shared_with_and_no_longer_than_that(
    service: Service, owner: Caller, friend: Caller, other: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk", visibility="private")
    create_bank(service, owner, name="elsewhere", visibility="private")
    entry_id = UUID(put(service, owner, "desk"))
    share_bank(service, owner, "elsewhere", "Others")
    everybody = (owner, friend, other, stranger)
    assert [bool(seen(service, item)) for item in everybody] == [True, False, False, False]
    shared = share_bank(service, owner, "desk", str(friend.organization_id))
    assert (shared.visibility, [share.organization for share in shared.shares]) == (
        "shared",
        ["Friends"],
    )
    assert [seen(service, item) == set(WAYS) for item in everybody] == [True, True, False, False]
    assert "desk" in _names(service, friend)
    answer = answer_document(service, friend, COPY)
    assert (answer["verdict"], answer["reasons"]) == ("related", ["unreviewed"])
    assert show_entry(service, friend, entry_id).bank == "desk"
    get_related(service, friend, entry_id)
    for item in (other, stranger):
        with pytest.raises(NotFound):
            show_entry(service, item, entry_id)
        with pytest.raises(NotFound):
            show_bank(service, item, "desk")
        with pytest.raises(NotFound):
            answer_document(service, item, COPY, bank="desk")
    assert unshare_bank(service, owner, "desk", "Friends").shares == []
    assert [bool(seen(service, item)) for item in everybody] == [True, False, False, False]
    with pytest.raises(NotFound):
        show_entry(service, friend, entry_id)
    assert not {"desk", "elsewhere"} & _names(service, friend)


def test_a_policy_opens_unreviewed_entries_to_subscribers(
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
    assert share_bank(service, owner, "desk", "Newcomers").visibility == "private", "still paused"
    change_bank(service, owner, "desk", visibility="shared")
    assert seen(service, friend) == set(WAYS)


def test_the_role_lookup_lists_nothing(
    service: Service, owner: Caller, friend: Caller, stranger: Caller
) -> None:
    create_bank(service, owner, name="desk")
    answering = put(service, owner, "desk")
    hidden = put(service, owner, "desk", drawn.clip("hidden"))
    suspend(service, hidden)

    def listed(caller: Caller) -> list[str]:
        return [entry.entry_id for entry in list_bank_entries(service, caller, "desk").entries]

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
    bank_id = create_bank(service, friend, name="small", visibility="private").bank_id
    assert limit_bank(service, owner, bank_id, {"entries": 1}).limits.media is None
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
    holds = show_bank(service, friend, "small").holds
    assert holds is not None
    assert holds.entries == 2
    with pytest.raises(Forbidden) as caught:
        limit_bank(service, friend, bank_id, {"entries": 9})
    assert code(caught) == "not_operator"
    with pytest.raises(BadInput):
        limit_bank(service, owner, bank_id, {"entries": -1})
    with pytest.raises(NotFound):
        limit_bank(service, owner, str(UUID(int=7)), {})


def test_a_deleted_bank_takes_its_entries_along_and_frees_its_name(
    service: Service, owner: Caller, friend: Caller
) -> None:
    bank_id = create_bank(service, owner, name="desk").bank_id
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
    assert delete_bank(service, owner, "desk", withdraw=True).withdrawn == 1
    assert seen(service, friend) == seen(service, owner) == set()
    for name in ("desk", bank_id):
        with pytest.raises(NotFound):
            show_bank(service, owner, name)
    assert create_bank(service, owner, name="desk").bank_id != bank_id
    assert put(service, owner, "desk") != str(entry_id)
    assert delete_bank(service, owner, "desk", withdraw=True).withdrawn == 1


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


def test_impossible_settings_are_refused(service: Service, owner: Caller, friend: Caller) -> None:
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
    bank_id = UUID(show_bank(service, owner, "desk").bank_id)
    failed: list[str] = []

    def toggle(name: str) -> None:
        for _ in range(12):
            for act in (share_bank, unshare_bank):
                try:
                    act(service, owner, "desk", name)
                except NotFound as error:
                    failed.append(error.code)

    threads = [threading.Thread(target=toggle, args=(name,)) for name in ("Friends", "Others") * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(failed) <= {"not_shared"}
    share_bank(service, owner, "desk", "Friends")
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT shared_with FROM bank WHERE bank_id = %s", (bank_id,)).fetchone()
    assert row is not None
    assert row["shared_with"] == [friend.organization_id]
    assert [share.organization for share in list_shares(service, owner, "desk").shares] == ["Friends"]


def test_nothing_is_registered_in_a_bank_that_goes(service: Service, owner: Caller) -> None:
    """Whoever is first: what answers stands in a bank that is there."""
    for number in range(4):
        create_bank(service, owner, name="desk")
        refused: list[str] = []

        def register(refused: list[str] = refused, number: int = number) -> None:
            for at in range(3):
                try:
                    put(service, owner, "desk", drawn.clip(f"{number} {at}"))
                except NotFound as error:
                    refused.append(error.code)

        thread = threading.Thread(target=register)
        thread.start()
        gone = delete_bank(service, owner, "desk", withdraw=True).withdrawn
        thread.join()
        assert set(refused) <= {"unknown_bank"}
        assert gone + len(refused) == 3
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT count(*) AS lost FROM entry JOIN bank USING (bank_id)"
            " WHERE closed_at IS NOT NULL AND status <> 'withdrawn'"
        ).fetchone()
    assert row is not None
    assert row["lost"] == 0


@pytest.mark.parametrize("algorithm", sorted(hash_lookup.ALGORITHMS))
def test_visibility_is_part_of_the_query(service: Service, owner: Caller, algorithm: str) -> None:
    """The planner opens the one definition: no function is called for each bank, and no other table asked."""
    payload = {
        "places": "{1}",
        "assets": "{1}",
        "bits": "{0}",
        "hashes": "{x" + "00" * 32 + "}",
        "organization_id": owner.organization_id,
        "radius": 64,
        "trusted": 24,
        "others": 8,
        "media": 8,
    }
    with service.pool.quick() as connection:
        rows = connection.execute("EXPLAIN VERBOSE " + hash_lookup._NEAREST[algorithm], payload).fetchall()
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert "shared_with" in plan
    assert "answers_to" not in plan
    assert "bank_share" not in plan
    assert "bank_overlay" not in plan
