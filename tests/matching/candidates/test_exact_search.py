"""A hash compared with every hash there is, where keys would miss it."""

from __future__ import annotations

import json

import httpx2

from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.support.service.api import Api


def test_an_exact_lookup_finds_all_that_keys_find_and_needs_the_scope(api: Api, admin: httpx2.Client) -> None:
    known = drawn.clip("exact")
    made = admin.post("/v1/entries", json={"fakes": [to_document(known, faces=False)]})
    assert made.status_code == 201
    value = known.frames[0].pdq
    assert value
    question = {"type": "hash", "algorithm": "pdq.1", "value": value.hex(), "exact": True}
    found = admin.post("/v1/lookups", json=question).json()
    usual = admin.post("/v1/lookups", json={**question, "exact": False}).json()
    assert found["verdict"] == usual["verdict"] == "related"
    assert {match["asset_id"] for match in found["matches"]} >= {
        match["asset_id"] for match in usual["matches"]
    }
    lines = "\n".join(json.dumps(item) for item in (question, {**question, "exact": False}))
    batch = admin.post("/v1/lookups:batch", content=lines, headers={"Content-Type": "application/x-ndjson"})
    assert [json.loads(line)["verdict"] for line in batch.text.splitlines()] == ["related", "related"]
    with api.stranger("lookup") as plain:
        refused = plain.post("/v1/lookups", json=question)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
