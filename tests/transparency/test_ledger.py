"""The ledger over HTTP and by the command line: what each caller may read, proofs, verification."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.transparency.ledger.model import merkle, note
from registry.transparency.ledger.model.history import check_history
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.support.media import drawn
from tests.support.record.ledger import alter_leaf
from tests.support.service.api import Api
from tests.support.service.stack import Ran, within

KINDS = ["entry.registered", "asset.added", "asset.fingerprinted", "entry.matchable"]


@pytest.fixture(scope="module")
def entry(api: Api, maker: httpx2.Client) -> str:
    """An entry, registered in a request of its own name, and in the ledger."""
    answered = maker.post(
        "/v1/entries",
        json={"fakes": [to_document(drawn.clip("on record"), faces=True)]},
        headers={"X-Request-Id": "req-4711"},
    )
    assert answered.status_code == 201, answered.text
    grow(api)
    entry_id: str = answered.json()["entry_id"]
    return entry_id


@pytest.fixture(scope="module")
def maker(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger("lookup", "register", "admin") as client:
        yield client


@pytest.fixture(scope="module")
def other(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger("lookup", "register", "admin") as client:
        yield client


def grow(api: Api) -> None:
    """What the worker does each second."""
    with api.service() as service:
        sequence_events(service)


def get(client: httpx2.Client, path: str, **parameters: Any) -> dict[str, Any]:
    answered = client.get(path, params=parameters)
    assert answered.status_code == 200, answered.text
    found: dict[str, Any] = answered.json()
    return found


def signed(client: httpx2.Client) -> note.Checkpoint:
    keys = [note.verifier_key(row["key"]) for row in get(client, "/v1/ledger")["keys"]]
    answered = client.get("/v1/ledger/checkpoint")
    assert answered.headers["content-type"].startswith("text/plain")
    return note.checkpoint(note.verify(answered.text, keys).text)


def raw(proof: Sequence[str]) -> list[bytes]:
    return [bytes.fromhex(item) for item in proof]


def test_a_history_is_a_file_that_verifies_by_itself(maker: httpx2.Client, entry: str) -> None:
    found = get(maker, f"/v1/entries/{entry}/history")
    assert [event["kind"] for event in found["events"]] == KINDS
    assert {event["request_id"] for event in found["events"]} == {"req-4711"}
    keys = [note.verifier_key(key) for key in found["keys"]]
    report = check_history(found, keys, [found["checkpoint"]])
    assert report.sound, report.findings
    for spoil in (
        lambda event: event.update(leaf=event["leaf"].replace("entry.", "entry_")),
        lambda event: event.update(kind="entry.reviewed"),
        lambda event: event.update(index=event["index"] + 1),
        lambda event: event.update(proof=event["proof"][1:]),
    ):
        spoilt = json.loads(json.dumps(found))
        spoil(spoilt["events"][0])  # type: ignore[no-untyped-call]
        assert not check_history(spoilt, keys, []).sound


def test_a_history_is_its_owners(other: httpx2.Client, entry: str) -> None:
    assert get(other, f"/v1/entries/{entry}/history")["events"] == []  # it sees the entry, in a public bank
    without = other.get("/v1/entries/00000000-0000-0000-0000-000000000000/history")
    assert (without.status_code, without.json()["code"]) == (404, "unknown_entry")


def test_others_leaves_are_hashes(maker: httpx2.Client, other: httpx2.Client, entry: str) -> None:
    index = get(maker, f"/v1/entries/{entry}/history")["events"][0]["index"]
    (own,) = get(maker, "/v1/ledger/entries", start=index, count=1)["entries"]
    (foreign,) = get(other, "/v1/ledger/entries", start=index, count=1)["entries"]
    assert json.loads(own["leaf"])["entry_id"] == entry
    assert foreign == {**own, "leaf": None}


def test_everybody_can_compute_the_root(other: httpx2.Client, entry: str) -> None:
    now, tree = signed(other), merkle.Growing()
    while tree.size < now.size:
        page = get(other, "/v1/ledger/entries", start=tree.size, count=min(1000, now.size - tree.size))
        for leaf in page["entries"]:
            assert leaf["index"] == tree.size
            tree.append(bytes.fromhex(leaf["hash"]))
    assert tree.root == now.root


def test_a_leaf_is_proved(api: Api, maker: httpx2.Client, other: httpx2.Client, entry: str) -> None:
    document = to_document(drawn.clip("on record"), faces=True)
    response = maker.post("/v1/lookups", json={"type": "document", "document": document})
    assert response.json()["verdict"] == "known_fake"
    grow(api)
    now = signed(maker)
    event = get(maker, f"/v1/entries/{entry}/history")["events"][0]
    event_id = json.loads(event["leaf"])["event_id"]
    lookup_id = response.json()["lookup_id"]
    for which in ({"index": event["index"]}, {"event_id": event_id}, {"lookup_id": lookup_id}):
        found = get(maker, "/v1/ledger/proof/inclusion", **which)
        leaf = bytes.fromhex(found["hash"])
        merkle.verify_inclusion(leaf, found["index"], found["size"], raw(found["proof"]), now.root)
        index, proof, checkpoint = note.read_tlog_proof(found["tlog_proof"])
        assert (index, proof) == (found["index"], raw(found["proof"]))
        assert note.checkpoint(note.read(checkpoint).text) == now
    for which in ({"event_id": event_id}, {"lookup_id": lookup_id}):
        foreign = other.get("/v1/ledger/proof/inclusion", params=which)
        assert (foreign.status_code, foreign.json()["code"]) == (404, "unknown_leaf")


def test_growth_is_proved(api: Api, maker: httpx2.Client, entry: str) -> None:
    before = signed(maker)
    assert maker.put("/v1/ledger/recording", json={"lookups": "all"}).status_code == 200
    grow(api)
    after = signed(maker)
    found = get(maker, "/v1/ledger/proof/consistency", **{"from": before.size, "to": after.size})
    merkle.verify_consistency(before.size, after.size, raw(found["proof"]), before.root, after.root)
    assert after.size > before.size
    assert get(maker, "/v1/ledger")["lookups"] == "all"


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        ("proof/inclusion", {}, 400, "bad_range"),
        ("proof/inclusion", {"index": 1, "event_id": 1}, 400, "bad_range"),
        ("proof/inclusion", {"index": 10**12}, 404, "unknown_leaf"),
        ("proof/inclusion", {"index": 1, "size": 1}, 400, "bad_range"),
        ("proof/inclusion", {"index": -1}, 400, "bad_input"),
        ("proof/inclusion", {"lookup_id": "nonsense"}, 404, "not_found"),
        ("proof/consistency", {"from": 3, "to": 2}, 400, "bad_range"),
        ("proof/consistency", {"from": 0, "to": 10**12}, 400, "bad_range"),
        ("proof/consistency", {}, 400, "bad_input"),
        ("entries", {"start": -1}, 400, "bad_input"),
        ("entries", {"count": 100_000}, 400, "bad_input"),
        ("export", {}, 403, "not_operator"),
    ],
)
def test_invalid_arguments(
    maker: httpx2.Client, entry: str, path: str, parameters: Mapping[str, Any], status: int, code: str
) -> None:
    answered = maker.get(f"/v1/ledger/{path}", params=parameters)
    assert (answered.status_code, answered.json()["code"]) == (status, code)


def test_leaves_beyond_the_end_are_none(maker: httpx2.Client, entry: str) -> None:
    assert get(maker, "/v1/ledger/entries", start=10**12)["entries"] == []


@pytest.mark.parametrize(
    ("said", "status", "code"),
    [
        ({"lookups": "some"}, 400, "bad_input"),
        ({}, 400, "bad_input"),
        ({"lookups": "all", "bank": "nobody's"}, 404, "unknown_bank"),
    ],
)
def test_invalid_events(maker: httpx2.Client, said: dict[str, Any], status: int, code: str) -> None:
    answered = maker.put("/v1/ledger/recording", json=said)
    assert (answered.status_code, answered.json()["code"]) == (status, code)


def fakeprint(api: Api, *arguments: str, key: str | None = None) -> Ran:
    data = str(api.settings.data)
    return within(*arguments, FAKEPRINT_URL=api.url, FAKEPRINT_KEY=key or api.key, FAKEPRINT_DATA=data)


def test_a_kept_checkpoint_reveals_alterations(api: Api, entry: str, tmp_path: Path) -> None:
    """By the command line: keep a checkpoint, export later, verify; then alter the export, the database."""
    kept, export = tmp_path / "kept", tmp_path / "ledger.ndjson"
    kept.write_text(fakeprint(api, "ledger", "checkpoint").stdout)
    key = json.loads(fakeprint(api, "ledger", "show", "--json").stdout)["keys"][0]["key"]
    with api.stranger("lookup"):
        grow(api)
    assert fakeprint(api, "ledger", "export", str(export), "--texts").status == 0
    proof = ("--checkpoint", str(kept), "--key", key)

    good = fakeprint(api, "verify", str(export), *proof)
    assert (good.status, good.stderr) == (0, "")
    assert "nothing was altered" in good.stdout
    assert "stored checkpoints" in good.stdout
    for more in ((), ("--full",)):
        running = fakeprint(api, "verify", "--service", *more, *proof)
        assert (running.status, running.stderr) == (0, ""), running.stdout
        assert "follows from" in running.stdout

    lines = export.read_text().splitlines(keepends=True)
    altered = tmp_path / "altered.ndjson"
    altered.write_text("".join([*lines[:3], lines[3].replace("created", "closed"), *lines[4:]]))
    bad = json.loads(fakeprint(api, "verify", str(altered), *proof, "--json").stdout)
    assert (bad["sound"], bad["first_bad"]) == (False, 2)
    altered.write_text("".join(lines[:5] + lines[6:]))
    result = fakeprint(api, "verify", str(export), str(altered), *proof)
    assert result.status == 1
    assert "first bad leaf: 4" in result.stdout
    altered.write_text("".join(lines[: len(lines) // 2]))
    assert "cut off" in fakeprint(api, "verify", str(altered), *proof).stdout

    with api.service() as service:
        alter_leaf(service, 1)
    try:
        running = fakeprint(api, "verify", "--service", "--full", *proof)
        assert running.status == 1
        assert "first bad leaf: 1" in running.stdout
    finally:
        with api.service() as service:
            alter_leaf(service, 1, bytes.fromhex(json.loads(lines[2])["hash"]))


def test_a_history_from_the_command_line(api: Api, maker: httpx2.Client, entry: str, tmp_path: Path) -> None:
    key = maker.headers["authorization"].removeprefix("Bearer ")
    shown = fakeprint(api, "ledger", "history", entry, key=key)
    assert [kind for kind in KINDS if kind in shown.stdout] == KINDS
    assert "request req-4711" in shown.stdout
    path = tmp_path / "history.json"
    path.write_text(fakeprint(api, "ledger", "history", entry, "--json", key=key).stdout)
    vkey = tmp_path / "vkey"
    vkey.write_text(get(maker, "/v1/ledger")["keys"][0]["key"] + "\n")
    assert fakeprint(api, "verify", str(path), "--key", str(vkey)).status == 0
    unknown = fakeprint(api, "verify", str(path))
    assert (unknown.status, "NOT PROVED" in unknown.stdout) == (1, True)
    path.write_text(path.read_text().replace("entry.registered", "entry.withdrawn"))
    assert fakeprint(api, "verify", str(path), "--key", str(vkey)).status == 1
    result = fakeprint(api, "ledger", "record", "matches", "--bank", "default", key=key)
    assert result.stdout == "recorded lookups that concern default: matches\n"


@pytest.mark.parametrize(
    ("content", "arguments", "status", "said"),
    [
        ("no JSON", (), 1, "bad_export"),
        ("{}", (), 1, "bad_export"),
        ('{"type":"ledger"}\n', (), 1, "ALTERED"),
        ("[]", ("--key", "nonsense"), 1, "bad_ledger_key"),
        ("[]", ("--checkpoint", "."), 1, "unreadable"),
        ("[]", ("--service",), 2, "Give files, or --service"),
    ],
)
def test_unverifiable_ledgers(
    api: Api, tmp_path: Path, content: str, arguments: tuple[str, ...], status: int, said: str
) -> None:
    path = tmp_path / "file"
    path.write_text(content)
    done = fakeprint(api, "verify", str(path), *arguments)
    assert done.status == status
    assert said in done.stdout + done.stderr
