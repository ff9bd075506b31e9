"""What clients of Hasher-Matcher-Actioner are told of signals, without a worker: whose banks, which media."""

from __future__ import annotations

import json
import secrets
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import FULL
from registry.sharing.hma.api.files import OF_ONE
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service.api import Api

ROLES = ("hma", "lookup", "register", "admin")


@pytest.fixture
def client(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger(*ROLES) as found:
        yield found


def _bank(client: httpx2.Client, name: str, **policy: Any) -> str:
    made = client.post("/c/banks", json={"name": name, "enabled_ratio": "1"})
    assert made.status_code == 201, made.text
    if policy:
        payload = {"visibility": "public", "policy": policy}
        assert client.patch(f"/v1/banks/{name}", json=payload).status_code == 200
    return name


def _banked(client: httpx2.Client, bank: str, signal: str) -> int:
    added = client.post(f"/c/bank/{bank}/signal", json={"pdq": signal})
    assert added.status_code == 200, added.text
    return int(added.json()["id"])


def _signal() -> str:
    return secrets.token_hex(32)


def test_anothers_bank_of_the_same_name_does_not_pass_for_ones_own(api: Api, client: httpx2.Client) -> None:
    signal, name = _signal(), f"BANK_{uuid4().hex[:8].upper()}"
    mine = _banked(client, _bank(client, name), signal)
    with api.stranger(*ROLES) as other:
        theirs = _banked(other, _bank(other, name, strangers_see_unreviewed=True), signal)
        assert name in {item["name"] for item in other.get("/c/banks").json()}
    banks = client.get("/v1/banks").json()["banks"]
    whose = next(bank["organization"] for bank in banks if bank["name"] == name and not bank["own"])
    payload = {"signal": signal, "signal_type": "pdq"}
    found = client.get("/m/lookup", params=payload).json()
    assert found[name] == [{"bank_content_id": mine, "distance": "0"}]
    assert found[f"{whose}/{name}"] == [{"bank_content_id": theirs, "distance": "0"}]
    only = client.get("/m/raw_lookup", params={**payload, "banks": name}).json()
    assert only == {"matches": [mine]}
    both = client.get("/m/raw_lookup", params={**payload, "banks": f"{name},{whose}/{name}"}).json()
    assert set(both["matches"]) == {mine, theirs}
    assert client.get("/m/lookup", params={**payload, "banks": "ABSENT"}).json() == {}
    assert client.get(f"/c/bank/{name}/content/{theirs}").status_code == 404
    assert client.delete(f"/c/bank/{name}/content/{theirs}").json() == {"deleted": 0}


def test_content_is_shown_as_its_clients_read_it(client: httpx2.Client) -> None:
    name = _bank(client, "SHOWN")
    number = _banked(client, name, _signal())
    shown = client.get(f"/c/bank/{name}/content/{number}").json()
    assert (shown["id"], shown["disable_until_ts"]) == (number, 1)
    assert shown["bank"] == {"name": name, "matching_enabled_ratio": 1.0}
    assert client.delete(f"/c/bank/{name}/content/{number}").json() == {"deleted": 1}
    assert client.get(f"/c/bank/{name}/content/{number}").json()["disable_until_ts"] == 0
    absent = client.get(f"/c/bank/{name}/content/2147483647")
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_content")


def test_a_bank_is_deleted_twice_and_by_its_own_organization_alone(api: Api, client: httpx2.Client) -> None:
    name = _bank(client, "GONE")
    with api.stranger(*ROLES) as other:
        assert other.delete(f"/c/bank/{name}").json() == {"message": "Done"}
    assert client.get(f"/c/bank/{name}").status_code == 200
    for _ in range(2):
        done = client.delete(f"/c/bank/{name}")
        assert (done.status_code, done.json()) == (200, {"message": "Done"})


def test_a_hash_in_two_banks_is_found_in_both_until_one_is_deleted(client: httpx2.Client) -> None:
    signal = _signal()
    for name in ("FIRST", "SECOND"):
        _banked(client, _bank(client, name), signal)
    payload = {"signal": signal, "signal_type": "pdq"}
    assert set(client.get("/m/lookup", params=payload).json()) == {"FIRST", "SECOND"}
    client.delete("/c/bank/SECOND")
    assert set(client.get("/m/lookup", params=payload).json()) == {"FIRST"}


def test_negative_banks_never_match(client: httpx2.Client) -> None:
    signal = _signal()
    fakes, harmless = _bank(client, "FAKES"), "HARMLESS"
    _banked(client, fakes, signal)
    payload = {"signal": signal, "signal_type": "pdq"}
    assert fakes in client.get("/m/lookup", params=payload).json()
    made = client.post("/v1/banks", json={"name": harmless, "kind": "negative"})
    assert made.status_code == 201, made.text
    _banked(client, harmless, signal)
    assert client.get("/m/lookup", params=payload).json() == {}
    assert client.get("/m/raw_lookup", params=payload).json() == {"matches": []}


def test_doubled_slashes_are_read_as_one(client: httpx2.Client) -> None:
    """Without a redirect, which takes the body of a POST from many clients."""
    base = str(client.base_url).rstrip("/")
    name = f"SLASHED {secrets.token_hex(4)}".upper().replace(" ", "_")
    made = client.post(f"{base}//c/banks", json={"name": name})
    assert (made.status_code, made.json()["name"]) == (201, name)
    assert client.get(f"{base}//c//bank///{name}").json()["name"] == name
    payload = {"signal": "0", "signal_type": "x"}
    assert client.get(f"{base}//m/lookup", params=payload).json()["code"] == "unknown_signal_type"
    assert client.get(f"{base}//elsewhere.example/x").status_code == 404
    assert client.get(f"{base}/c/bank/a%2F%2Fb").status_code == 404


def test_missing_permission_is_refused_before_fetching(api: Api, client: httpx2.Client) -> None:
    payload = {"url": "http://127.0.0.1:9/a.png"}
    absent = client.post("/c/bank/ABSENT/content", params=payload)
    assert (absent.status_code, absent.json()["code"]) == (404, "unknown_bank")
    refused = client.post(f"/c/bank/{_bank(client, 'MINE')}/content", params=payload)
    assert (refused.status_code, refused.json()["code"]) == (400, "address_refused")
    with api.stranger("hma", "lookup") as reader:
        assert reader.post("/c/bank/default/content", params=payload).json()["code"] == "forbidden"


@pytest.mark.slow
def test_a_key_for_this_machine_is_no_browsers_and_no_proxys(api: Api) -> None:
    with api.stranger(*ROLES) as known:
        key = known.headers["authorization"].removeprefix("Bearer ")
    with (
        processes.another(api, "hma", FAKEPRINT_HMA_KEY=key) as url,
        httpx2.Client(base_url=url, trust_env=False) as here,
    ):
        assert here.get("/c/banks").status_code == 200
        assert "sample" in here.get("/c/exchanges/apis").json()
        assert here.get(f"{url}//c/banks").status_code == 200  # a base URL that ends in a slash
        assert here.get("/v1/banks").status_code == 401
        assert here.get(f"{url}//v1/banks").status_code == 401
        # What Node's `fetch` (undici) sends by itself.
        node = {"Accept-Language": "*", "Sec-Fetch-Mode": "cors", "User-Agent": "node"}
        assert here.get("/c/banks", headers=node).status_code == 200
        for name, value in (
            ("Host", "rebound.example"),
            ("Origin", "https://page.example"),
            ("Referer", "https://page.example/"),
            ("Sec-Fetch-Site", "cross-site"),
            ("X-Forwarded-For", "203.0.113.9"),
            ("X-Real-IP", "203.0.113.9"),
            ("Via", "1.1 proxy"),
        ):
            assert here.get("/c/banks", headers={name: value}).status_code == 401, name


def test_deleted_content_can_be_added_again(client: httpx2.Client) -> None:
    name, signal = _bank(client, "AGAIN"), _signal()
    payload = {"signal": signal, "signal_type": "pdq", "banks": name}
    first = _banked(client, name, signal)
    assert client.delete(f"/c/bank/{name}/content/{first}").json() == {"deleted": 1}
    assert client.get("/m/raw_lookup", params=payload).json() == {"matches": []}
    again = _banked(client, name, signal)
    assert client.get("/m/raw_lookup", params=payload).json() == {"matches": [again]}
    assert client.get(f"/c/bank/{name}/content/{again}").json()["disable_until_ts"] == 1
    assert _banked(client, name, signal) == again
    md5 = secrets.token_hex(16)
    video = client.post(f"/c/bank/{name}/signal", json={"video_md5": md5}).json()["id"]
    payload = {"signal": md5, "signal_type": "video_md5", "banks": name}
    assert client.get("/m/lookup", params=payload).json() == {
        name: [{"bank_content_id": video, "distance": "-"}]
    }


@pytest.mark.slow
def test_addresses_that_say_nothing_hold_up_nobody_else(api: Api, client: httpx2.Client) -> None:
    """More of them than the process has threads for requests."""
    headers = dict(client.headers)
    with (
        processes.another(api, "slow", FAKEPRINT_FETCH_PRIVATE="true") as url,
        socket.create_server(("127.0.0.1", 0), backlog=64) as deaf,
        ThreadPoolExecutor(50) as threads,
    ):
        at = {"url": f"http://127.0.0.1:{deaf.getsockname()[1]}/a.png"}

        def ask() -> str:
            response = httpx2.get(f"{url}/h/hash", params=at, headers=headers, timeout=90, trust_env=False)
            return str(response.json()["code"])

        asking = [threads.submit(ask) for _ in range(50)]
        held = [deaf.accept()[0] for _ in range(OF_ONE)]
        for path in ("/c/banks", "/v1/banks", "/status"):
            assert httpx2.get(f"{url}{path}", headers=headers, trust_env=False).status_code == 200
        assert sum(item.done() for item in asking) < 10
        deaf.close()
        for item in held:
            item.close()
        assert {item.result() for item in asking} <= {"not_fetched", "busy", "too_many_requests"}


def test_a_video_of_a_face_is_found_by_its_vpdq(client: httpx2.Client) -> None:
    """A list of hashes has no faces, so whose face the footage shows cannot be told; it is banked all the
    same."""
    bank = _bank(client, f"B_{uuid4().hex[:8].upper()}")
    known = drawn.clip(f"vpdq {uuid4()}", face="a")
    document = to_document(known, faces=True)
    made = client.post("/v1/entries", json={"fakes": [document], "bank": bank, "manipulation": "face_swap"})
    assert made.status_code == 201, made.text
    frames = [frame for frame in known.frames if frame.view == FULL and frame.pdq]
    features = [f"{frame.pdq.hex()},{frame.quality},{frame.time:.3f}" for frame in frames if frame.pdq]
    payload = {"signal": json.dumps(features), "signal_type": "vpdq"}
    found = client.get("/m/lookup", params=payload).json()
    assert [match["distance"] for match in found[bank]] == ["100%[100%]"]
