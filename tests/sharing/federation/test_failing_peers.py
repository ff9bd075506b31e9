"""A peer that lies, forks, is slow, huge or gone: what is proved is kept and stays, and nothing else."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from prov.model import ProvAgent, ProvDocument

from registry.app.service.check_readiness import check_readiness
from registry.catalogue.banks.service.banks import change_bank, create_bank
from registry.catalogue.entries.commands.shown_entries import entry as shown_entry
from registry.catalogue.entries.service.entries import show_entry
from registry.core.errors import BadInput, Conflict, Gone
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.organizations.store import organizations
from registry.matching.lookups.commands import explain
from registry.matching.lookups.service.answers import answer_sha256
from registry.sharing.federation.schemas.peer import Peer, PeerShown
from registry.sharing.federation.service import pull_peer as pulling
from registry.sharing.federation.service.forks import receive_news
from registry.sharing.federation.service.peers import add_peer, remove_peer, request_peer, resume_peer
from registry.sharing.prov import commands as lineage
from registry.sharing.prov.model import lineage_drawing
from registry.sharing.prov.service import get_provenance
from registry.transparency.ledger.model import note
from registry.transparency.ledger.model.merkle import leaf_hash
from tests.support.entries import limit_banks, set_visibility
from tests.support.sharing import peering
from tests.support.sharing.publishing import Publisher, digest, exported, line, serving


def add(service: Service, owner: Caller, publisher: Publisher, name: str = "north", **fields: Any) -> None:
    peering.add_published(service, owner, publisher, name, **fields)


def pull(service: Service, owner: Caller, name: str = "north") -> PeerShown:
    return peering.pull_published(service, owner, Publisher(name))


def state(found: Peer) -> tuple[str | None, int, int, int]:
    error = found.error["code"] if found.error else None
    return error, found.added, found.withdrawn, found.rejected


def verdict(service: Service, owner: Caller, name: str) -> str:
    return str(answer_sha256(service, owner, digest(name))["verdict"])


def rows(service: Service, query: str) -> list[dict[str, Any]]:
    with service.pool.transaction() as connection:
        return connection.execute(query.encode()).fetchall()


def test_a_peers_tiers_are_capped_by_the_terms(opened: Service, owner: Caller, north: Publisher) -> None:
    add(opened, owner, north, tiers={"reviewed": "reviewed"})
    assert state(pull(opened, owner)) == (None, 3, 0, 0)
    assert set(north.asked) == {"Bearer fp_secret"}
    assert rows(opened, "SELECT DISTINCT tier, own_tier FROM entry") == [
        {"tier": "unreviewed", "own_tier": "reviewed"}
    ]
    # What came with an entry is trusted as it is, and asked for and counted once.
    assert rows(opened, "SELECT DISTINCT own_tier FROM entry_asset") == [{"own_tier": "reviewed"}]
    assert rows(opened, "SELECT DISTINCT reason FROM review_item") == [{"reason": "unreviewed"}]
    assert rows(opened, "SELECT DISTINCT asked FROM watch_due") == [{"asked": 1}]
    north.publish(line("a", tier="unreviewed"), line("b", "suspended"), line("c", "withdrawn"))
    assert state(pull(opened, owner)) == (None, 3, 2, 0)
    assert [verdict(opened, owner, item) for item in "abc"] == ["related", "no_match", "no_match"]
    statuses = "SELECT own_tier, status FROM entry ORDER BY status"
    assert [tuple(row.values()) for row in rows(opened, statuses)] == [
        ("unreviewed", "matchable"),
        ("reviewed", "suspended"),
        ("reviewed", "withdrawn"),
    ]
    north.publish(line("b"), line("c"))
    assert state(pull(opened, owner)) == (None, 5, 2, 0)
    assert [verdict(opened, owner, item) for item in "abc"] == ["related", "known_fake", "known_fake"]
    assert state(pull(opened, owner)) == (None, 5, 2, 0)


def test_two_ids_on_one_medium_are_one_entry_until_both_are_gone(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    add(opened, owner, north, tiers={"reviewed": "reviewed"})
    same = exported("same").media
    north.publish(line("x", tier="unreviewed", media=same), line("y", media=same), line("z", "withdrawn"))
    assert state(pull(opened, owner)) == (None, 4, 0, 0)
    # The one that is trusted more counts, and the words of the last.
    (kept,) = rows(
        opened,
        "SELECT e.own_tier, l.said ->> 'id' AS said, (SELECT count(*) FROM listing_source s WHERE"
        " s.entry_id = e.entry_id) AS records FROM entry e JOIN listing l USING (entry_id)"
        " WHERE entry_id IN (SELECT entry_id FROM foreign_entry GROUP BY entry_id HAVING count(*) = 2)",
    )
    assert kept == {"own_tier": "reviewed", "said": str(exported("y").entry_id), "records": 2}
    # The one that is left is not reviewed there.
    for gone, after in (("y", "related"), ("x", "no_match")):
        north.publish(line(gone, "withdrawn"))
        pull(opened, owner)
        assert verdict(opened, owner, "same") == after
    # What was taken back before it was ever read comes as anything else.
    north.publish(line("z", media=(*same, *exported("z").media)))
    assert state(pull(opened, owner)) == (None, 5, 1, 0)
    assert [verdict(opened, owner, item) for item in ("same", "z")] == ["known_fake", "known_fake"]


def test_media_that_a_trusted_entry_gains_wait_for_a_reviewer(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    add(opened, owner, north, tiers={"reviewed": "reviewed"})
    pull(opened, owner)
    north.publish(line("a", media=(*exported("a").media, *exported("more").media)))
    pull(opened, owner)
    assert verdict(opened, owner, "more") == "known_fake"
    assert len(rows(opened, "SELECT * FROM review_item WHERE reason = 'added_media'")) == 1
    assert {row["asked"] for row in rows(opened, "SELECT asked FROM watch_due")} == {1, 2}


def test_peer_entries_name_the_peer_and_its_licence(opened: Service, owner: Caller, north: Publisher) -> None:
    add(opened, owner, north)
    pull(opened, owner)
    answer = answer_sha256(opened, owner, digest("a"))
    (match,) = answer["matches"]
    theirs = str(exported("a").entry_id)
    assert match["foreign"] == [{"origin": "north/ledger", "entry_id": theirs, "licence": "CC-BY-4.0"}]
    text = f"published by north/ledger, licence CC-BY-4.0: entry {theirs} there"
    assert text in "\n".join(explain.lines("a", answer))
    entry_id = UUID(match["entry_id"])
    shown = show_entry(opened, owner, entry_id)
    (foreign,) = shown.foreign
    assert (foreign.peer, foreign.origin, foreign.licence) == ("north", "north/ledger", "CC-BY-4.0")
    assert (foreign.entry_id, foreign.status, foreign.tier) == (theirs, "matchable", "reviewed")
    hashed = leaf_hash(line("a")).hex()
    assert foreign.item_hash == hashed
    assert "your peer “north”, matchable and reviewed there" in "\n".join(shown_entry(shown.model_dump()))
    graph = get_provenance(opened, owner, entry_id)
    there = f"far:north%2Fledger:{theirs}"
    assert graph["entity"][there]["fp:licence"] == "CC-BY-4.0"
    assert graph["entity"][there]["fp:itemHash"] == hashed
    (taken,) = graph["wasDerivedFrom"].values()
    assert (taken["prov:generatedEntity"], taken["prov:usedEntity"]) == (f"entry:{entry_id}", there)
    assert taken["prov:type"] == {"$": "prov:PrimarySource", "type": "prov:QUALIFIED_NAME"}
    assert graph["agent"][taken["fp:assertedBy"]]["prov:label"] == "north/ledger"
    other = ProvDocument.deserialize(content=json.dumps(graph), format="json")
    assert [str(record.identifier) for record in other.get_records(ProvAgent)].count(
        "reg:north%2Fledger"
    ) == 1
    read = list(lineage.lines(graph))
    assert read[1] == "    licence: CC-BY-4.0"
    assert "No original of this entry is known." in read
    drawn = lineage_drawing.svg(graph)
    assert "imported from: CC-BY-4.0 · north/ledger" in drawn
    assert "entry of another registry" in drawn
    with opened.pool.transaction() as connection:
        set_visibility(opened, "public")
        elsewhere = organizations.insert(connection, "strangers")
    assert elsewhere
    stranger = replace(owner, organization_id=elsewhere)
    (foreign,) = show_entry(opened, stranger, entry_id).foreign
    assert (foreign.peer, foreign.licence) == (None, "CC-BY-4.0"), "a licence is everybody's to know"


@pytest.mark.parametrize("more", [0, 2])
def test_a_fork_is_detected_stored_and_reported(
    opened: Service, owner: Caller, north: Publisher, more: int
) -> None:
    add(opened, owner, north)
    assert pull(opened, owner).state == "active"
    assert check_readiness(opened).checks["peers"].ok
    north.leaves[1] = b"rewritten"
    for number in range(more):
        north.publish(line(f"forked {number}"))
    found = pull(opened, owner)
    assert (found.state, found.added, (found.error or {})["code"]) == ("suspended", 3, "peer_forked")
    (fork,) = found.forks
    notes = [note.verify(item, [north.signer.verifier]) for item in (fork.first, fork.second)]
    assert notes[0].text != notes[1].text
    assert fork.reason == ("inconsistent" if more else "same_size")
    assert not check_readiness(opened).checks["peers"].ok
    assert len(rows(opened, "SELECT * FROM event WHERE kind = 'peer.forked'")) == 1
    with pytest.raises(Conflict) as refused:
        request_peer(opened, owner, "north")
    assert refused.value.code == "peer_suspended"
    # Resumed, it is suspended again; believed anew, it is read from the beginning, and nothing doubles.
    resume_peer(opened, owner, "north")
    assert pull(opened, owner).state == "suspended"
    resume_peer(opened, owner, "north", restart=True)
    found = pull(opened, owner)
    assert (found.error, found.pages, len(found.forks)) == (None, 2 + more, 2)
    assert len(rows(opened, "SELECT * FROM entry")) == 3 + more


def test_two_readers_of_one_deployment_see_a_split_view(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    add(opened, owner, north)
    pull(opened, owner)
    twin = Publisher("north", key=north.key)
    twin.publish(line("a"), line("x"))
    twin.publish(line("c"))
    with serving(twin) as twin.url:
        add(opened, owner, twin, "twin")
        found = pull(opened, owner, "twin")
    assert (found.state, found.added, (found.error or {})["code"]) == ("suspended", 0, "peer_forked")


def _bomb(publisher: Publisher) -> None:
    publisher.lies = lambda _: gzip.compress(b"0" * (200 << 20), 1)
    publisher.headers["Content-Encoding"] = "gzip"


def _rolled_back(publisher: Publisher) -> None:
    publisher.leaves, publisher.pages = publisher.leaves[:2], publisher.pages[:1]


LIES: dict[str, tuple[str, Callable[[Publisher], None]]] = {
    "script": ("peer_garbled", lambda item: setattr(item, "lies", lambda _: b"<script>alert(1)</script>")),
    "not gzip": ("exchange_unreachable", lambda item: item.headers.update({"Content-Encoding": "br"})),
    "bomb": ("exchange_unreachable", _bomb),
    "endless": ("exchange_unreachable", lambda item: setattr(item, "lies", lambda _: b"[" * (20 << 20))),
    "older": ("peer_behind", _rolled_back),
    "repeated": ("peer_order", lambda item: setattr(item, "lies", lambda it: it.answer(0, 4))),
    "denied": ("exchange_refused", lambda item: setattr(item, "status", 403)),
    "unpublished": ("peer_unpublished", lambda item: setattr(item, "status", 404)),
    "failing": ("exchange_unreachable", lambda item: setattr(item, "status", 500)),
    "elsewhere": ("exchange_unreachable", lambda item: setattr(item, "status", 302)),
}


@pytest.mark.parametrize("lie", LIES)
def test_verified_entries_of_a_misbehaving_peer_stay(
    opened: Service, owner: Caller, north: Publisher, lie: str
) -> None:
    add(opened, owner, north)
    before = pull(opened, owner)
    code, misbehave = LIES[lie]
    misbehave(north)
    after = pull(opened, owner)
    assert ((after.error or {})["code"], after.state) == (code, "active")
    assert (after.pages, after.ledger_size, after.added) == (2, before.ledger_size, 3)
    assert verdict(opened, owner, "a") == "related"


def test_a_peer_that_is_slow_or_gone(
    opened: Service, owner: Caller, north: Publisher, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(opened, owner, north)
    pull(opened, owner)
    monkeypatch.setattr(pulling, "SECONDS", 1e-6)  # a whole answer was here within a millisecond
    assert state(pull(opened, owner)) == ("exchange_unreachable", 3, 0, 0)
    monkeypatch.undo()
    wrong = peering.peer_of(north, name="x", bank="north", address="http://[::1", keys=["k"])
    with pytest.raises(BadInput):
        add_peer(opened, owner, wrong)
    assert state(pull(opened, owner)) == (None, 3, 0, 0)


def test_bad_items_cost_themselves_alone(opened: Service, owner: Caller, north: Publisher) -> None:
    add(opened, owner, north)
    bad = b'{"feed":1,"entry_id":"<script>","status":"matchable"}'
    north.publish(line("d"), bad, b"[]", line("e", share=True, title="<b>bold</b> & \u202e"))
    found = pull(opened, owner)
    assert state(found) == (None, 5, 0, 2)
    assert {row["title"] for row in rows(opened, "SELECT title FROM entry WHERE title LIKE '<%'")} == {
        "<b>bold</b> & \u202e"
    }


@pytest.mark.slow
def test_the_same_id_of_two_peers_is_two_and_a_bank_is_a_quota(
    opened: Service, owner: Caller, north: Publisher
) -> None:
    south = Publisher("south")
    south.publish(line("a", media=(exported("other").media[0],)))
    add(opened, owner, north)
    pull(opened, owner)
    with serving(south) as south.url:
        add(opened, owner, south, "south")
        pull(opened, owner, "south")
        south.publish(line("a", "withdrawn"))
        pull(opened, owner, "south")
    assert [verdict(opened, owner, item) for item in ("a", "other")] == ["related", "no_match"]
    limit_banks(opened, 4, "north")
    north.publish(line("d"))
    north.publish(line("e"))
    assert state(pull(opened, owner)) == ("bank_full", 4, 0, 0)
    north.publish(line("f"), line("b", "withdrawn"))
    assert state(pull(opened, owner)) == ("bank_full", 4, 1, 0), "what is taken back waits for no room"
    assert state(pull(opened, owner)) == ("bank_full", 5, 1, 0), "and makes some"
    north.publish(line("a", "withdrawn"), line("c", "suspended"))
    assert state(pull(opened, owner)) == ("bank_full", 5, 3, 0)
    assert [verdict(opened, owner, item) for item in "abcde"] == ["no_match"] * 3 + ["related"] * 2
    limit_banks(opened, None, "north")
    assert state(pull(opened, owner)) == (None, 6, 3, 0)
    assert [verdict(opened, owner, item) for item in "abcf"] == ["no_match"] * 3 + ["related"]


def test_peer_updates_are_signed_by_its_ledger(opened: Service, owner: Caller, north: Publisher) -> None:
    add(opened, owner, north)
    peer_id = UUID(pull(opened, owner).peer_id)
    old, queued = north.note(), "SELECT status FROM job WHERE task = 'fetch_exchange' AND status = 'queued'"

    def hear(checkpoint: str, feed_id: str = str(north.bank)) -> bool:
        return receive_news(opened, peer_id, feed_id=feed_id, checkpoint=checkpoint)

    assert not hear(old), "it was verified before"
    north.publish(line("a", "withdrawn"))
    other = Publisher("north")
    other.leaves = north.leaves
    with pytest.raises(BadInput) as forged:
        hear(other.note())
    assert forged.value.code == "news_unsigned"
    assert not hear(north.note(), "0" * 8)
    assert rows(opened, queued) == []
    assert hear(north.note())
    assert hear(north.note()), "told twice"
    assert len(rows(opened, queued)) == 1
    pull(opened, owner)
    assert verdict(opened, owner, "a") == "no_match"
    assert not hear(north.note())
    remove_peer(opened, owner, "north")
    with pytest.raises(Gone) as gone:
        hear(north.note())
    assert (gone.value.status, gone.value.code) == (410, "peer_gone")


def test_imported_entries_are_not_published(opened: Service, owner: Caller, north: Publisher) -> None:
    add(opened, owner, north)
    with pytest.raises(Conflict) as refused:
        change_bank(opened, owner, "north", {"published": True})
    assert refused.value.code == "not_publishable"
    create_bank(opened, owner, name="out", policy={"published": True})
    with pytest.raises(Conflict) as full:
        add_peer(opened, owner, peering.peer_of(north, name="x", bank="out"))
    assert full.value.code == "bank_published"
    remove_peer(opened, owner, "north")
    assert rows(opened, "SELECT credentials, state FROM exchange") == [
        {"credentials": None, "state": "removed"}
    ]
