"""Clients that send what nobody sends: each is answered in words, and the next one as if nothing had been."""

from __future__ import annotations

import json
import select
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fields import MAX_SAMPLES
from registry.core.clock import MAX_MOMENTS
from registry.core.http.bodies import MOST_VALUES
from registry.core.http.body_memory import TOTAL
from registry.core.http.ndjson import NDJSON
from registry.core.http.protocol_limits import HEAD_BYTES
from registry.core.http.received import MOST_FIELDS
from tests.support.media import drawn
from tests.support.service.api import DOCUMENT_BYTES, MEBIBYTE, Api

QUESTION = {"type": "hash", "algorithm": "pdq.1", "value": "0" * 64}
POST = b"POST /v1/lookups HTTP/1.1\r\nHost: x\r\n"


@pytest.fixture(autouse=True)
def _answers_afterwards(admin: httpx2.Client) -> Iterator[None]:
    yield
    assert admin.post("/v1/lookups", json=QUESTION).json()["verdict"] == "no_match"


@contextmanager
def _connected(api: Api) -> Iterator[socket.socket]:
    place = urlsplit(api.url)
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=30) as connection:
        yield connection


def _problem(connection: socket.socket) -> tuple[int, str]:
    """Status and code of an answer that ends with the connection."""
    data = b""
    with suppress(ConnectionResetError):
        while piece := connection.recv(65536):
            data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"application/problem+json" in head
    problem = json.loads(body)
    assert f"X-Request-Id: {problem['request_id']}".lower().encode() in head.lower()
    assert problem["instance"].endswith(problem["request_id"])
    return int(head.split()[1]), problem["code"]


HEADER = b"X: " + b"y" * 1000 + b"\r\n"


@pytest.mark.parametrize(
    ("start", "piece"), [(POST, HEADER), (POST + b"X: ", b"y" * 1000), (b"GET /", b"y" * 1000)]
)
def test_a_head_without_end(api: Api, start: bytes, piece: bytes) -> None:
    with _connected(api) as connection:
        connection.sendall(start + piece * (HEAD_BYTES // 1000 + 1))
        assert _problem(connection) == (431, "head_too_large")


def test_requests_after_an_unfinished_body(api: Api, admin: httpx2.Client) -> None:
    head = f"Authorization: {admin.headers['authorization']}\r\nContent-Type: application/json\r\n"
    with _connected(api) as connection:
        connection.sendall(POST + head.encode() + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n")
        # What comes together with a piece of a body is not counted; so let that be taken before.
        assert admin.post("/v1/lookups", json=QUESTION).status_code == 200
        connection.sendall(HEADER * (HEAD_BYTES // len(HEADER) + 1))
        assert _problem(connection) == (431, "head_too_large")


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01 not http\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
        POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n",
    ],
)
def test_an_invalid_request_gets_a_problem_document(api: Api, sent: bytes) -> None:
    with _connected(api) as connection:
        connection.sendall(sent)
        assert _problem(connection) == (400, "bad_input")


def test_within_an_answer_no_other_begins(api: Api, admin: httpx2.Client) -> None:
    line = json.dumps(QUESTION).encode() + b"\n"
    head = (
        f"POST /v1/lookups:batch HTTP/1.1\r\nHost: x\r\nAuthorization: {admin.headers['authorization']}\r\n"
    )
    head += f"Content-Type: {NDJSON}\r\nTransfer-Encoding: chunked\r\n\r\n"
    with _connected(api) as connection:
        connection.sendall(head.encode() + b"%x\r\n%b\r\n" % (len(line), line))
        data = b""
        while b"no_match" not in data:
            data += connection.recv(65536)
        connection.sendall(b"no size of a piece\r\n")
        while piece := connection.recv(65536):
            data += piece
    assert data.count(b"HTTP/1.1") == 1
    assert not data.endswith(b"0\r\n\r\n"), "it is not said to be whole"


def test_a_caller_that_holds_half_of_the_room_has_no_more(api: Api, admin: httpx2.Client) -> None:
    head = f"Authorization: {admin.headers['authorization']}\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {DOCUMENT_BYTES}\r\n\r\n"
    with ExitStack() as held:
        # One more than there is room for: whichever comes last is refused, before anything of it is sent.
        waiting = [held.enter_context(_connected(api)) for _ in range(TOTAL // 2 // DOCUMENT_BYTES + 1)]
        for connection in waiting:
            connection.sendall(POST + head.encode())
        (refused,), *_ = select.select(waiting, [], [], 30)
        answer = refused.recv(65536).lower()
        assert answer.startswith(b"http/1.1 429 ")
        assert b"retry-after: 2" in answer
        large, headers = json.dumps(QUESTION).ljust(DOCUMENT_BYTES), {"Content-Type": "application/json"}
        assert admin.post("/v1/lookups", json=QUESTION).status_code == 200
        with api.stranger("lookup") as stranger:
            assert stranger.post("/v1/lookups", content=large, headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries", "/v1/banks"])
def test_fields_by_the_thousand(admin: httpx2.Client, path: str) -> None:
    many = {f"f{number}": number for number in range(20_000)}
    answered = admin.post(path, json=QUESTION | many)
    assert (answered.status_code, answered.json()["code"]) == (400, "bad_input")
    assert f"none has more than {MOST_FIELDS}" in answered.json()["detail"]


def test_a_document_of_a_hundred_thousand_frames(admin: httpx2.Client) -> None:
    document = to_document(drawn.clip("frames", seconds=1), faces=False) | {"duration": MAX_SAMPLES / 2}
    frames = [{"t": at / 2, "value": "0" * 64} if at <= MAX_MOMENTS else {} for at in range(MAX_SAMPLES)]
    document["algorithms"] = {"phash256.1": {"frames": frames}}
    for path, asked in (
        ("/v1/lookups", {"type": "document", "document": document}),
        ("/v1/entries", {"fakes": [document]}),
    ):
        answered = admin.post(path, json=asked)
        assert (answered.status_code, answered.json()["code"]) == (422, "document_too_large")


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries"])
def test_lists_by_the_million(admin: httpx2.Client, path: str) -> None:
    raw = b'{"type":"document","document":{"a":[' + b"[]," * MOST_VALUES + b"[]]}}"
    answered = admin.post(path, content=raw, headers={"Content-Type": "application/json"})
    assert (answered.status_code, answered.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "bad",
    [
        b'{"a":' * 100_000,
        b"\xc0\x80",
        b'{"type":1e400}',
        b'{"type":1%b}' % (b"0" * 400),
        b"x" * (5 * MEBIBYTE),
    ],
)
def test_a_line_that_is_out_of_all_measure(admin: httpx2.Client, bad: bytes) -> None:
    good = json.dumps(QUESTION).encode()
    content = b"\n".join((good, bad, good))
    answered = admin.post("/v1/lookups:batch", content=content, headers={"Content-Type": NDJSON})
    lines: list[dict[str, Any]] = [json.loads(line) for line in answered.text.splitlines()]
    assert [row.get("verdict") for row in lines] == ["no_match", None, "no_match"]
    assert lines[1]["error"]["code"] in {"bad_json", "too_large"}
