"""Who may call: a key on everything but health, roles, request ids, and logs that tell no secrets."""

from __future__ import annotations

import re
from typing import Any

import httpx2
import pytest

from tests.support.service import servers as services
from tests.support.service.api import Api

OPEN = {
    "/docs": 200,
    "/openapi.json": 200,
    "/health/live": 200,
    "/health/ready": 200,
    "/status": 200,
    "/status/live": 200,
    "/v1/revocations": 415,
    "/c2pa/v1/services/supportedAlgorithms": 200,
    "/c2pa/v1/services/capabilities": 200,
    "/c2pa/v1/services/status": 200,
    "/.well-known/c2pa-soft-binding-resolution": 200,
    "/v1/assertions/status/{purpose}/{number}": 400,
    "/v1/peers/{peer}/news": 415,
    "GET /v1/private-cases/intake": 200,
    "POST /v1/private-cases": 415,
    "/v1/private-cases/state": 415,
    "/v1/private-cases/withdrawal": 415,
}
METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"}
ID = "00000000-0000-4000-8000-000000000000"


def _operations(description: dict[str, Any]) -> list[tuple[str, str]]:
    return [
        (method.upper(), path)
        for path, item in description["paths"].items()
        for method in item
        if method != "parameters"
    ]


@pytest.mark.slow
def test_everything_but_health_and_a_revocation_needs_a_key(api: Api, admin: httpx2.Client) -> None:
    operations = _operations(admin.get("/openapi.json").json())
    assert len(operations) >= 14
    for method, path in operations:
        with api.client(None) as nobody:
            answered = nobody.request(method, re.sub(r"\{.*?\}", ID, path))
        opened = OPEN.get(path) or OPEN.get(f"{method} {path}")
        if opened:
            assert answered.status_code == opened, path
        else:
            assert answered.status_code == 401, (method, path, answered.text)
            assert answered.json()["code"] == "unauthenticated"
            assert answered.headers["www-authenticate"].startswith("Bearer")
            assert answered.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer fp_wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": "Basic YTpi"},
        {"X-API-Key": "fp_wrong"},
        {"X-API-Key": "x" * 10_000},
        {"Authorization": "Bearer " + "é" * 40},
        {"Authorization": "Bearer a\tb"},
    ],
)
def test_a_wrong_key_is_refused(api: Api, headers: dict[str, str]) -> None:
    raw = {name.encode(): value.encode() for name, value in headers.items()}
    answered = httpx2.get(f"{api.url}/v1/banks", headers=raw, trust_env=False)
    assert (answered.status_code, answered.json()["code"]) == (401, "unauthenticated")


def test_a_key_is_taken_from_either_header(api: Api) -> None:
    with api.client(None) as client:
        assert client.get("/v1/banks", headers={"X-API-Key": api.key}).status_code == 200
        assert client.get("/v1/banks", headers={"authorization": f"bearer {api.key}"}).status_code == 200


@pytest.mark.parametrize(
    ("role", "method", "path"),
    [
        ("lookup", "GET", "/v1/entries"),
        ("lookup", "POST", "/v1/entries"),
        ("lookup", "POST", f"/v1/entries/{ID}/assets"),
        ("lookup", "POST", f"/v1/entries/{ID}/retry"),
        ("lookup", "POST", "/v1/banks"),
        ("register", "POST", "/v1/entries/relink"),
        ("register", "POST", "/v1/callers"),
        ("register", "POST", "/v1/lookups"),
        ("admin", "POST", "/v1/lookups"),
        ("admin", "GET", f"/v1/lookups/{ID}"),
    ],
)
def test_a_role_that_is_missing_is_named(api: Api, role: str, method: str, path: str) -> None:
    with api.stranger(role) as client:
        answered = client.request(method, path)
    assert (answered.status_code, answered.json()["code"]) == (403, "forbidden")
    assert "needs the role" in answered.json()["detail"]


def test_a_big_body_with_a_wrong_key_is_answered_401_and_not_by_a_broken_pipe(api: Api) -> None:
    with api.client("fp_wrong") as client:
        answered = client.post("/v1/entries", files={"fake": ("a.mp4", b"x" * (10 << 20))})
        assert (answered.status_code, answered.json()["code"]) == (401, "unauthenticated")
        assert client.get("/v1/banks").status_code == 401


def test_an_organizations_administrator_makes_no_keys_for_others(api: Api) -> None:
    wanted = {"name": "spy", "roles": ["faces", "review", "lookup"]}
    with api.stranger("admin") as elsewhere:
        for name in ("Local", "Quite new"):
            answered = elsewhere.post("/v1/callers", json={"organization": name, **wanted})
            assert (answered.status_code, answered.json()["code"]) == (403, "not_operator")
        made = elsewhere.post("/v1/callers", json=wanted)
        assert made.status_code == 201
    with api.client(api.key) as operator:
        mine = operator.post("/v1/callers", json={"organization": "Local", **wanted}).json()
    assert mine["organization_id"] != made.json()["organization_id"]


def test_a_new_key_has_the_requested_roles(admin: httpx2.Client, api: Api) -> None:
    made = admin.post("/v1/callers", json={"name": "desk", "roles": ["lookup"]})
    assert made.status_code == 201
    body = made.json()
    assert body["roles"] == ["lookup"]
    with api.client(body["key"]) as desk:
        assert desk.get("/v1/entries").status_code == 403
        assert desk.post("/v1/lookups", json={"type": "sha256", "sha256": "0" * 64}).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"name": "x", "roles": []}, "unknown_role"),
        ({"name": "x", "roles": ["root"]}, "unknown_role"),
        ({"name": "", "roles": ["lookup"]}, "bad_label"),
        ({"name": "a\nb", "roles": ["lookup"]}, "bad_label"),
        ({"name": "x" * 400, "roles": ["lookup"]}, "bad_label"),
        ({"roles": ["lookup"]}, "bad_input"),
        ({"name": "x", "roles": "lookup"}, "bad_input"),
        ({"name": "x", "roles": ["lookup"], "rank": 1}, "bad_input"),
    ],
)
def test_a_caller_that_cannot_be_made(admin: httpx2.Client, body: dict[str, Any], code: str) -> None:
    answered = admin.post("/v1/callers", json=body)
    assert (answered.status_code, answered.json()["code"]) == (400, code)


def test_a_request_id_is_echoed_and_logged(api: Api, admin: httpx2.Client) -> None:
    answered = admin.get("/v1/banks", headers={"X-Request-Id": "trace-4711"})
    assert answered.headers["x-request-id"] == "trace-4711"

    def said() -> list[dict[str, Any]]:
        return [line for line in api.lines() if line.get("request_id") == "trace-4711"]

    services.wait_until(lambda: bool(said()), 10)  # it is written once the answer has left
    (line,) = said()
    assert line["method"] == "GET"
    assert line["route"] == "/v1/banks"
    assert line["status"] == 200
    assert line["ms"] > 0
    assert line["caller_id"]


@pytest.mark.parametrize("given", ["a b", "x" * 300, 'a"b', "", "ü", "a%0ab"])
def test_a_malformed_request_id_is_replaced(admin: httpx2.Client, given: str) -> None:
    answered = admin.get("/v1/banks", headers=[(b"X-Request-Id", given.encode())])
    assert re.fullmatch(r"[0-9a-f]{32}", answered.headers["x-request-id"])


def test_a_problem_names_its_request(admin: httpx2.Client) -> None:
    answered = admin.get(f"/v1/entries/{ID}", headers={"X-Request-Id": "trace-4712"})
    body = answered.json()
    assert body["instance"] == "urn:fakeprint:request:trace-4712"
    assert body["type"] == "urn:fakeprint:error:unknown_entry"
    assert (body["status"], body["code"]) == (404, "unknown_entry")
    assert body["title"]
    assert body["detail"]


def test_the_log_holds_neither_keys_nor_names_nor_questions(api: Api, admin: httpx2.Client) -> None:
    key = admin.headers["authorization"].removeprefix("Bearer ")
    admin.post(
        "/v1/entries", files={"fake": ("victim-name.mp4", b"not media")}, data={"title": "victim-title"}
    )
    admin.post("/v1/lookups", json={"type": "sha256", "sha256": "ab" * 32})
    admin.get("/v1/entries", params={"bank": "victim-bank"})
    admin.get("/no/victim-path")
    log = api.log.read_text(encoding="utf-8")
    for secret in (key, "fp_wrong", "victim", "ab" * 32):
        assert secret not in log, secret


@pytest.mark.parametrize(
    "path", ["/", "/docs/", "/redoc", "/v1", "/v1/entries/", "/v1/../etc/passwd", "//v1/entries//"]
)
def test_an_address_that_is_not_there(admin: httpx2.Client, path: str) -> None:
    answered = admin.get(path)
    assert (answered.status_code, answered.json()["code"]) == (404, "not_found")


@pytest.mark.slow
def test_a_method_that_is_not_taken(api: Api, admin: httpx2.Client) -> None:
    """`Allow` names what is described for the address. A template that it fits too adds nothing."""
    described: dict[str, set[str]] = {}
    for method, path in _operations(admin.get("/openapi.json").json()):
        described.setdefault(path, set()).add(method)
    with api.client(None) as nobody:
        for path, methods in described.items():
            address = re.sub(r"\{.*?\}", ID, path)
            takes = set(methods)
            if nobody.head(address).status_code != 405:
                takes.add("HEAD")
            answered = nobody.request(min(METHODS - takes), address)
            assert answered.status_code == 405, address
            assert set(answered.headers["allow"].split(", ")) == takes, address
        assert "GET" in nobody.put("/console").headers["allow"]


@pytest.mark.parametrize("query", ["", "?wait=0"])
def test_of_two_keys_the_first_is_read(api: Api, admin: httpx2.Client, query: str) -> None:
    """By the short way of lookups of a hash as by the router."""
    good, bad = admin.headers["authorization"], "Bearer fpk_unknown"
    body = {"type": "hash", "algorithm": "pdq.1", "value": "0" * 64}
    with api.client(None) as client:
        for keys, status in (((good, bad), 200), ((bad, good), 401)):
            headers = [("Authorization", key) for key in keys]
            assert client.post(f"/v1/lookups{query}", json=body, headers=headers).status_code == status
