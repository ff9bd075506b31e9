"""What C2PA's resolution API 2.4 adds: discovery, capabilities, state, and files by their address."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import cast

import httpx2
import orjson
import pytest
from fastapi import Request

from registry.core.service import Service
from registry.operations.schemas import Check, Readiness
from registry.sharing.soft_binding import api as soft_binding
from tests.support.service.api import Api

BASE = "/c2pa/v1"


def test_clients_find_the_api_and_what_it_can_do(api: Api) -> None:
    with api.client(None) as anybody:
        found = anybody.get("/.well-known/c2pa-soft-binding-resolution").json()
        endpoint = f"{str(anybody.base_url).rstrip('/')}{BASE}"
        assert found == {
            "apiEndpoint": endpoint,
            "c2paSpecificationVersion": "2.4.0",
            "capabilitiesEndpoint": f"{endpoint}/services/capabilities",
            "statusEndpoint": f"{endpoint}/services/status",
        }
        can = anybody.get(found["capabilitiesEndpoint"]).json()
        assert can == {
            "c2paSpecificationVersion": "2.4.0",
            "supportedCapabilities": ["queryByContent", "queryByReference"],
        }
        state = anybody.get(found["statusEndpoint"]).json()
        assert state["status"] == "ok"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", state["timestamp"])


@pytest.mark.parametrize(
    ("ready", "broker", "state"),
    [(True, True, "ok"), (True, False, "degraded"), (False, False, "down"), (False, True, "down")],
)
def test_the_state_is_that_of_the_service(ready: bool, broker: bool, state: str) -> None:
    checks = {"database": Check(ok=ready, detail=None), "broker": Check(ok=broker, detail=None)}

    async def check(_service: Service) -> Readiness:
        return Readiness(ready=ready, checks=checks)

    app = SimpleNamespace(state=SimpleNamespace(probe=SimpleNamespace(check=check)))
    request = Request({"type": "http", "app": app})
    answer = asyncio.run(soft_binding.status(request, cast("Service", None)))
    assert orjson.loads(answer.body)["status"] == state


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"referenceUrl": "http://media.example/a.mp4", "assetLength": 9}, 400, "bad_input"),
        ({"referenceUrl": "file:///etc/passwd", "assetLength": 9}, 400, "bad_input"),
        ({"referenceUrl": "https://media.example/a.mp4"}, 400, "bad_input"),
        ({"referenceUrl": "https://media.example/a.mp4", "assetLength": 0}, 400, "bad_input"),
        ({"referenceUrl": "https://127.0.0.1/a.mp4", "assetLength": 9}, 400, "address_refused"),
        (
            {
                "referenceUrl": "https://media.example/a.mp4",
                "assetLength": 9,
                "region": [{"type": "temporal"}],
            },
            400,
            "region_not_supported",
        ),
    ],
)
def test_unsafe_and_unsupported_references_are_refused(
    admin: httpx2.Client, body: dict[str, object], status: int, code: str
) -> None:
    answer = admin.post(f"{BASE}/matches/byReference", json=body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_reference_needs_a_key_and_a_known_algorithm(api: Api, admin: httpx2.Client) -> None:
    body = {"referenceUrl": "https://media.example/a.mp4", "assetLength": 9}
    with api.client(None) as anybody:
        assert anybody.post(f"{BASE}/matches/byReference", json=body).status_code == 401
    answer = admin.post(f"{BASE}/matches/byReference", params={"alg": "other.1"}, json=body)
    assert answer.json()["code"] == "unknown_algorithm"
