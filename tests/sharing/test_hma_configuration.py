"""What clients of Hasher-Matcher-Actioner ask of its configuration, with its addresses and answers."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator

import httpx2
import pytest

from tests.support.service.api import Api

ONE = "facd8bcb2a49bcebdec1985298d5fe84bcd006c187c598c720c3c087b3fdb318"
OTHER = "facd8bcb2a49bcebdec1985228d5ae84bcd006c187c598c720c2b087b3fdb318"


@pytest.fixture
def client(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger("hma", "lookup", "register", "admin") as found:
        yield found


def test_a_new_organization_has_no_banks(client: httpx2.Client) -> None:
    assert client.get("/c/banks").json() == []
    assert client.post("/c/bank/default/signal", json={"pdq": secrets.token_hex(32)}).status_code == 200
    assert [bank["name"] for bank in client.get("/c/banks").json()] == ["default"]


@pytest.mark.parametrize("name", ["01_BANK", "my_bank", "BANK-1", ""])
def test_names_of_banks_are_those_of_hma(client: httpx2.Client, name: str) -> None:
    answer = client.post("/c/banks", json={"name": name})
    assert answer.status_code == 400
    assert answer.json()["message"]
    assert client.post("/c/banks", json={"name": "BANK"}).status_code == 201
    assert client.put("/c/bank/BANK", json={"name": name}).status_code == 400


def test_pairs_of_hashes_are_compared(client: httpx2.Client) -> None:
    md5 = secrets.token_hex(16)
    answer = client.post("/m/compare", json={"pdq": [ONE, OTHER], "video_md5": [md5, md5.upper()]})
    assert answer.json() == {"pdq": [True, {"distance": 9}], "video_md5": [True, {}]}
    far = client.post("/m/compare", json={"pdq": [ONE, "5" * 64], "video_md5": [md5, "0" * 32]}).json()
    assert (far["pdq"][0], far["video_md5"]) == (False, [False, {}])


def test_lists_of_frames_are_compared(client: httpx2.Client) -> None:
    def listed(*hashes: str) -> str:
        return json.dumps([f"{value},100,{second}.000" for second, value in enumerate(hashes)])

    flat = '["' + "0" * 64 + ',0,0.000"]'
    pair = [listed(ONE, "5" * 64), listed(OTHER)]
    assert client.post("/m/compare", json={"vpdq": pair}).json() == {
        "vpdq": [False, {"query_match_percent": 50.0, "compared_match_percent": 100.0}]
    }
    assert client.post("/m/compare", json={"vpdq": pair[::-1]}).json()["vpdq"][0] is True
    assert client.post("/m/compare", json={"vpdq": [flat, pair[0]]}).json()["code"] == "bad_hash"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (["banana"], "bad_json"),
        ({"pdq": "banana"}, "bad_hash"),
        ({"pdq": []}, "bad_hash"),
        ({"pdq": ["banana", "banana"]}, "bad_hash"),
        ({"pdq": [ONE, OTHER, ONE]}, "bad_hash"),
        ({"banana": [ONE, OTHER]}, "unknown_signal_type"),
        ({"vpdq": [ONE, OTHER]}, "bad_hash"),
        ({"vpdq": ["[]", "[]"]}, "bad_hash"),
    ],
)
def test_bad_pairs_get_an_error_with_a_message(client: httpx2.Client, body: object, code: str) -> None:
    answer = client.post("/m/compare", json=body)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"] == answer.json()["detail"]


def test_the_index_counts_the_organizations_hashes(client: httpx2.Client, api: Api) -> None:
    nothing = {"present": False, "built_to": -1, "size": 0}
    assert client.get("/m/index/status").json() == dict.fromkeys(("pdq", "video_md5", "vpdq"), nothing)
    client.post("/c/banks", json={"name": "BANK"})
    for _ in range(3):
        client.post("/c/bank/BANK/signal", json={"pdq": secrets.token_hex(32)})
    client.post("/c/bank/BANK/signal", json={"video_md5": secrets.token_hex(16)})
    status = client.get("/m/index/status", params={"signal_type": "pdq"}).json()
    assert status.keys() == {"pdq"}
    assert (status["pdq"]["present"], status["pdq"]["size"]) == (True, 3)
    index = client.get("/c/signal_type/index").json()
    assert {name: of["db_size"] for name, of in index.items()} == {"pdq": 3, "video_md5": 1, "vpdq": 0}
    assert index["pdq"]["index_built_to"] == index["pdq"]["newest_db_item"] == status["pdq"]["built_to"]
    assert client.get("/m/index/status", params={"signal_type": "x"}).status_code == 400
    with api.stranger("hma", "lookup") as other:
        assert other.get("/m/index/status").json()["pdq"] == nothing


def test_types_are_listed_and_fixed(client: httpx2.Client) -> None:
    assert [each["name"] for each in client.get("/c/signal_type").json()] == ["pdq", "video_md5", "vpdq"]
    assert client.get("/c/content_type").json() == [
        {"name": "photo", "enabled": True},
        {"name": "video", "enabled": True},
    ]
    assert client.put("/c/signal_type/pdq", json={"enabled_ratio": 1.0}).status_code == 204
    assert client.put("/c/signal_type/pdq", json={"enabled_ratio": 0.5}).json()["code"] == "fixed_ratio"
    assert client.put("/c/signal_type/pdq", json={}).status_code == 400
    assert client.put("/c/signal_type/x", json={"enabled_ratio": 1}).json()["code"] == "unknown_signal_type"


def test_addresses_without_a_key(api: Api) -> None:
    with api.client(None) as nobody:
        assert nobody.head("/status").status_code == 200
        described = nobody.get("/openapi/openapi.json").json()
        assert described["info"]["title"] == "Open Media Match API"
        assert "/m/lookup" in described["paths"]
        assert "/v1/entries" not in described["paths"]
        assert "/c/banks" in nobody.get("/site-map").json()


def content_of(client: httpx2.Client, **more: object) -> tuple[str, str]:
    """Bank a hash. Returns the address of its content, and the hash."""
    client.post("/c/banks", json={"name": "BANK"})
    pdq = secrets.token_hex(32)
    banked = client.post("/c/bank/BANK/signal", json={"pdq": pdq, **more})
    assert banked.status_code == 200, banked.text
    return f"/c/bank/BANK/content/{banked.json()['id']}", pdq


def test_notes_and_metadata_come_back(client: httpx2.Client) -> None:
    address, pdq = content_of(client, note="From a victim", metadata={"content_id": "c-1"})
    content = client.get(address).json()
    assert (content["note"], content["metadata"]) == ("From a victim", {"content_id": "c-1"})
    assert "signals" not in content
    assert client.get(address, params={"include_signals": "true"}).json()["signals"] == {"pdq": pdq}
    assert "metadata" not in client.get(address, params={"include_metadata": "false"}).json()
    assert client.put(address, json={"note": "Checked"}).json()["note"] == "Checked"
    changed = client.put(address, json={"note": None}).json()
    assert (changed["note"], changed["user_metadata"]) == (None, {"content_id": "c-1"})
    assert changed["collab_metadata"] == {}
    assert client.put(address, json={"note": "x" * 256}).json()["code"] == "bad_content_note"
    plain, _ = content_of(client)
    assert not {"note", "metadata"} & client.get(plain).json().keys()


def test_content_that_is_switched_off_is_left_out_until_then(client: httpx2.Client) -> None:
    address, pdq = content_of(client)
    query = {"signal": pdq, "signal_type": "pdq"}
    tomorrow = int(time.time()) + 86_400
    for until in (tomorrow, 0):
        assert client.put(address, json={"disable_until_ts": until}).json()["disable_until_ts"] == until
        assert client.get("/m/lookup", params=query).json() == {}
        assert len(client.get("/m/raw_lookup", params=query).json()["matches"]) == 1
    for until in (int(time.time()) - 10, 1):
        assert client.put(address, json={"disable_until_ts": until}).json()["disable_until_ts"] == 1
        assert client.get("/m/lookup", params=query).json().keys() == {"BANK"}
    for wrong in (-1, 9_999_999_999, "soon", None):
        answer = client.put(address, json={"disable_until_ts": wrong})
        assert (answer.status_code, answer.json()["code"]) == (400, "bad_disable_until")


def test_content_of_others_cannot_be_changed(client: httpx2.Client, api: Api) -> None:
    address, _ = content_of(client)
    with api.stranger("hma", "lookup", "register", "admin") as other:
        other.post("/c/banks", json={"name": "BANK"})
        assert other.put(address, json={"note": "mine"}).status_code == 404
    assert "note" not in client.get(address).json()
