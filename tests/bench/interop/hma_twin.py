"""A plugin of pytest that runs Hasher-Matcher-Actioner's own tests over HTTP, in that project's environment.

Flask's test client and the storage get twins that speak HTTP to INTEROP_URL. Each test has an organization of
its own, made with INTEROP_KEY. The numbers of contents are translated to those of an empty database, in the
order in which they first appear. Tests of HMA's own functions and tables are skipped: `INTERNAL`.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import time
import uuid
from pathlib import Path
from typing import Any

import httpx2
import pytest
from OpenMediaMatch import persistence
from OpenMediaMatch.background_tasks import build_index, fetcher
from OpenMediaMatch.tests import utils
from threatexchange.signal_type.md5 import VideoMD5Signal
from threatexchange.signal_type.pdq.signal import PdqSignal

URL, KEY = os.environ["INTEROP_URL"], os.environ["INTEROP_KEY"]
ROLES = ["lookup", "register", "review", "takedown", "admin", "hma"]
INTERNAL = re.compile(
    r"test_database|test_postgres|test_valid_urls|test_invalid_|test_missing_scheme|test_malformed|hostnames"
    r"|content_length|test_status_response|test_lookup_without_role|test_exchange_api_set_auth"
)
"""Tests that call HMA's Python, change its configuration, or replace parts of it."""
BANKED = re.compile(r"/c/bank/\w+/content(?=\?|$)")
NUMBER = re.compile(r'"(id|bank_content_id)": ?(\d+)')


class Answer:
    """An answer as Flask's test client gives it."""

    def __init__(self, got: httpx2.Response, body: bytes) -> None:
        self.status_code = got.status_code
        self.headers = got.headers
        self.data = body
        self.is_json = "json" in got.headers.get("content-type", "")

    @property
    def json(self) -> Any:
        return json.loads(self.data) if self.is_json else None

    def get_json(self) -> Any:
        return self.json

    def get_data(self, as_text: bool = False) -> Any:
        return self.data.decode() if as_text else self.data


class Client:
    """Flask's test client, over HTTP."""

    def __init__(self) -> None:
        new = {"organization": f"hma {uuid.uuid4()}", "name": "hma", "roles": ROLES}
        with httpx2.Client(base_url=URL, headers={"Authorization": f"Bearer {KEY}"}, timeout=60) as admin:
            made = admin.post("/v1/callers", json=new)
        assert made.status_code == 201, made.text
        headers = {"Authorization": f"Bearer {made.json()['key']}"}
        self._http = httpx2.Client(base_url=URL, headers=headers, timeout=90)
        self._numbers: dict[int, int] = {}
        self.banked: list[str] = []

    def get(self, path: str, **more: Any) -> Answer:
        return self._sent("GET", path, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self._sent("POST", path, **more)

    def put(self, path: str, **more: Any) -> Answer:
        return self._sent("PUT", path, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self._sent("DELETE", path, **more)

    def _sent(
        self, method: str, path: str, query_string: Any = None, data: Any = None, **more: Any
    ) -> Answer:
        ours = {number: known for known, number in self._numbers.items()}
        path = re.sub(r"(/content/)(\d+)", lambda at: at[1] + str(ours.get(int(at[2]), 10**9)), path)
        path = re.sub(r"https://github\.com/\S+?raw=true", f"{IMAGES[0]}/image1.jpg", path)
        if query_string:
            more["params"] = query_string
        if data:
            more["files"] = {
                name: (Path(source).name, Path(source).read_bytes(), kind)
                for name, (source, _, kind) in data.items()
            }
        got = self._http.request(method, path, **more)
        answer = Answer(got, self._translated(got.content))
        if banked := BANKED.match(path):
            self.banked += [f"{banked[0]}/{answer.json['id']}"] if got.status_code == 200 else []
        return answer

    def _translated(self, body: bytes) -> bytes:
        def known(found: re.Match[str]) -> str:
            number = self._numbers.setdefault(int(found[2]), len(self._numbers) + 1)
            return f'"{found[1]}": {number}'

        text = NUMBER.sub(known, body.decode("utf-8", "surrogateescape"))
        matches = re.fullmatch(r'\{"matches": ?\[([\d, ]+)\]\}', text.strip())
        if matches:
            numbers = [
                self._numbers.setdefault(int(each), len(self._numbers) + 1) for each in matches[1].split(",")
            ]
            text = json.dumps({"matches": numbers})
        return text.encode("utf-8", "surrogateescape")


def wait_for_contents(*_: object) -> None:
    """In place of a build of HMA's index: wait until what was banked by file matches."""
    client, ends = CLIENTS[-1], time.monotonic() + 60
    while any(not client.get(path).json.get("enabled", True) for path in client.banked):
        assert time.monotonic() < ends, "a worker has not fingerprinted it"
        time.sleep(0.1)


class Storage:
    """What the tests ask of HMA's storage, over HTTP."""

    exchange_types: Any = None

    def get_signal_type_configs(self) -> dict[str, Any]:
        found = CLIENTS[-1].get("/c/signal_type").json
        known = {PdqSignal.get_name(): PdqSignal, VideoMD5Signal.get_name(): VideoMD5Signal}

        class Config:
            def __init__(self, name: str, ratio: float) -> None:
                self.enabled, self.signal_type = ratio > 0, known[name]

        return {
            each["name"]: Config(each["name"], each["enabled_ratio"])
            for each in found
            if each["name"] in known
        }

    def bank_update(self, bank: Any, **_how: Any) -> None:
        made = CLIENTS[-1].post(
            "/c/banks", json={"name": bank.name, "enabled_ratio": bank.matching_enabled_ratio}
        )
        assert made.status_code == 201, made.data

    def bank_add_content(self, bank: str, signals: dict[Any, str]) -> None:
        named = {kind.get_name(): value for kind, value in signals.items()}
        assert CLIENTS[-1].post(f"/c/bank/{bank}/signal", json=named).status_code == 200

    def exchange_api_config_update(self, _config: Any) -> None:
        return

    def exchange_update(self, exchange: Any, **_how: Any) -> None:
        """The sample exchange: a bank with the examples of each signal type."""
        assert CLIENTS[-1].post("/c/banks", json={"name": exchange.name}).status_code == 201
        for kind in (PdqSignal, VideoMD5Signal):
            for value in kind.get_examples():
                self.bank_add_content(exchange.name, {kind: value})

    def get_signal_type_index(self, _kind: Any) -> None:
        return

    def get_last_index_build_checkpoint(self, _kind: Any) -> None:
        return


CLIENTS: list[Client] = []
IMAGES: list[str] = []


class App:
    """Flask's application."""

    def test_client(self) -> Client:
        return CLIENTS[-1]


@pytest.fixture
def app() -> Any:
    CLIENTS.append(Client())
    return App()


@pytest.fixture
def client(app: App) -> Any:
    return CLIENTS[-1]


@pytest.fixture(scope="session", autouse=True)
def note_image_server(image_server: str) -> Any:
    IMAGES[:] = [image_server]
    return image_server


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if INTERNAL.search(item.nodeid):
            item.add_marker(pytest.mark.skip(reason="of HMA's own code"))


image_server = utils.image_server
http.server.SimpleHTTPRequestHandler.log_message = lambda *_: None  # type: ignore[method-assign]
utils.app, utils.client = app, client
persistence.get_storage = Storage
build_index.build_all_indices = wait_for_contents
fetcher.fetch_all = lambda *_: None
