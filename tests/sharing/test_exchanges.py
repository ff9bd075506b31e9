"""Hash exchanges read over HTTP, by their own library: in, changed, taken back, broken."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from registry.catalogue.banks.service.banks import create_bank
from registry.catalogue.fingerprints.model.algorithms import PDQ
from registry.core.errors import BadInput, Conflict, NotFound, Unavailable
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.matching.lookups.service.answers import answer_md5
from registry.matching.lookups.service.hashes import answer_hash
from registry.sharing.hma.service.signals import SignalQuery, match_signal
from registry.sharing.sources import model as exchange
from registry.sharing.sources import readers as peers
from registry.sharing.sources.schemas import Exchange, ExchangeKind, NewExchange
from registry.sharing.sources.service.exchanges import (
    add_exchange,
    change_credentials,
    fetch_due,
    list_exchanges,
    remove_exchange,
    request_exchange,
)
from registry.sharing.sources.service.reading import fetch_exchange
from tests.support.entries import suspend, withdraw
from tests.support.identity import close_organizations
from tests.support.jobs import finish_jobs
from tests.support.media import drawn
from tests.support.service.stack import Stack
from tests.support.sharing.exchanges import (
    NCMEC,
    StopNCII,
    ThreatExchange,
    let_checkpoints_age,
    make_exchanges_due,
    ncmec_record,
    serving,
    stopncii_record,
    threat_update,
)

SECRETS = {
    "stopncii": {"function_key": "fk", "subscription_key": "sk"},
    "ncmec": {"user": "user", "password": "pass"},
    "threatexchange": {"token": "123|secret-token-of-ours"},
    "file": {},
}


def hex_of(seed: str, width: int = 32) -> str:
    return drawn.generator(seed).bytes(width).hex()


@pytest.fixture
def opened(service: Service, owner: Caller, tmp_path: Path) -> Service:
    """A deployment that may read this machine's exchanges, with a private bank for one."""
    create_bank(service, owner, name="partner", visibility="private")
    chosen = service.settings.model_copy(update={"exchange_private": True, "exchange_files": str(tmp_path)})
    return Service(service.pool, service.blobs, service.publisher, chosen)


def add(service: Service, owner: Caller, kind: ExchangeKind, address: str, **fields: Any) -> UUID:
    body = {"name": kind, "bank": "partner", "credentials": SECRETS[kind]} | fields
    new = NewExchange.model_construct(kind=kind, address=address, **body)
    return UUID(add_exchange(service, owner, new).exchange_id)


def fetch(service: Service, owner: Caller, name: str) -> Exchange:
    """As a worker does it; the exchange afterwards."""
    request_exchange(service, owner, name)
    with service.pool.transaction() as connection:
        (row,) = connection.execute(
            "SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'"
        ).fetchall()
    job = claim_job(service, row["job_id"])
    assert job
    fetch_exchange(service, job, lambda _share: None)
    (found,) = list_exchanges(service, owner)
    assert found.fetching is False
    return found


def counts(found: Exchange) -> tuple[int, int, int]:
    return found.added, found.withdrawn, found.rejected


def verdict(service: Service, owner: Caller, value: str) -> str:
    if len(value) == 32:
        return str(answer_md5(service, owner, value)["verdict"])
    return str(answer_hash(service, owner, PDQ.name, value)["verdict"])


def states(service: Service) -> dict[str, int]:
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT status, count(*) AS n FROM entry GROUP BY status").fetchall()
    return {row["status"]: row["n"] for row in rows}


def a_minute_ago(service: Service) -> None:
    """As if it had been read then: between readings that are closer nothing is asked."""
    let_checkpoints_age(service, seconds=60)


@pytest.mark.slow
def test_stopncii(opened: Service, owner: Caller) -> None:
    still, video, denied = hex_of("still"), hex_of("video", 16), hex_of("denied")
    with serving(StopNCII(), "/v1") as server:
        server.records = [
            stopncii_record(100, still, said={"A": "Blocked"}),
            stopncii_record(101, video, "Received"),
            stopncii_record(102, denied, said={"A": "Blocked", "B": "NotBlocked"}),
            stopncii_record(103, hex_of("t"), signalType="Text"),
            stopncii_record(104, "zz" * 32),
        ]
        add(opened, owner, "stopncii", server.url)
        found = fetch(opened, owner, "stopncii")
        assert (counts(found), found.error) == ((3, 0, 1), None)
        assert (found.progress_at or "").startswith("1970-01-01T00:01:45")
        assert [verdict(opened, owner, item) for item in (still, video, denied)] == [
            "related",
            "known_fake",
            "no_match",
        ]
        server.records += [stopncii_record(200, still, "Withdrawn"), stopncii_record(201, video, "Deleted")]
        requests = len(server.asked)
        assert counts(fetch(opened, owner, "stopncii")) == (3, 2, 1)
        assert "startTimestamp=105" in server.asked[requests]
        assert [verdict(opened, owner, item) for item in (still, video)] == ["no_match", "no_match"]
        server.records.append(stopncii_record(300, still, said={"A": "Blocked"}))
        assert counts(fetch(opened, owner, "stopncii")) == (4, 2, 1)
        assert verdict(opened, owner, still) == "related"
    assert states(opened) == {"matchable": 1, "withdrawn": 1, "suspended": 1}


def test_ncmec(opened: Service, owner: Caller) -> None:
    """A record has several hashes of one medium; two members may report the same one."""
    still, md5, shared = hex_of("still"), hex_of("still", 16), hex_of("shared", 16)
    with serving(NCMEC(), "/hashsharing") as server:
        server.records = [
            ncmec_record("image", "i1", 10, {"MD5": md5, "PDQ": still, "SHA1": "ab" * 20}),
            ncmec_record("video", "v1", 10, {"MD5": shared}),
            ncmec_record("video", "v1", 20, {"MD5": shared}),
            ncmec_record("image", "i2", 30, {"PDNA": "1,2,3"}),
            ncmec_record("image", "i3", 99, {"PDQ": hex_of("other member's")}),
        ]
        server.page = 100
        add(opened, owner, "ncmec", server.url, options={"only_esp_ids": [10, 20, 30]})
        found = fetch(opened, owner, "ncmec")
        assert (counts(found), found.error) == ((2, 0, 0), None)
        assert [verdict(opened, owner, item) for item in (still, md5, shared)] == [
            "related",
            *["known_fake"] * 2,
        ]
        client = replace(owner, roles=owner.roles | {"hma", "lookup"})
        matched = [match_signal(opened, client, "", SignalQuery("video_md5", item)) for item in (md5, shared)]
        assert [len(media) for media in matched] == [0, 1], "the MD5 of a picture is none of a video"
        a_minute_ago(opened)
        server.records = [ncmec_record("video", "v1", 10, {}, deleted=True)]
        assert counts(fetch(opened, owner, "ncmec")) == (2, 0, 0)
        assert verdict(opened, owner, shared) == "known_fake"
        a_minute_ago(opened)
        server.records = [ncmec_record("video", "v1", 20, {}, deleted=True)]
        assert counts(fetch(opened, owner, "ncmec")) == (2, 1, 0)
        assert verdict(opened, owner, shared) == "no_match"


@pytest.mark.slow
def test_threatexchange(opened: Service, owner: Caller) -> None:
    one, two, three = (hex_of(f"{n}") for n in range(3))
    with serving(ThreatExchange(), "/v26.0") as server:
        server.records = [
            threat_update(100, "HASH_PDQ", one),
            threat_update(101, "HASH_PDQ", two, "MALICIOUS", "NON_MALICIOUS"),
            threat_update(102, "HASH_VIDEO_MD5", three[:32], "UNKNOWN"),
            threat_update(103, "URI", "https://a.example"),
        ]
        add(opened, owner, "threatexchange", server.url, options={"privacy_group": 77})
        found = fetch(opened, owner, "threatexchange")
        assert (counts(found), found.error) == ((3, 0, 0), None)
        assert [verdict(opened, owner, value) for value in (one, two)] == ["related", "no_match"]
        server.records = [
            threat_update(200, "HASH_PDQ", one, deleted=True),
            threat_update(201, "HASH_PDQ", two, "MALICIOUS"),
        ]
        assert counts(fetch(opened, owner, "threatexchange")) == (4, 1, 0)
        assert [verdict(opened, owner, value) for value in (one, two)] == ["no_match", "related"]
        server.records = [threat_update(300 + n, "HASH_PDQ", hex_of(f"x{n}")) for n in range(4)]
        server.elsewhere = "http://127.0.0.1:9"
        cut = fetch(opened, owner, "threatexchange")
        assert ((cut.error or {})["code"], cut.added) == ("exchange_garbled", 6)
        assert not any("secret" in str(value) for _, value in cut)
        server.elsewhere = ""
        assert counts(fetch(opened, owner, "threatexchange")) == (8, 1, 0)


def test_a_file_is_read_whole_each_time(opened: Service, owner: Caller, tmp_path: Path) -> None:
    one, two = hex_of("1"), hex_of("2")
    (tmp_path / "list ñ.txt").write_text(f"pdq {one}\npdq {two}\nvideo_md5 {one[:32]}\npdq bad\n")
    add(opened, owner, "file", "list ñ.txt")
    assert counts(fetch(opened, owner, "file")) == (3, 0, 1)
    (tmp_path / "list ñ.txt").write_text(f"pdq {two}\n")
    assert counts(fetch(opened, owner, "file")) == (3, 2, 1)
    assert [verdict(opened, owner, value) for value in (one, two)] == ["no_match", "related"]
    (tmp_path / "list ñ.txt").unlink()
    assert (fetch(opened, owner, "file").error or {})["code"] == "no_exchange_file"
    (tmp_path / "list ñ.txt").symlink_to("/etc/passwd")
    assert (fetch(opened, owner, "file").error or {})["code"] == "no_exchange_file"
    for name in ("../passwd", "/etc/passwd", "", ".."):
        with pytest.raises(BadInput, match="name in the folder"):
            add(opened, owner, "file", name, name="other")


def test_an_interrupted_exchange_resumes(opened: Service, owner: Caller) -> None:
    with serving(ThreatExchange(), "/v26.0") as server:
        server.records = [threat_update(100 + n, "HASH_PDQ", hex_of(f"{n}")) for n in range(7)]
        server.broken = 4
        add(opened, owner, "threatexchange", server.url, options={"privacy_group": 77})
        found = fetch(opened, owner, "threatexchange")
        assert (found.added, (found.error or {})["code"]) == (4, "exchange_unreachable")
        assert found.fetched_at is None
        server.broken = None
        found = fetch(opened, owner, "threatexchange")
        assert (counts(found), found.error) == ((7, 0, 0), None)
        assert states(opened) == {"matchable": 7}


@pytest.mark.parametrize(
    ("lie", "code"),
    [
        ((200, "application/json", b"<html>"), "exchange_garbled"),
        ((200, "application/json", b"[]"), "exchange_garbled"),
        ((200, "application/json", b'{"hashRecords": 7}'), "exchange_garbled"),
        ((401, "text/plain", b"no"), "exchange_refused"),
        ((404, "text/plain", b"no"), "exchange_unreachable"),
        ((302, "text/plain", b"", {"Location": "http://127.0.0.1:9/latest/meta-data"}), "exchange_garbled"),
    ],
)
def test_an_exchange_that_lies_changes_nothing(opened: Service, owner: Caller, lie: Any, code: str) -> None:
    with serving(StopNCII(), "/v1") as server:
        server.lies = lie
        add(opened, owner, "stopncii", server.url)
        found = fetch(opened, owner, "stopncii")
        assert ((found.error or {})["code"], counts(found)) == (code, (0, 0, 0))
        assert "127.0.0.1" not in (found.error or {})["message"]
        assert all(query.startswith("/v1/") for query in server.asked)


def test_private_addresses_are_refused_unless_they_are_allowed(opened: Service, owner: Caller) -> None:
    with serving(StopNCII(), "/v1") as server:
        terms = exchange.terms("stopncii", server.url, {}, SECRETS["stopncii"], private=True)
        with pytest.raises(Unavailable) as caught:
            list(peers.read(terms, None, private=False, folder=None).deltas)
        assert (caught.value.code, server.asked) == ("address_refused", [])
    with pytest.raises(BadInput) as refused:
        exchange.terms("stopncii", "http://exchange.example/v1", {}, SECRETS["stopncii"], private=False)
    assert refused.value.code == "bad_address"


def test_credentials_are_encrypted_and_deleted_with_the_exchange(opened: Service, owner: Caller) -> None:
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, hex_of("1"))]
        exchange_id = add(opened, owner, "stopncii", server.url)
        with opened.pool.transaction() as connection:
            (row,) = connection.execute("SELECT credentials FROM exchange").fetchall()
        assert b"fk" not in bytes(row["credentials"])
        assert opened.keys.find(exchange_id) is not None
        fetch(opened, owner, "stopncii")
        assert remove_exchange(opened, owner, "stopncii").state == "removed"
        assert opened.keys.find(exchange_id) is None
        assert list_exchanges(opened, owner) == []
        assert verdict(opened, owner, hex_of("1")) == "related"
        add(opened, owner, "stopncii", server.url)


def test_credentials_are_replaced_and_entries_go_on(opened: Service, owner: Caller) -> None:
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, hex_of("1"))]
        add(opened, owner, "stopncii", server.url)
        assert counts(fetch(opened, owner, "stopncii")) == (1, 0, 0)
        change_credentials(opened, owner, "stopncii", {"function_key": "no", "subscription_key": "sk"})
        a_minute_ago(opened)
        refused = fetch(opened, owner, "stopncii")
        assert (refused.error or {})["code"] == "exchange_refused"
        server.records += [stopncii_record(200, hex_of("1"), "Withdrawn")]
        again = change_credentials(opened, owner, "stopncii", SECRETS["stopncii"])
        assert again.progress_at == refused.progress_at
        found = fetch(opened, owner, "stopncii")
        assert (counts(found), found.error) == ((1, 1, 0), None), "what was read before follows a withdrawal"
        for wrong in ({}, {"function_key": "x"}, {"token": "123|x"}):
            with pytest.raises(BadInput) as caught:
                change_credentials(opened, owner, "stopncii", wrong)
            assert caught.value.code == "bad_credentials"
        stranger = Caller(owner.caller_id, UUID(int=1), "other", frozenset({"admin"}))
        with pytest.raises(NotFound):
            change_credentials(opened, stranger, "stopncii", SECRETS["stopncii"])


def test_permissions_of_exchanges(opened: Service, owner: Caller) -> None:
    address = "https://exchange.example/v1"
    add(opened, owner, "stopncii", address)
    for said, code in (
        ({"name": "stopncii"}, "exchange_exists"),
        ({"name": "other"}, "exchange_exists"),
        ({"name": "other", "bank": "default"}, "bank_not_private"),
        ({"name": "other", "bank": "none"}, "unknown_bank"),
        ({"name": "other", "credentials": {"function_key": "x"}}, "bad_credentials"),
        ({"name": "other", "options": {"x": 1}}, "bad_options"),
        ({"name": "other", "every": 1}, "bad_interval"),
    ):
        with pytest.raises((Conflict, BadInput, NotFound)) as caught:
            add(opened, owner, "stopncii", address, **said)
        assert caught.value.code == code
    stranger = Caller(owner.caller_id, UUID(int=1), "other", frozenset({"admin"}))
    assert list_exchanges(opened, stranger) == []
    with pytest.raises(NotFound):
        remove_exchange(opened, stranger, "stopncii")


def test_the_beat_asks_for_those_that_are_due(opened: Service, owner: Caller) -> None:
    add(opened, owner, "stopncii", "https://exchange.example/v1")
    finish_jobs(opened)
    assert (fetch_due(opened), fetch_due(opened)) == (1, 0)
    make_exchanges_due(opened)
    assert fetch_due(opened) == 1
    with opened.pool.transaction() as connection:
        (row,) = connection.execute("SELECT count(*) AS n FROM job WHERE status = 'queued'").fetchall()
    assert row["n"] == 1


def test_exchange_entries_end_with_their_organization(opened: Service, owner: Caller) -> None:
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, hex_of("1"))]
        add(opened, owner, "stopncii", server.url)
        close_organizations(opened)
        make_exchanges_due(opened)
        assert counts(fetch(opened, owner, "stopncii")) == (0, 0, 0)
        assert (fetch_due(opened), server.asked) == (0, [])


def test_a_worker_reads_it(running_service: Stack, tmp_path: Path) -> None:
    """By the queue, in a process of its own; what it meets stands at the exchange."""
    run = running_service.fakeprint
    secret = tmp_path / "keys.json"
    secret.write_text('{"function_key": "fk", "subscription_key": "sk"}')
    assert run("admin", "bank", "add", "to fill", "--visibility", "private").status == 0
    options = ("--kind", "stopncii", "--bank", "to fill", "--credentials", secret)
    made = run("exchange", "add", "nearby", *options, "--address", "https://127.0.0.1:9/v1", "--json")
    assert made.status == 0, made
    done = run("exchange", "fetch", "nearby", "--json", "--timeout", "60")
    assert (done.status, done.line["error"]["code"]) == (1, "address_refused"), done
    assert run("exchange", "list", "--json").line["error"]["code"] == "address_refused"
    changed = run("exchange", "credentials", "nearby", "--credentials", secret)
    assert changed.stdout == "exchange “nearby” is read with the new credentials\n", changed
    assert run("exchange", "remove", "nearby").status == 0


def test_decisions_of_people_survive_an_update(opened: Service, owner: Caller) -> None:
    """An exchange neither lifts a suspension nor undoes a withdrawal that is not its own."""
    values = [hex_of(f"{n}") for n in range(3)]
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, value, said={"A": "Blocked"}) for value in values]
        add(opened, owner, "stopncii", server.url)
        fetch(opened, owner, "stopncii")
        with opened.pool.transaction() as connection:
            ids = [
                row["entry_id"]
                for row in connection.execute("SELECT entry_id FROM entry ORDER BY 1").fetchall()
            ]
            withdraw(opened, ids[0])
            suspend(opened, ids[1], reason="dispute")
        for at, status in ((200, "Withdrawn"), (300, "Active")):
            server.records = [stopncii_record(at, value, status) for value in values]
            fetch(opened, owner, "stopncii")
        with opened.pool.transaction() as connection:
            rows = connection.execute("SELECT entry_id, status FROM entry ORDER BY 1").fetchall()
            events = connection.execute(
                "SELECT entry_id, kind FROM event WHERE kind LIKE 'entry.%%' ORDER BY event_id"
            ).fetchall()
    assert [(row["entry_id"], row["status"]) for row in rows] == [
        (ids[0], "withdrawn"),
        (ids[1], "suspended"),
        (ids[2], "matchable"),
    ]
    assert [(row["entry_id"], row["kind"]) for row in events] == [
        (ids[2], "entry.withdrawn"),
        (ids[2], "entry.restored"),
    ]
