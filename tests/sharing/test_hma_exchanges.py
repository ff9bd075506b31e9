"""Exchanges as clients of Hasher-Matcher-Actioner set them up, with its addresses and answers."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import httpx2
import pytest

from registry.catalogue.banks.service.banks import create_bank, show_bank
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.jobs.service.jobs import claim_job
from registry.sharing.errors import BadAddress, BadCredentials
from registry.sharing.hma.schemas import HmaExchangeStatus
from registry.sharing.hma.service import exchanges
from registry.sharing.hma.service.exchange_apis import APIS
from registry.sharing.sources.errors import BadOptions
from registry.sharing.sources.schemas import NewExchange
from registry.sharing.sources.service.exchanges import add_exchange, fetch_due
from registry.sharing.sources.service.reading import fetch_exchange
from tests.support.banks import rate
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.sharing.exchanges import StopNCII, move_exchanges, serving, stopncii_record

ROLES = ("hma", "lookup", "register", "admin")
GROUP: dict[str, Any] = {"bank": "GROUP", "api": "fb_threatexchange", "api_json": {"privacy_group": 77}}


@pytest.fixture
def client(api: Api) -> Iterator[httpx2.Client]:
    with api.stranger(*ROLES) as found:
        yield found


def test_an_exchange_begins_and_ends_with_its_bank(client: httpx2.Client) -> None:
    made = client.post("/c/exchanges", json=GROUP)
    assert (made.status_code, made.json()) == (201, {"message": "Created successfully"})
    assert client.get("/c/exchanges").json() == ["GROUP"]
    assert client.get("/c/exchange/GROUP").json() == {
        "name": "GROUP",
        "api": "fb_threatexchange",
        "enabled": True,
        "privacy_group": 77,
    }
    assert client.get("/c/bank/GROUP").json() == {"name": "GROUP", "matching_enabled_ratio": 1.0}
    [here] = client.get("/v1/exchanges").json()["exchanges"]
    assert (here["kind"], here["options"], here["credentials"]) == (
        "threatexchange",
        {"privacy_group": 77},
        False,
    )
    for _ in range(2):
        gone = client.delete("/c/exchange/GROUP")
        assert (gone.status_code, gone.json()) == (200, {"message": "Exchange deleted"})
    assert client.get("/c/exchanges").json() == []
    assert client.get("/c/bank/GROUP").status_code == client.get("/c/exchange/GROUP").status_code == 404


@pytest.mark.parametrize("paths", [["/c/bank/GROUP"], ["/v1/banks/GROUP", "/c/exchange/GROUP"]])
def test_an_exchange_whose_bank_is_deleted_can_be_added_again(
    client: httpx2.Client, paths: list[str]
) -> None:
    """Coop deletes the bank of an exchange as any other."""
    for _ in range(2):
        assert client.post("/c/exchanges", json=GROUP).status_code == 201
        for path in paths:
            assert client.delete(path).status_code == 200
        assert client.get("/c/exchange/GROUP").status_code == 404
        assert client.get("/v1/exchanges").json()["exchanges"] == []


def test_a_new_bank_with_the_name_of_a_deleted_one_has_no_exchange(client: httpx2.Client) -> None:
    assert client.post("/c/exchanges", json=GROUP).status_code == 201
    assert client.delete("/v1/banks/GROUP").status_code == 200
    assert client.get("/v1/exchanges").json()["exchanges"] == []
    assert client.post("/c/banks", json={"name": "GROUP"}).status_code == 201
    signal = {"pdq": drawn.generator("own").bytes(32).hex()}
    content = client.post("/c/bank/GROUP/signal", json=signal).json()["id"]
    assert client.get("/c/exchange/GROUP").status_code == 404
    assert client.delete("/c/exchange/GROUP").status_code == 200
    assert client.get(f"/c/bank/GROUP/content/{content}").status_code == 200


def test_an_exchange_ends_with_its_bank_or_neither_does(service: Service, owner: Caller) -> None:
    """A bank that cannot be deleted keeps its exchange; the key of one that ends is destroyed."""
    create_bank(service, owner, name="GROUP", visibility="private")
    login = {"token": "123|secret"}
    options: dict[str, object] = {"privacy_group": 77}
    new = NewExchange(name="x", kind="threatexchange", bank="GROUP", options=options, credentials=login)
    exchange_id = UUID(str(add_exchange(service, owner, new).exchange_id))
    held = register_entry(service, owner, Registration(fakes=[drawn.clip("held")], bank="GROUP"))
    rate(service, held.entry_id, "court_order")
    with pytest.raises(Conflict, match="court order"):
        exchanges.remove(service, owner, "GROUP")
    assert exchanges.names(service, owner) == ["GROUP"]
    assert service.keys.find(exchange_id) is not None
    rate(service, held.entry_id, "reviewed")
    exchanges.remove(service, owner, "GROUP")
    assert exchanges.names(service, owner) == []
    assert service.keys.find(exchange_id) is None
    with pytest.raises(NotFound):
        show_bank(service, owner, "GROUP")


def test_an_exchange_is_switched_off_and_on(client: httpx2.Client) -> None:
    client.post("/c/exchanges", json=GROUP)
    for enabled, state in ((False, "suspended"), (None, "suspended"), (True, "active")):
        changed = client.put("/c/exchange/GROUP", json={} if enabled is None else {"enabled": enabled})
        assert changed.json()["enabled"] is (state == "active")
        [here] = client.get("/v1/exchanges").json()["exchanges"]
        assert here["state"] == state
        fetch = client.post("/v1/exchanges/GROUP/fetch")
        refused = (409, "exchange_suspended")
        assert (fetch.status_code, fetch.json().get("code")) == (
            (202, None) if state == "active" else refused
        )
    off = {"bank": "OFF", "api": "sample", "api_json": {"enabled": False}}
    assert client.post("/c/exchanges", json=off).status_code == 201
    assert client.get("/c/exchange/OFF").json()["enabled"] is False


def test_progress_before_the_first_reading(client: httpx2.Client) -> None:
    client.post("/c/exchanges", json=GROUP)
    progress = client.get("/c/exchange/GROUP/status").json()
    assert progress.pop("running_fetch_start_ts") > 1_700_000_000
    assert progress == {
        "checkpoint_ts": None,
        "last_fetch_complete_ts": None,
        "last_fetch_succeeded": None,
        "up_to_date": False,
        "fetched_items": 0,
    }


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"bank": None}, 400, "bad_input"),
        ({"bank": "group"}, 400, "bad_bank_name"),
        ({"bank": "1GROUP"}, 400, "bad_bank_name"),
        ({"api": None}, 400, "bad_input"),
        ({"api": "elsewhere"}, 400, "unknown_exchange"),
        ({"api_json": []}, 400, "bad_input"),
        ({"api_json": {}}, 400, "bad_options"),
        ({"api_json": {"privacy_group": "x"}}, 400, "bad_options"),
        ({"api": "ncmec", "api_json": {"environment": "nowhere"}}, 400, "bad_options"),
        ({"api": "ncmec", "api_json": {"environment": "https://127.0.0.1/x"}}, 400, "bad_options"),
        ({"api": "ncmec", "api_json": {"environment": ["x"]}}, 400, "bad_options"),
        ({"api": "local_file", "api_json": {"filename": 5}}, 400, "bad_options"),
        ({"api_json": GROUP["api_json"] | {"enabled": "no"}}, 400, "bad_options"),
        ({"bank": "TAKEN"}, 403, "bank_exists"),
    ],
)
def test_bad_exchanges_leave_no_bank(
    client: httpx2.Client, change: dict[str, Any], status: int, code: str
) -> None:
    client.post("/c/banks", json={"name": "TAKEN"})
    refused = client.post("/c/exchanges", json=GROUP | change)
    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert refused.json()["message"]
    assert [bank["name"] for bank in client.get("/c/banks").json()] == ["TAKEN"]


def test_an_address_stands_for_a_choice_only_where_exchanges_may_be_anywhere() -> None:
    settings = {"environment": "http://127.0.0.1:9/x"}
    assert APIS["ncmec"].address_and_options(settings, private=True)[0] == settings["environment"]
    with pytest.raises(BadOptions):
        APIS["ncmec"].address_and_options(settings)


def test_the_kinds_and_their_fields(client: httpx2.Client) -> None:
    names = client.get("/c/exchanges/apis").json()
    assert names == ["sample", "fb_threatexchange", "ncmec", "stop_ncii", "local_file"]
    for name in names:
        schema = client.get(f"/c/exchanges/api/{name}/schema").json()
        assert (schema["credentials_schema"] is None) is (name in {"sample", "local_file"})
    schema = client.get("/c/exchanges/api/ncmec/schema").json()
    assert {field["name"]: field["type"] for field in schema["config_schema"]["fields"]} == {
        "environment": "enum",
        "only_esp_ids": "set_of_number",
    }
    assert client.get("/c/exchanges/api/elsewhere").status_code == 400
    assert client.get("/c/exchanges/api/elsewhere/schema").status_code == 404


def test_credentials_are_set_and_deleted_by_kind(client: httpx2.Client, api: Api) -> None:
    address = "/c/exchanges/api/fb_threatexchange"
    without = {"supports_authentification": True, "has_set_authentification": False}
    assert client.get(address).json() == without
    for token in ("123|first", "123|second"):
        done = client.post(address, json={"credential_json": {"api_token": token}})
        assert done.json() == {"supports_authentification": True, "has_set_authentification": True}
    for wrong in ({"token": "123|secret"}, {"api_token": 5}, {"api_token": "no secret"}, ["secret"]):
        refused = client.post(address, json={"credential_json": wrong})
        assert (refused.status_code, "secret" in refused.text) == (400, False)
    with api.stranger(*ROLES) as other:
        assert other.get(address).json() == without
        assert other.get("/c/exchanges").json() == []
    assert client.post(address, json={"credential_json": {}}).json() == without
    with api.stranger("hma", "lookup") as reader:
        assert reader.post(address, json={"credential_json": {}}).status_code == 403
        assert reader.get(address).status_code == 200


def test_credentials_that_arrive_at_once_replace_one_another(service: Service, owner: Caller) -> None:
    """The key of each but the last is destroyed."""
    api = APIS["fb_threatexchange"]
    start = threading.Barrier(4)

    def set_once(number: int) -> None:
        for each in range(5):
            start.wait(10)
            exchanges.authenticate(service, owner, api, {"api_token": f"1{number}{each}|x"})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(set_once, range(4)))
    with service.pool.transaction() as connection:
        (row,) = connection.execute("SELECT login_id FROM exchange_login").fetchall()
    assert service.keys.find(row["login_id"]) is not None
    assert len(service.keys.destroyed()) == 4 * 5 - 1


def read(service: Service, owner: Caller, bank: str) -> HmaExchangeStatus:
    """Read an exchange as a worker does, and return its status."""
    with service.pool.transaction() as connection:
        row = connection.execute(
            "SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'"
        ).fetchone()
    assert row is not None
    job = claim_job(service, row["job_id"])
    assert job is not None
    fetch_exchange(service, job, lambda _share: None)
    return exchanges.get_status(service, owner, bank)


def test_the_sample_is_read_without_credentials(service: Service, owner: Caller) -> None:
    exchanges.add(service, owner, "SAMPLE", APIS["sample"], {})
    status = read(service, owner, "SAMPLE")
    assert (status.last_fetch_succeeded, status.up_to_date, status.fetched_items) == (True, True, 18)


def test_an_exchange_is_read_with_the_credentials_of_its_kind(service: Service, owner: Caller) -> None:
    chosen = service.settings.model_copy(update={"exchange_private": True})
    opened = Service(service.pool, service.blobs, service.publisher, chosen)
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, drawn.generator("a").bytes(32).hex())]
        exchanges.add(opened, owner, "NCII", APIS["stop_ncii"], {})
        move_exchanges(opened, server.url)
        assert read(opened, owner, "NCII").last_fetch_succeeded is False
        login = {"fetch_function_key": "fk", "subscription_key": "sk"}
        exchanges.authenticate(opened, owner, APIS["stop_ncii"], login)
        with opened.pool.transaction() as connection:
            (row,) = connection.execute("SELECT login_id, credentials FROM exchange_login").fetchall()
        assert b"fk" not in bytes(row["credentials"])
        assert fetch_due(opened) == 1  # at once, not in an hour
        assert read(opened, owner, "NCII").fetched_items == 1
        exchanges.authenticate(opened, owner, APIS["stop_ncii"], {})
        assert opened.keys.find(UUID(str(row["login_id"]))) is None


def test_stopncii_is_read_at_the_address_of_its_credentials(service: Service, owner: Caller) -> None:
    chosen = service.settings.model_copy(update={"exchange_private": True})
    opened = Service(service.pool, service.blobs, service.publisher, chosen)
    login = {"fetch_function_key": "fk", "subscription_key": "sk"}
    with serving(StopNCII(), "/v1") as server:
        server.records = [stopncii_record(100, drawn.generator("b").bytes(32).hex())]
        there = login | {"base_url_override": server.url}
        with pytest.raises(BadAddress):
            exchanges.authenticate(service, owner, APIS["stop_ncii"], there)  # only public addresses
        exchanges.authenticate(opened, owner, APIS["stop_ncii"], there)
        exchanges.add(opened, owner, "TEST", APIS["stop_ncii"], {})
        assert read(opened, owner, "TEST").fetched_items == 1
    exchanges.authenticate(service, owner, APIS["stop_ncii"], login | {"base_url_override": ""})
    with pytest.raises(BadCredentials):
        exchanges.authenticate(service, owner, APIS["stop_ncii"], {"base_url_override": "https://a.example"})
