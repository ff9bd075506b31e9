"""A key with the role `lookup` alone, of another organization and of the own: no answer, header or error
tells a hash of what is registered, or its digest."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from registry.app.api.permissions import PERMISSIONS
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.support.documents.fields import opens
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api


@pytest.fixture(scope="module")
def api(
    embedded_postgres: services.PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    with (
        embedded_postgres.clone() as url,
        processes.running(url, tmp_path_factory.mktemp("leaks")) as running,
    ):
        yield running


def _registered(api: Api, clip: Fingerprint) -> dict[str, Any]:
    """The entry of a clip, with an original, in a public bank of the operator's."""
    with api.client(api.key) as admin:
        bank = admin.post("/v1/banks", json={"name": f"b {uuid4()}", "visibility": "public"}).json()
        body = {"bank": bank["bank_id"], "title": "t", "fakes": [to_document(clip, faces=False)]}
        made: dict[str, Any] = admin.post("/v1/entries", json=body).json()
        assert made["status"] == "matchable"
        return made | {"bank": bank["bank_id"]}


def _responses(
    client: httpx2.Client, api: Api, made: dict[str, Any], near: Fingerprint
) -> list[httpx2.Response]:
    """Every way to ask, and every operation to read that the role opens, of all that can be named."""
    document = to_document(near, faces=False)
    first = next(frame for frame in near.frames if frame.pdq is not None)
    assert first.pdq is not None
    question = {"type": "hash", "algorithm": "pdq.1", "value": first.pdq.hex()}
    answers = [
        client.post("/v1/lookups", json={"type": "document", "document": document, "watch_days": 1}),
        client.post("/v1/lookups", json=question),
        client.post("/v1/lookups", json=question | {"bank": made["bank"]}),
        client.post("/v1/lookups", json={"type": "sha256", "sha256": "0" * 64}),
        client.post("/v1/lookups", json=question | {"value": "00"}),
    ]
    assert answers[0].json()["matches"], answers[0].text
    watch = answers[0].json()["watch"]["watch_id"]
    named = {
        "entry_id": made["entry_id"],
        "asset_id": made["assets"][0]["asset_id"],
        "bank": made["bank"],
        "lookup_id": answers[0].json()["lookup_id"],
        "watch_id": watch,
        "dispute_id": str(uuid4()),
    }
    with api.client(api.key) as admin:
        described = admin.get("/openapi.json").json()
    for path, operations in described["paths"].items():
        operation = operations.get("get")
        if operation is None or not opens(PERMISSIONS[operation["operationId"]]):
            continue
        if path in {"/openapi.json", "/docs"}:
            continue
        place = path
        for name, value in named.items():
            place = place.replace("{" + name + "}", value)
        answers.append(client.get(place, params={"index": 0, "first": 1, "second": 1, "size": 1}))
        answers.append(client.get(place))
    return answers


@pytest.mark.slow
@pytest.mark.parametrize("whose", ["another's", "the own"])
def test_nothing_that_is_read_holds_a_hash_or_a_digest(api: Api, whose: str) -> None:
    clip = drawn.clip(f"secret {whose}", seconds=6)
    made = _registered(api, clip)
    near = drawn.clip(f"secret {whose}", seconds=6, noise=0.03, file="copy")
    body: dict[str, Any] = {"name": "asks", "roles": ["lookup"]}
    if whose == "another's":
        body["organization"] = f"o {uuid4()}"
    with api.client(api.key) as admin:
        key = admin.post("/v1/callers", json=body).json()["key"]
    secrets = {clip.media.sha256}
    for frame in clip.frames:
        secrets |= {item.hex() for item in (frame.phash256, frame.pdq, frame.sscd) if item is not None}
    with api.client(key) as client:
        answers = _responses(client, api, made, near)
        shown = client.get(f"/v1/entries/{made['entry_id']}").json()
        lookup = answers[0].json()
    for answered in answers:
        content = answered.text + str(answered.headers)
        assert answered.status_code < 500, content
        assert not [secret for secret in secrets if secret in content], answered.request.url
        assert "etag" not in answered.headers
    assert [asset["sha256"] for asset in shown["assets"]] == [None]
    assert all(match["signals"] is None for match in lookup["matches"])
    for item in (lookup, *lookup["matches"]):
        confidence = item["confidence"]
        assert confidence is None or round(confidence * 20) == pytest.approx(confidence * 20)
    assert all(took % 10 == 0 for took in lookup["timing_ms"].values())


def test_digests_need_the_scope_signals_or_ownership(api: Api) -> None:
    clip = drawn.clip("told", seconds=6)
    made = _registered(api, clip)
    with api.stranger("lookup", "signals") as measuring, api.client(api.key) as admin:
        for client in (measuring, admin):
            shown = client.get(f"/v1/entries/{made['entry_id']}").json()
            assert [asset["sha256"] for asset in shown["assets"]] == [clip.media.sha256]
