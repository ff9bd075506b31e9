"""Known fakes in MISP and OpenCTI: the examples as they stand, by these platforms' own client libraries.

The platforms are stand-ins that keep what the libraries send. They speak as much REST and GraphQL as is used.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import pytest

from fakeprint import Client, operations
from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.support.service.api import Api

pytestmark = pytest.mark.slow

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "docs" / "examples"
LIBRARIES: Final = ROOT / ".cache" / "examples" / "threats"
PYCTI: Final = "pycti==7.261026.0"


class Platform(BaseHTTPRequestHandler):
    """A platform: `answer` gets path and body, and returns status and JSON."""

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        status, answer = self.answer(self.path, json.loads(body) if body else {})
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_HEAD = _serve  # noqa: N815 - names of http.server

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        raise NotImplementedError

    def log_message(self, *_: object) -> None:
        return


class Misp(Platform):
    """Keeps events by their UUID."""

    events: dict[str, dict[str, Any]] = {}  # noqa: RUF012 - one platform

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:
        parts = path.strip("/").split("/")
        match parts[:2]:
            case ["servers", _]:
                return 200, {"version": "2.5.34", "perm_sync": True}
            case ["users", "view"]:
                return 200, {"User": {"id": "1"}, "Role": {"id": "1", "name": "sync"}, "UserSetting": []}
            case ["events", "view"]:
                known = self.events.get(parts[2])
                return (200, {"Event": known}) if known else (404, {"message": "Invalid event"})
            case ["events", "add" | "edit"]:
                event = body.get("Event", body)
                kept = self.events.setdefault(event["uuid"], {**event, "Object": []})
                objects = {each["uuid"]: each for each in [*kept["Object"], *event["Object"]]}
                self.events[event["uuid"]] = {**event, "Object": list(objects.values())}
                return 200, {"Event": self.events[event["uuid"]]}
            case ["objects", "delete"]:
                for event in self.events.values():
                    event["Object"] = [each for each in event["Object"] if each["uuid"] != parts[2]]
                return 200, {"message": "deleted"}
        return 404, {"message": path}


class OpenCti(Platform):
    """Keeps indicators by their pattern, as OpenCTI does."""

    indicators: dict[str, dict[str, Any]] = {}  # noqa: RUF012 - one platform

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, Any]:  # noqa: ARG002 - one path
        query = body["query"]
        found = re.search(r"\{\s*(\w+)", query[query.index("{") :])
        field = found[1] if found else ""
        given = body.get("variables") or {}
        node: Any = {
            "id": str(uuid4()),
            "standard_id": f"x--{uuid4()}",
            "entity_type": "X",
            "parent_types": [],
        }
        if field == "vocabularyCategories":
            node = []
        elif field == "indicatorAdd":
            pattern = given["input"]["pattern"]
            node = {**self.indicators.get(pattern, node), "pattern": pattern, "revoked": False}
            self.indicators[pattern] = node
        elif field == "indicators":
            edges = [{"node": each} for each in self.indicators.values()]
            node = {
                "edges": edges,
                "pageInfo": {"hasNextPage": False, "endCursor": "", "globalCount": len(edges)},
            }
        elif field == "stixDomainObjectEdit":
            changed = next(each for each in self.indicators.values() if each["id"] == given["id"])
            assert given["input"] == {"key": "revoked", "value": ["true"]}
            changed["revoked"] = True
            node = {"fieldPatch": node}
        return 200, {"data": {field: node}}


@contextmanager
def serving(platform: type[Platform]) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), platform)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def pycti() -> None:
    """OpenCTI's client, in a folder of its own: it pins other versions of what we use."""
    mark = LIBRARIES / PYCTI
    if not mark.exists():
        uv = ROOT / ".uv" / "bin" / "uv"
        program = str(uv) if uv.exists() else "uv"
        command = [
            program,
            "pip",
            "install",
            "-q",
            "--python",
            sys.executable,
            "--target",
            str(LIBRARIES),
            PYCTI,
        ]
        subprocess.run(command, check=True, timeout=240)
        mark.touch()


def ran(api: Api, example: str, bank: str, **more: str) -> str:
    """Run an example and return what it prints."""
    variables = {
        "PATH": os.environ["PATH"],
        "FAKEPRINT_URL": api.url,
        "FAKEPRINT_KEY": api.key,
        "BANK": bank,
        "UNREVIEWED": "true",
        **more,
    }
    command = [sys.executable, str(EXAMPLES / example)]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@contextmanager
def two_fakes(api: Api, bank: str) -> Iterator[tuple[Client, str, str]]:
    """A bank of its own with two fakes: their ids."""
    with Client(api.url, api.key) as registry:
        registry.request(operations.create_bank({"name": bank}))
        made = [
            registry.register([to_document(drawn.clip(f"{bank} {name}", face=name), faces=True)], bank=bank)
            for name in ("a", "b")
        ]
        yield registry, made[0]["entry_id"], made[1]["entry_id"]


def withdraw(registry: Client, entry_id: str) -> None:
    registry.request(operations.withdraw_entry(entry_id, {"reason_code": "mistaken"}))


def test_misp_gets_one_event_and_loses_what_was_withdrawn(api: Api) -> None:
    with serving(Misp) as url, two_fakes(api, "for-misp") as (registry, first, second):
        platform = {"MISP_URL": url, "MISP_KEY": "k" * 40}
        assert ran(api, "misp_connector.py", "for-misp", **platform) == "2 fakes in the event, 0 deleted\n"
        assert ran(api, "misp_connector.py", "for-misp", **platform) == "2 fakes in the event, 0 deleted\n"
        withdraw(registry, first)
        assert ran(api, "misp_connector.py", "for-misp", **platform) == "1 fakes in the event, 1 deleted\n"
    (event,) = Misp.events.values()
    (known,) = event["Object"]
    assert known["name"] == "known-fake"
    assert second in json.dumps(known)
    assert first not in json.dumps(known)


@pytest.mark.usefixtures("pycti")
def test_opencti_gets_indicators_and_revokes_what_was_withdrawn(api: Api) -> None:
    with serving(OpenCti) as url, two_fakes(api, "for-opencti") as (registry, first, _):
        platform = {"OPENCTI_URL": url, "OPENCTI_TOKEN": str(uuid4()), "PYTHONPATH": str(LIBRARIES)}
        said = ran(api, "opencti_connector.py", "for-opencti", **platform)
        assert said == "3 objects imported, 0 indicators revoked\n"
        withdraw(registry, first)
        said = ran(api, "opencti_connector.py", "for-opencti", **platform)
        assert said == "2 objects imported, 1 indicators revoked\n"
    assert sorted(each["revoked"] for each in OpenCti.indicators.values()) == [False, True]
    assert all("file:hashes.'SHA-256'" in pattern for pattern in OpenCti.indicators)
