"""What a peer, or somebody at it, might gain by what it says: trust, others' media, a second ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.answers import answer_sha256
from registry.sharing.federation.service import pull_peer as pulling
from registry.sharing.federation.service.forks import receive_news
from registry.sharing.federation.service.peers import get_peer, resume_peer
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.note import Checkpoint
from registry.transparency.ledger.service.ledger import list_witnessed
from tests.support.entries import forget_own_tiers
from tests.support.sharing import peering
from tests.support.sharing.peering import forget_listings, let_checkpoints_age, let_missing_entries_age
from tests.support.sharing.publishing import Publisher, digest, exported, line, serving


@pytest.fixture
def north() -> Iterator[Publisher]:
    made = Publisher("north")
    made.publish(line("a"))
    with serving(made) as made.url:
        yield made


def column_of(service: Service, query: str) -> list[Any]:
    with service.pool.transaction() as connection:
        return [tuple(row.values()) for row in connection.execute(query.encode()).fetchall()]


def verdicts(service: Service, owner: Caller, *names: str) -> list[str]:
    return [str(answer_sha256(service, owner, digest(name))["verdict"]) for name in names]


def test_media_attached_to_a_trusted_entry_keep_their_own_trust(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    """Somebody at the peer registers genuine footage beside a fake that was reviewed there."""
    peering.add_published(opened, owner, north, tiers={"reviewed": "reviewed"})
    peering.pull_published(opened, owner, north)
    both = (*exported("a").media, *exported("victim").media)
    north.publish(line("smear", tier="unreviewed", media=both))
    peering.pull_published(opened, owner, north)
    assert verdicts(opened, owner, "a", "victim") == ["known_fake", "related"]
    north.publish(line("a", share=True, title="said anew"))
    peering.pull_published(opened, owner, north)
    assert verdicts(opened, owner, "a", "victim") == ["known_fake", "related"]
    north.publish(line("a", "withdrawn"))
    peering.pull_published(opened, owner, north)
    assert verdicts(opened, owner, "a") == ["related"], "the record that is left is not reviewed there"
    # In one page, the unreviewed first.
    more = (*exported("b").media, *exported("other").media)
    north.publish(line("smear b", tier="unreviewed", media=more), line("b"))
    peering.pull_published(opened, owner, north)
    assert verdicts(opened, owner, "b", "other") == ["known_fake", "related"]


def test_a_peer_cannot_trust_or_withdraw_locally_registered_entries(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    peering.add_published(opened, owner, north, tiers={"reviewed": "reviewed"})
    peering.pull_published(opened, owner, north)
    # As if somebody had registered the entry here, and nobody had ever read the peer.
    forget_listings(opened)
    forget_own_tiers(opened)
    own = column_of(opened, "SELECT entry_id, asset_id, own_tier FROM entry_asset")
    for title in ("again", "and again"):
        north.publish(line("a", share=True, title=title, media=(*exported("a").media, *exported("x").media)))
        peering.pull_published(opened, owner, north)
    north.publish(line("a", media=exported("a").media))
    peering.pull_published(opened, owner, north)
    assert set(own) <= set(column_of(opened, "SELECT entry_id, asset_id, own_tier FROM entry_asset"))
    assert column_of(opened, "SELECT DISTINCT own_tier FROM entry") == [("unreviewed",)]


def test_a_second_ledger_is_seen_where_it_is_shown_for_a_moment(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    peering.add_published(opened, owner, north)
    peering.pull_published(opened, owner, north)
    twin = Publisher("north", key=north.key)
    for name in ("forged", "more"):
        twin.publish(line(name))
    answers = iter([twin.answer(1, 2)])
    north.publish(line("b"))
    north.lies = lambda it: next(answers, None) or it.answer(1, 2)
    found = peering.pull_published(opened, owner, north)
    assert (found.state, (found.error or {})["code"]) == ("suspended", "peer_forked")


@pytest.mark.parametrize("forked", [False, True])
def test_two_readers_here_are_shown_one_ledger_of_two_sizes(
    opened: Service, owner: Caller, north: Publisher, *, forked: bool
) -> None:
    peering.add_published(opened, owner, north)
    peering.pull_published(opened, owner, north)
    twin = Publisher("north", key=north.key)
    twin.publish(line("other" if forked else "a"))
    twin.publish(line("b"))
    with serving(twin) as twin.url:
        peering.add_published(opened, owner, twin, "twin")
        found = peering.pull_published(opened, owner, twin, "twin")
    assert found.state == ("suspended" if forked else "active")
    assert [fork.reason for fork in found.forks] == ["inconsistent"] * forked


def test_a_feed_without_end_keeps_no_worker_for_good(
    opened: Service, owner: Caller, north: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    north.publish(line("b"))
    peering.add_published(opened, owner, north)
    monkeypatch.setattr(pulling, "TURN_SECONDS", -1.0)
    for read in (1, 2):
        found = peering.pull_published(opened, owner, north)
        assert (found.pages, found.added, found.error) == (read, read, None)


def test_items_withheld_by_a_peer_are_suspected(opened: Service, owner: Caller, north: Publisher) -> None:
    """It shows a withdrawal to others, and here a hash in its place, as if a later page said otherwise."""
    peering.add_published(opened, owner, north)
    peering.pull_published(opened, owner, north)
    north.publish(line("a", "withdrawn"))
    north.replaced.add(line("a", "withdrawn"))
    assert peering.pull_published(opened, owner, north).error is None, "it may not be signed yet"
    assert verdicts(opened, owner, "a") == ["related"]
    let_missing_entries_age(opened)
    found = peering.pull_published(opened, owner, north)
    assert ((found.error or {})["code"], found.state, found.withdrawn) == ("peer_withholds", "active", 1)
    assert verdicts(opened, owner, "a") == ["no_match"]
    north.publish(line("a", share=True))
    assert peering.pull_published(opened, owner, north).error is None
    assert verdicts(opened, owner, "a") == ["related"]


def test_a_contradicting_update_is_a_fork(opened: Service, owner: Caller, north: Publisher) -> None:
    peering.add_published(opened, owner, north)
    peer_id = UUID(peering.pull_published(opened, owner, north).peer_id)
    forged = note.sign(Checkpoint(north.signer.name, len(north.leaves), bytes(32)).text, [north.signer])
    assert not receive_news(opened, peer_id, feed_id=str(north.bank), checkpoint=forged)
    assert column_of(opened, "SELECT state FROM exchange") == [("suspended",)]
    ((first, second),) = column_of(opened, "SELECT first_note, second_note FROM peer_fork")
    assert (first, second) == (north.note(), forged)
    assert column_of(opened, "SELECT count(*) FROM event WHERE kind = 'peer.forked'") == [(1,)]


@pytest.mark.parametrize("grown", [0, 1])
def test_a_second_ledger_is_found_through_another_peer(
    opened: Service, owner: Caller, north: Publisher, grown: int
) -> None:
    twin, south, forger = Publisher("north", key=north.key), Publisher("south"), Publisher("north")
    forger.publish(line("a"))
    for number in range(grown + 1):
        twin.publish(line(f"other {number}"))
    south.witnessed = [7, "<script>", "", forger.note(), twin.note(), twin.note()]
    peering.add_published(opened, owner, north)
    assert peering.pull_published(opened, owner, north).error is None
    with serving(south) as south.url:
        peering.add_published(opened, owner, south)
        assert peering.pull_published(opened, owner, south).error is None
        if grown:
            north.publish(line("b"))
            north.publish(line("c"))
            peering.pull_published(opened, owner, north)
        found = get_peer(opened, owner, "north")
        (fork,) = found.forks
        assert (found.state, fork.second, fork.told_by) == ("suspended", twin.note(), "south")
        assert fork.reason == ("inconsistent" if grown else "same_size")
        witnessed = list_witnessed(opened, replace(owner, roles=frozenset({"peer"})))
        assert {fork.first, fork.second} <= {item.note for item in witnessed}, "and told on"
        # Who resumes it knows of it: it is not suspended again by the same notes.
        resume_peer(opened, owner, "north", restart=True)
        peering.pull_published(opened, owner, south)
        assert get_peer(opened, owner, "north").state == "active"


def test_checkpoints_shown_to_another_peer_are_verified(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    south = Publisher("south")
    peering.add_published(opened, owner, north)
    south.witnessed = [north.note()]
    north.publish(line("b"))
    south.witnessed.append(north.note())
    north.publish(line("c"))
    with serving(south) as south.url:
        peering.add_published(opened, owner, south)
        peering.pull_published(opened, owner, south)
        assert column_of(opened, "SELECT size FROM peer_heard ORDER BY size") == [(2,), (4,)]
        assert peering.pull_published(opened, owner, north).error is None
        assert column_of(opened, "SELECT size FROM peer_heard") == []
        # A ledger of which others were shown more than it admits here.
        south.witnessed = [Publisher("north", key=north.key, leaves=[*north.leaves, b"more"]).note()]
        peering.pull_published(opened, owner, south)
    assert peering.pull_published(opened, owner, north).error is None, "it may be a replica that is late"
    let_checkpoints_age(opened)
    found = peering.pull_published(opened, owner, north)
    assert ((found.error or {})["code"], found.state) == ("peer_forked", "suspended")
