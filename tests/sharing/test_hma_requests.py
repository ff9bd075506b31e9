"""Good and bad requests of clients of Hasher-Matcher-Actioner: statuses, signals, shares of lookups."""

from __future__ import annotations

import hashlib
import json
import random
import secrets
import socket
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import pytest

from tests.support.service.api import Api

ROLES = ("hma", "lookup", "register", "admin")
PDQ = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318"
PHOTO = {"photo": ("a.png", b"x", "image/png")}
TEXT = {"content": "x", "headers": {"Content-Type": "text/plain"}}
BROKEN = {"content": "{", "headers": {"Content-Type": "application/json"}}


@pytest.fixture(scope="module")
def client(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger(*ROLES) as found:
        for name in ("BANK", "TAKEN"):
            assert found.post("/c/banks", json={"name": name}).status_code == 201
        yield found


@pytest.mark.parametrize(
    ("request_line", "more", "status"),
    [
        ("POST /c/banks", {}, 422),
        ("POST /c/banks", TEXT, 422),
        ("POST /c/banks", BROKEN, 422),
        ("POST /c/banks", {"json": ["BANK"]}, 422),
        ("POST /c/banks", {"json": {"name": 5}}, 422),
        ("POST /c/banks", {"json": {"name": "NEW", "enabled_ratio": "half"}}, 422),
        ("POST /c/banks", {"json": {"name": "NEW", "enabled": "perhaps"}}, 422),
        ("POST /c/banks", {"json": {"name": "lower"}}, 400),
        ("POST /c/banks", {"json": {"name": "BANK"}}, 403),
        ("POST /c/banks", {"json": {"name": "NEW", "enabled_ratio": "0.5"}}, 201),
        ("PUT /c/bank/BANK", {"json": {"name": "TAKEN"}}, 403),
        ("PUT /c/bank/BANK", {"json": {"enabled": 1}}, 200),
        ("PUT /c/bank/ABSENT", {"json": {"enabled": True}}, 404),
        ("GET /c/bank/BANK/content/first", {}, 404),
        ("GET /c/bank/BANK/content/-1", {}, 404),
        ("PUT /c/exchange/ABSENT", {"json": {"enabled": "perhaps"}}, 422),
        ("POST /c/bank/BANK/signal", {}, 415),
        ("POST /c/bank/BANK/signal", BROKEN, 400),
        ("POST /c/bank/BANK/signal", {"json": {"photo_md5": "0" * 32}}, 400),
        ("POST /c/bank/BANK/content", {}, 400),
        ("POST /c/bank/BANK/content", {"json": {}}, 400),
        ("POST /c/bank/BANK/content?types=video_md5", {"files": PHOTO}, 400),
        ("POST /c/bank/BANK/content?url=http://127.0.0.1:9/&content_type=sound", {}, 400),
        ("POST /c/bank/BANK/content", {"files": PHOTO, "data": {"metadata": '{"content_id": 5}'}}, 400),
        ("POST /c/bank/BANK/content", {"files": PHOTO, "data": {"metadata": '{"json": "x"}'}}, 400),
        ("POST /h/hash", {}, 400),
        ("POST /h/hash", {"json": {}}, 400),
        ("POST /h/hash?types=", {"files": PHOTO}, 400),
        ("POST /h/hash?types=video_md5", {"files": PHOTO}, 400),
        ("GET /h/hash", {}, 422),
        ("GET /h/hash?url=http://127.0.0.1:9/&content_type=sound", {}, 400),
        ("POST /m/lookup", {}, 400),
        ("POST /m/lookup?types=pdq", {"files": {"video": ("a.mp4", b"x")}}, 400),
        ("GET /m/lookup", {}, 400),
        ("GET /m/lookup?signal=x&signal_type=pdq&bypass_coinflip=perhaps", {}, 422),
        ("GET /m/raw_lookup", {}, 422),
        ("GET /m/raw_lookup?signal=x", {}, 422),
        ("GET /m/raw_lookup?signal=x&signal_type=pdq", {}, 400),
        (f"GET /m/raw_lookup?signal={PDQ}&signal_type=pdq&include_distance=perhaps", {}, 422),
        (f"GET /m/lookup?signal=%20{'A' * 32}&signal_type=video_md5", {}, 200),
    ],
)
def test_statuses_are_those_of_hma(
    client: httpx2.Client, request_line: str, more: dict[str, Any], status: int
) -> None:
    answer = client.request(*request_line.split(" ", 1), **more)
    assert answer.status_code == status, answer.text
    if status >= 400:
        assert answer.json()["message"] == answer.json()["detail"]


def test_the_md5_of_a_video_is_known_at_once(client: httpx2.Client) -> None:
    """Without a worker, and of any file that is called a video."""
    data = secrets.token_bytes(3_000_000)
    expected = {"video_md5": hashlib.md5(data, usedforsecurity=False).hexdigest()}
    for query in ("", "?types=video_md5", "?types=%20video_md5,"):
        assert client.post(f"/h/hash{query}", files={"video": ("a.mp4", data)}).json() == expected
    assert client.post("/c/bank/BANK/signal", json=expected).status_code == 200
    found = client.post("/m/lookup?types=video_md5", files={"video": ("a.mp4", data)}).json()
    assert [match["distance"] for match in found["video_md5"]["BANK"]] == ["-"]


@pytest.mark.parametrize("type_", ["pdq", "video_md5", "vpdq"])
def test_a_seed_draws_the_banks_that_hma_draws(client: httpx2.Client, type_: str) -> None:
    bank = f"HALF_{type_.upper()}"
    client.post("/c/banks", json={"name": bank, "enabled_ratio": 0.5})
    pdq = secrets.token_hex(32)
    frames = [f"{secrets.token_hex(32)},100,{second}.000" for second in range(8)]
    signal = {"pdq": pdq, "video_md5": pdq[:32], "vpdq": str(frames).replace("'", '"')}[type_]
    assert client.post(f"/c/bank/{bank}/signal", json={type_: signal}).status_code == 200
    query = {"signal": signal, "signal_type": type_, "banks": bank}

    def found(path: str = "/m/lookup", **more: str) -> bool:
        answer = client.get(path, params=query | more).json()
        return bool(answer.get("matches", answer))

    for seed in ("1", "two", "content 3", "4", "", "5"):
        assert found(seed=seed) is (random.Random(seed).random() <= 0.5)  # noqa: S311 - as HMA draws
    assert found(bypass_coinflip="true") is True
    assert found("/m/raw_lookup") is True
    client.put(f"/c/bank/{bank}", json={"enabled_ratio": 0})
    assert (found(), found(seed="1"), found(bypass_coinflip="true")) == (False, False, True)


@pytest.mark.parametrize(
    "path",
    ["/h/hash", "/m/lookup", "/c/bank/BANK/content", "/v1/lookups", "/v1/entries"],
)
def test_a_body_that_is_too_large_is_refused_before_it_is_sent(client: httpx2.Client, path: str) -> None:
    address = urlsplit(str(client.base_url))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Authorization: {client.headers['authorization']}\r\nContent-Length: {10**13}\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), address.port or 80), timeout=10) as connection:
        connection.sendall(head.encode())
        line = connection.makefile("rb").readline()
    assert line.split()[1] == b"413"


def got(client: httpx2.Client, path: str, **query: str) -> tuple[int, Any]:
    """GET an address that is too long for httpx2. Returns status and body."""
    address = urlsplit(str(client.base_url))
    connection = HTTPConnection(str(address.hostname), address.port, timeout=60)
    headers = {"Authorization": client.headers["authorization"]}
    connection.request("GET", f"{path}?{urlencode(query)}", headers=headers)
    response = connection.getresponse()
    body = json.loads(response.read())
    connection.close()
    return response.status, body


@pytest.mark.parametrize("frames", [800, 2500])
def test_a_long_video_is_looked_up_by_get(client: httpx2.Client, frames: int) -> None:
    signal = json.dumps([f"{secrets.token_hex(32)},100,{second}.000" for second in range(frames)])
    banked = client.post("/c/bank/BANK/signal", json={"vpdq": signal})
    query = {"signal": signal, "signal_type": "vpdq", "banks": "BANK"}
    match = {"bank_content_id": banked.json()["id"], "distance": "100%[100%]"}
    assert got(client, "/m/lookup", **query) == (200, {"BANK": [match]})
    assert got(client, "/m/raw_lookup", **query, include_distance="true") == (200, {"matches": [match]})


def test_other_addresses_and_longer_ones_are_refused(client: httpx2.Client) -> None:
    status, problem = got(client, "/c/banks", signal="x" * 400_000)
    assert (status, problem["code"]) == (431, "head_too_large")
    status, problem = got(client, "/m/lookup", signal="x" * 1_200_000, signal_type="vpdq")
    assert (status, problem["code"]) == (431, "head_too_large")
