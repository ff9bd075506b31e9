"""Three registries as real processes that read each other's feeds, in loops."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from registry.identity.callers.service.keys import authenticate
from tests.support.media import drawn
from tests.support.service import stack
from tests.support.service.servers import PostgresServer
from tests.support.sharing import peering
from tests.support.sharing.peering import Registry, let_checkpoints_age
from tests.support.sharing.publishing import Publisher, line, serving
from tests.support.sharing.webhooks import set_webhook_state

pytestmark = pytest.mark.slow(19)

READS = (("south", "north"), ("north", "south"), ("south", "east"), ("east", "north"))


@pytest.fixture(scope="module")
def three(
    embedded_postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Registry]]:
    folder: Path = tmp_path_factory.mktemp("peers")
    names = ("north", "south", "east")
    with peering.registries(embedded_postgres, folder, *names) as made:
        found = dict(zip(names, made, strict=True))
        for reader, of in READS:
            found[reader].add(of, found[of])
        yield found


@contextmanager
def shown_two(
    name: str, item: Registry, other: Registry, *, grown: int, forked: bool = True
) -> Iterator[None]:
    """Registries that read a third, which shows each a ledger: the same up to so many pages more, or not."""
    first = Publisher(name.replace(" ", "-"))
    first.publish(line("a"))
    second = Publisher(first.name, key=first.key)
    second.publish(line("b" if forked else "a"))
    for number in range(grown):
        second.publish(line(f"grown {number}"))
    with serving(first) as first.url, serving(second) as second.url:
        for registry, shown in ((item, first), (other, second)):
            with registry.api.service() as service:
                caller = authenticate(service, registry.token)
                peering.add_published(service, caller, shown, name)
                assert peering.pull_published(service, caller, shown, name).error is None
        yield


def pull_all(three: dict[str, Registry]) -> list[dict[str, Any]]:
    for item in three.values():
        item.publish()
    return [three[reader].pull(of) for reader, of in READS]


@pytest.mark.main
def test_registrations_and_withdrawals_reach_the_peer(
    three: dict[str, Registry],
) -> None:
    north, south = three["north"], three["south"]
    clip = drawn.clip("abroad", face="somebody")
    entry = north.register(clip, title="A name that stays at home", claim="and a claim")
    north.publish()
    read = south.pull("north")
    assert (read["error"], read["added"], read["state"], read["pages"]) == (None, 1, "active", 1)
    assert south.verdict(clip) == "related"
    (kept,) = south.rows(
        "SELECT f.*, e.title, e.tier, e.own_tier, l.said FROM foreign_entry f JOIN entry e USING (entry_id)"
        " JOIN listing l USING (entry_id)"
    )
    assert (str(kept["origin_entry_id"]), kept["licence"]) == (entry, "CC-BY-4.0")
    assert kept["said"] == {"id": entry, "source": "north/ledger"}
    assert kept["title"].startswith("untitled")
    assert (kept["tier"], kept["own_tier"]) == ("unreviewed", "unreviewed")
    assert len(north.rows("SELECT face_id FROM face_fingerprint")) > 0
    assert south.rows("SELECT face_id FROM face_fingerprint") == []
    north.call("POST", f"/v1/entries/{entry}/withdraw", json={"reason_code": "mistaken"})
    north.publish()
    read = south.pull("north")
    assert (read["error"], read["withdrawn"]) == (None, 1)
    assert south.verdict(clip) == "no_match"


def test_loops_and_duplicates_come_to_rest(three: dict[str, Registry]) -> None:
    same = drawn.clip("everywhere")
    for name, one in three.items():
        one.register(same)
        one.register(drawn.clip(f"only {name}"))
    first = pull_all(three)
    again = pull_all(three)
    assert [item["error"] for item in first + again] == [None] * 8
    counted = [(item["added"], item["pages"]) for item in again]
    assert counted == [(item["added"], item["pages"]) for item in first]
    # Who reads north knows what north says, and not what north has read of south.
    for reader, of in READS:
        clip = drawn.clip(f"only {of}")
        assert three[reader].verdict(clip) == "related"
    assert three["east"].verdict(drawn.clip("only south")) == "no_match"
    # What is in a feed is of its own registry: items of others are said by nobody else.
    for registry in three.values():
        foreign = "SELECT i.entry_id FROM feed_item i JOIN foreign_entry f ON f.entry_id = i.entry_id"
        assert registry.rows(foreign) == []


def test_reading_feeds_needs_the_scope(three: dict[str, Registry]) -> None:
    north = three["north"]
    with north.api.client(north.key_for("a reader")) as reader, north.api.client(None) as nobody:
        found = reader.get("/v1/feeds").json()
        assert (found["origin"], found["keys"]) == ("north/ledger", north.keys)
        assert [(feed["bank"], feed["licence"]) for feed in found["feeds"]] == [("own", "CC-BY-4.0")]
        page = reader.get(f"/v1/feeds/{north.feed}")
        assert page.headers["content-encoding"] == "gzip"
        assert json.loads(page.text.splitlines()[0])["page"] == 1
        assert nobody.get("/v1/feeds").status_code == 401
        assert north.client.get("/v1/feeds").status_code == 403
        assert reader.get("/v1/peers").status_code == 403
        ahead = reader.get(f"/v1/feeds/{north.feed}", params={"seen": 2**40})
        assert (ahead.status_code, ahead.json()["code"]) == (400, "bad_range")
        north.call("PATCH", "/v1/banks/own", json={"policy": {"published": False}})
        gone = reader.get(f"/v1/feeds/{north.feed}")
        assert (gone.status_code, gone.json()["code"]) == (404, "unknown_feed")
        north.call("PATCH", "/v1/banks/own", json={"policy": {"published": True, "licence": "CC0-1.0"}})
    read = pull_all(three)[0]
    assert read["error"] is None
    licences = three["south"].rows("SELECT DISTINCT licence FROM foreign_entry WHERE status = 'matchable'")
    assert {row["licence"] for row in licences} == {"CC0-1.0", "CC-BY-4.0"}
    # Who comes now reads hashes of what was said first, and then what is said instead.
    three["south"].add("late", north)
    assert three["south"].pull("late")["error"] is None
    assert three["south"].rows("SELECT FROM peer_awaited") == []


def test_a_withdrawal_is_notified_and_applied_at_once(three: dict[str, Registry]) -> None:
    north, south = three["north"], three["south"]
    clip = drawn.clip("told")
    entry = north.register(clip)
    north.publish()
    south.call("POST", "/v1/peers/north/pull", 202)
    assert south.read_what_is_asked() == 1, "and asks to be told"
    assert south.verdict(clip) == "related"
    (hook,) = north.rows("SELECT url, kinds, state FROM webhook")
    peer_id = south.call("GET", "/v1/peers/north")["peer_id"]
    assert hook["url"] == f"{south.api.url}/v1/peers/{peer_id}/news"
    north.tell()
    assert south.read_what_is_asked() == 0, "what it has read is no news"
    north.call("POST", f"/v1/entries/{entry}/withdraw", json={"reason_code": "mistaken"})
    north.publish()
    north.tell()
    north.tell()
    assert len(north.rows("SELECT FROM webhook_delivery WHERE status = 'delivered'")) == 2
    assert south.read_what_is_asked() == 1
    assert south.verdict(clip) == "no_match"
    assert len(south.rows("SELECT FROM event WHERE kind = 'entry.withdrawn'")) >= 1
    assert len(north.rows("SELECT FROM webhook")) == 1
    place = f"/v1/feeds/{north.feed}/readers"
    with north.api.client(north.key_for(f"reader {south.api.url}")) as reader:
        again = reader.post(place, json={"url": hook["url"]}).json()
        assert again == reader.post(place, json={"url": hook["url"]}).json(), "asking twice is asking once"
        with north.api.service() as service:
            set_webhook_state(service, "paused")
        paused = reader.post(place, json={"url": hook["url"]})
        assert (paused.status_code, paused.json()["code"]) == (409, "webhook_paused")
        with north.api.service() as service:
            set_webhook_state(service, "disabled", reason="gone")
        other = reader.post(place, json={"url": f"{south.api.url}/other"})
        assert other.status_code == 201, other.text
        assert [str(row["webhook_id"]) for row in north.rows("SELECT webhook_id FROM webhook")] == [
            other.json()["webhook_id"]
        ], "what wanted to be told no more is forgotten"
        hidden = reader.post(f"/v1/feeds/{peer_id}/readers", json={"url": hook["url"]})
        assert (hidden.status_code, hidden.json()["code"]) == (404, "unknown_feed")
    with north.api.client(None) as nobody, south.api.client(None) as anybody:
        response = nobody.post(f"/v1/feeds/{north.feed}/readers", json={"url": "https://x.example"})
        assert response.status_code == 401
        news = {"type": "feed.published", "data": {"feed": north.feed, "checkpoint": "x\n"}}
        response = anybody.post(f"/v1/peers/{peer_id}/news", json=news)
        assert (response.status_code, response.json()["code"]) == (400, "news_unsigned")
        gone = anybody.post(f"/v1/peers/{north.feed}/news", json=news)
        assert (gone.status_code, gone.json()["code"]) == (410, "peer_gone")


@pytest.mark.parametrize("grown", [0, 1])
def test_a_split_view_is_found_by_a_reader_of_both(three: dict[str, Registry], grown: int) -> None:
    """South reads the two-faced one and north; north reads it too, and was shown another ledger."""
    name = f"two faces {grown}"
    with shown_two(name, north := three["north"], south := three["south"], grown=grown):
        found = south.call("GET", f"/v1/peers/{name}")
        assert (found["state"], found["forks"]) == ("active", [])
        assert south.pull("north")["error"] is None
        if grown:
            assert south.call("GET", f"/v1/peers/{name}")["state"] == "active", "it may prove it"
            found = south.pull(name)
            assert found["error"]["code"] == "peer_forked"
        else:
            found = south.call("GET", f"/v1/peers/{name}")
        assert found["state"] == "suspended"
        (fork,) = found["forks"]
        assert (fork["reason"], fork["told_by"]) == (("inconsistent" if grown else "same_size"), "north")
        assert len(south.rows("SELECT FROM event WHERE kind = 'peer.forked'")) == grown + 1
        # North, where nothing was seen, finds it by what south holds.
        north.add(f"back {grown}", south)
        north.pull(f"back {grown}")
        # It was shown less than south: first that may be a replica that is late.
        with north.api.service() as service:
            let_checkpoints_age(service)
        found = north.call("GET", f"/v1/peers/{name}") if not grown else north.pull(name)
        assert (found["state"], found["forks"][0]["told_by"]) == ("suspended", f"back {grown}")
    shown = stack.within("peer", "show", name, FAKEPRINT_URL=south.api.url, FAKEPRINT_KEY=south.token)
    assert "reported by “north”" in shown.stdout


def test_checkpoints_of_others_are_verified_once(three: dict[str, Registry]) -> None:
    with shown_two("honest", three["north"], three["south"], grown=2, forked=False):
        for _ in range(2):
            assert three["south"].pull("north")["error"] is None
            found = three["south"].pull("honest")
            assert (found["state"], found["error"]) == ("active", None)
        left = "SELECT FROM peer_heard JOIN exchange USING (exchange_id) WHERE name = 'honest'"
        assert three["south"].rows(left) == []
    with three["north"].api.client(three["north"].key_for("a witness")) as reader:
        listed = reader.get("/v1/ledger/witnessed").json()["ledgers"]
        assert "honest/ledger" in {ledger["key"].partition("+")[0] for ledger in listed}
        assert three["north"].client.get("/v1/ledger/witnessed").status_code == 403


def test_a_key_at_a_peer_is_replaced(three: dict[str, Registry], tmp_path: Path) -> None:
    north, south = three["north"], three["south"]
    file = tmp_path / "new.key"

    def change(key: str) -> stack.Ran:
        file.write_text(f"{key}\n")
        words = ("peer", "credential", "north", "--credential", str(file))
        return stack.within(*words, FAKEPRINT_URL=south.api.url, FAKEPRINT_KEY=south.token)

    assert change("fp_unknown").stdout == "peer “north” is read with the new key\n"
    assert south.pull("north")["error"]["code"] == "exchange_refused"
    assert change(north.key_for(f"reader {south.api.url}")).status == 0
    assert south.pull("north")["error"] is None
    assert "bad_credentials" in change("two words").stderr


def test_the_command_line(three: dict[str, Registry]) -> None:
    south = three["south"]

    def run(*arguments: str) -> stack.Ran:
        return stack.within(*arguments, FAKEPRINT_URL=south.api.url, FAKEPRINT_KEY=south.token)

    listed = run("peer", "list")
    assert listed.status == 0, listed.stderr
    assert "north (north/ledger, bank north)" in listed.stdout
    assert run("peer", "suspend", "east").stdout == "peer “east” is suspended\n"
    refused = run("peer", "pull", "east")
    assert (refused.status, "peer_suspended" in refused.stderr) == (1, True)
    assert run("peer", "resume", "east").status == 0
    shown = run("peer", "show", "east", "--json").line
    assert (shown["state"], shown["forks"], shown["tiers"]) == ("active", [], {})
    wrong = run("peer", "add", "https://x.example", "--key", "nonsense", "--feed", "x", "--bank", "own")
    assert (wrong.status, "bad_verifier_key" in wrong.stderr) == (1, True)
    assert "is no longer read" in run("peer", "remove", "east").stdout
    assert run("peer", "show", "east").status == 1
