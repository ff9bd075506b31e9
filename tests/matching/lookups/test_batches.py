"""Batches over HTTP: a question a line, an answer a line, whatever some of them are."""

from __future__ import annotations

import base64
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx2
import psutil
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.core.http.ndjson import LINE_BYTES, MOST_LINES, NDJSON
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import MEBIBYTE, Api

HEADERS = {"Content-Type": NDJSON}
PDQ = {"type": "hash", "algorithm": "pdq.1"}


def _lines(*questions: Any) -> bytes:
    """Questions as lines; bytes as they are."""
    return b"\n".join(
        question if isinstance(question, bytes) else json.dumps(question).encode() for question in questions
    )


def _batch(client: httpx2.Client, *questions: Any, **more: Any) -> list[dict[str, Any]]:
    answered = client.post("/v1/lookups:batch", content=_lines(*questions), headers=HEADERS, **more)
    assert answered.status_code == 200, answered.text
    assert answered.headers["content-type"] == NDJSON
    return [json.loads(line) for line in answered.text.splitlines()]


def _without_ids(answer: dict[str, Any]) -> dict[str, Any]:
    own = {"lookup_id", "timing_ms", "line", "instance", "request_id"}
    return {name: value for name, value in answer.items() if name not in own}


def _questions() -> list[Any]:
    known, stranger = drawn.clip("batch", face="a"), drawn.clip("batch stranger")
    (frame, *_), sscd = known.frames, stranger.frames[0].sscd
    assert frame.pdq
    assert frame.phash256
    assert sscd
    return [
        {"type": "document", "document": to_document(known, faces=True)},
        {**PDQ, "value": frame.pdq.hex()},
        {"type": "hash", "algorithm": "phash256.1", "value": frame.phash256.hex(), "bank": "default"},
        {"type": "hash", "algorithm": "sscd.1", "value": base64.b64encode(sscd).decode()},
        {"type": "sha256", "sha256": known.media.sha256},
        {"type": "sha256", "sha256": "0" * 64},
        {"type": "document", "document": to_document(stranger, faces=False)},
        # And what cannot be answered:
        {**PDQ, "value": "00"},
        {**PDQ, "value": "zz" * 32},
        {**PDQ, "algorithm": "pdq.9", "value": "0" * 64},
        {**PDQ, "algorithm": "sscd.1", "value": "AH4A" * 341 + "AA=="},
        {**PDQ, "value": "0" * 64, "bank": "no such bank"},
        {**PDQ, "value": "0" * 64, "more": 1},
        {"type": "document", "document": {"version": 2}},
        {"type": "file"},
        {},
        [],
        7,
    ]


@pytest.mark.slow
def test_each_line_is_answered_as_by_itself(admin: httpx2.Client) -> None:
    entry = {"fakes": [to_document(drawn.clip("batch", face="a"), faces=True)]}
    assert admin.post("/v1/entries", json=entry).status_code == 201
    questions = _questions()
    lines = _batch(admin, *questions)
    assert [item["line"] for item in lines] == list(range(1, len(questions) + 1))
    for asked, found in zip(questions, lines, strict=True):
        alone = admin.post("/v1/lookups", json=asked)
        wanted = alone.json()
        if alone.status_code == 200:
            assert _without_ids(found) == _without_ids(wanted)
            assert admin.get(f"/v1/lookups/{found['lookup_id']}").json()["verdict"] == found["verdict"]
        else:
            # `[]` as a whole body and as a line are refused alike.
            assert _without_ids(found["error"]) == _without_ids(wanted)
    assert [item.get("verdict") for item in lines[:3]] == ["known_fake", "related", "related"]


@pytest.mark.parametrize(
    "bad", [b"{", b"nonsense", b"\xff\xfe", b'{"a": "\\u0000"}', b"NaN", b"[" * 5000, b"\0", b'{"type": 5}']
)
def test_a_bad_line_keeps_no_other_from_being_answered(admin: httpx2.Client, bad: bytes) -> None:
    good = {**PDQ, "value": "0" * 64}
    first, second, third = _batch(admin, good, bad, good)
    assert (first["verdict"], third["verdict"], third["line"]) == ("no_match", "no_match", 3)
    assert (second["line"], second["error"]["status"]) == (2, 400)
    assert second["error"]["code"] in {"bad_json", "bad_input"}


def test_blank_lines_are_counted_and_not_answered(admin: httpx2.Client) -> None:
    question = {**PDQ, "value": "0" * 64}
    lines = _batch(admin, b"", question, b"  \r", question, b"", b"")
    assert [item["line"] for item in lines] == [2, 4]
    assert _batch(admin) == []
    assert _batch(admin, b"\n\n") == []


def test_a_line_that_is_too_long_is_passed_over(admin: httpx2.Client) -> None:
    good = {**PDQ, "value": "0" * 64}
    first, second, third = _batch(admin, good, b"x" * (10 * MEBIBYTE), good)
    assert (second["line"], second["error"]["code"], second["error"]["status"]) == (2, "too_large", 413)
    assert "POST /v1/lookups" in second["error"]["next_step"]
    assert [first["verdict"], third["verdict"]] == ["no_match"] * 2
    assert _batch(admin, b" " * LINE_BYTES + b"\n") == []


def test_the_most_lines_and_one_more(admin: httpx2.Client) -> None:
    lines = _batch(admin, *[b"x"] * (MOST_LINES + 5), b"y" * MEBIBYTE)
    assert len(lines) == MOST_LINES + 1
    assert {item["error"]["code"] for item in lines[:-1]} == {"bad_json"}
    assert (lines[-1]["line"], lines[-1]["error"]["code"]) == (MOST_LINES + 1, "too_many_lines")


def test_the_bank_of_lines_that_name_none(admin: httpx2.Client) -> None:
    questions = [{**PDQ, "value": "0" * 64}, {**PDQ, "value": "0" * 64, "bank": "default"}]
    wrong, right = _batch(admin, *questions, params={"bank": "no such bank"})
    assert (wrong["error"]["code"], right["verdict"]) == ("unknown_bank", "no_match")


def test_an_invalid_batch_is_refused_before_reading(api: Api, admin: httpx2.Client) -> None:
    answered = admin.post("/v1/lookups:batch", json={})
    assert (answered.status_code, answered.json()["code"]) == (415, "unsupported_content_type")
    answered = admin.post("/v1/lookups:batch", content=b"", headers=HEADERS | {"Content-Encoding": "gzip"})
    assert answered.status_code == 415
    assert admin.get("/v1/lookups:batch").status_code == 405
    with api.stranger("register") as client:
        answered = client.post("/v1/lookups:batch", content=b"{}", headers=HEADERS)
        assert (answered.status_code, answered.json()["code"]) == (403, "forbidden")
    with api.client("fp_nobody") as client:
        answered = client.post("/v1/lookups:batch", content=b"{}", headers=HEADERS)
        assert (answered.status_code, answered.json()["code"]) == (401, "unauthenticated")


def test_signals_need_the_scope(api: Api, admin: httpx2.Client) -> None:
    fake = drawn.clip("seen in a batch", face="a")
    admin.post("/v1/entries", json={"fakes": [to_document(fake, faces=True)]})
    assert fake.frames[0].pdq
    question = {**PDQ, "value": fake.frames[0].pdq.hex()}
    with api.stranger("lookup") as stranger:
        (found,) = _batch(stranger, question)
    assert [match["signals"] for match in found["matches"]] == [None]
    (found,) = _batch(admin, question)
    assert found["matches"][0]["signals"] is not None


class Slow:
    """A client of its own make, which sends a chunk at a time and reads when it is told to."""

    def __init__(self, api: Api, key: str) -> None:
        place = urlsplit(api.url)
        self.socket = socket.create_connection((place.hostname, place.port), timeout=30)
        self.file = self.socket.makefile("rb")
        head = f"POST /v1/lookups:batch HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
        head += f"Content-Type: {NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
        self.socket.sendall(head.encode())

    def send(self, content: bytes) -> None:
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(content), content) if content else b"0\r\n\r\n")

    def status(self) -> int:
        return int(self.file.readline().split()[1])

    def headers(self) -> dict[str, str]:
        lines = iter(lambda: self.file.readline().decode().strip(), "")
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    def chunk(self) -> bytes:
        size = int(self.file.readline(), 16)
        content = self.file.read(size)
        self.file.readline()
        return content

    def rest(self) -> bytes:
        return b"".join(iter(self.chunk, b""))

    def close(self) -> None:
        self.file.close()
        self.socket.close()


@pytest.fixture
def key(admin: httpx2.Client) -> str:
    return str(admin.headers["Authorization"]).removeprefix("Bearer ")


@pytest.fixture
def slow(api: Api, key: str) -> Iterator[Slow]:
    client = Slow(api, key)
    yield client
    client.close()


def test_answers_come_while_questions_are_sent(slow: Slow) -> None:
    question = _lines({**PDQ, "value": "0" * 64}) + b"\n"
    slow.send(question + question[:20])
    assert slow.status() == 200
    assert slow.headers()["transfer-encoding"] == "chunked"
    assert json.loads(slow.chunk())["line"] == 1
    slow.send(question[20:])
    assert json.loads(slow.chunk())["line"] == 2
    slow.send(b"")
    assert slow.rest() == b""


@pytest.mark.parametrize("how", ["key revoked", "caller revoked", "key expired", "caller expired", "closed"])
def test_a_key_revoked_during_a_batch_ends_it_and_keeps_its_answers(
    api: Api, slow: Slow, admin: httpx2.Client, how: str
) -> None:
    question = _lines({**PDQ, "value": "0" * 64}) + b"\n"
    slow.send(question)
    assert (slow.status(), bool(slow.headers())) == (200, True)
    answered = json.loads(slow.chunk())
    me = admin.get("/v1/callers/me").json()
    column = "expires_at" if how.endswith("expired") else "revoked_at"
    if how == "closed":
        with api.client(api.key) as operator:
            whose = me["organization"]["organization_id"]
            assert operator.delete(f"/v1/organizations/{whose}").json()["state"] == "closed"
    else:
        table, named = ("api_key", "key_id") if how.startswith("key") else ("caller", "caller_id")
        identity = me["key"]["key_id"] if table == "api_key" else me["caller_id"]
        with api.service() as service, service.pool.transaction() as connection:
            connection.execute(
                f"UPDATE {table} SET {column} = now() WHERE {named} = %s".encode(),  # noqa: S608
                (identity,),
            )
    slow.send(question * 200)
    found = [json.loads(line) for line in slow.rest().splitlines()]
    assert [(line["line"], line["error"]["code"]) for line in found] == [(2, "unauthenticated")]
    with api.service() as service, service.pool.transaction() as connection:
        kept = connection.execute(
            "SELECT count(*) AS kept, bool_or(lookup_id = %s) AS first FROM lookup WHERE caller_id = %s",
            (answered["lookup_id"], me["caller_id"]),
        ).fetchone()
    assert kept == {"kept": 1, "first": True}


@pytest.mark.slow
def test_a_client_that_does_not_read_costs_little_and_keeps_nobody_waiting(
    api: Api, slow: Slow, admin: httpx2.Client
) -> None:
    process = psutil.Process(api.pid)
    assert admin.get("/v1/banks").status_code == 200
    before = process.memory_info().rss
    content = b"x" * (MEBIBYTE - 1) + b"\n"

    def send() -> None:
        for _ in range(300):
            slow.send(content)

    sender = threading.Thread(target=send)
    sender.start()
    for _ in range(20):
        answered = admin.post("/v1/lookups", json={**PDQ, "value": "0" * 64})
        assert answered.json()["verdict"] == "no_match"
    sender.join()
    assert process.memory_info().rss - before < 200 * MEBIBYTE, "of 300 that were sent"
    slow.send(b"")
    assert slow.status() == 200
    assert slow.headers()
    assert len(slow.rest().splitlines()) == 300


def test_a_client_that_leaves_gives_its_place_back(api: Api, key: str) -> None:
    left = 0
    for _ in range(500):
        client = Slow(api, key)
        client.send(_lines(*[{**PDQ, "value": "0" * 64}] * 10) + b"\n")
        status = client.status()
        client.close()
        left += status == 200
        if left == 5:
            break
        assert status in {200, 429}
    assert left == 5


def test_a_third_batch_at_once_is_refused(api: Api, key: str, admin: httpx2.Client) -> None:
    held = [Slow(api, key) for _ in range(2)]
    for client in held:
        client.send(_lines({**PDQ, "value": "0" * 64}) + b"\n")
        assert client.status() == 200
    answered = admin.post("/v1/lookups:batch", content=b"{}", headers=HEADERS)
    assert (answered.status_code, answered.json()["code"]) == (429, "too_many_requests")
    assert answered.headers["retry-after"] == "5"
    with api.stranger("lookup") as stranger:
        assert _batch(stranger, {**PDQ, "value": "0" * 64})[0]["verdict"] == "no_match"
    for client in held:
        client.send(b"")
        client.headers()
        client.rest()
        client.close()
    assert _batch(admin, {"type": "sha256", "sha256": uuid4().hex * 2})[0]["verdict"] == "no_match"


@pytest.mark.slow
def test_a_rate_is_a_callers_own(embedded_postgres: services.PostgresServer, tmp_path: Path) -> None:
    question = {**PDQ, "value": "0" * 64}
    slowed = {"FAKEPRINT_CALLER_RATE": "0.01"}
    with (
        embedded_postgres.clone() as url,
        processes.running(url, tmp_path, environment=slowed) as api,
        api.stranger("lookup") as one,
        api.stranger("lookup") as other,
    ):
        assert one.post("/v1/lookups", json=question).status_code == 200
        answered = one.post("/v1/lookups", json=question)
        assert (answered.status_code, answered.json()["code"]) == (429, "rate_limited")
        assert 80 <= int(answered.headers["retry-after"]) <= 100
        assert one.post("/v1/lookups:batch", content=b"", headers=HEADERS).status_code == 429
        assert other.post("/v1/lookups", json=question).status_code == 200
