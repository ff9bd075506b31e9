"""The Python client's three examples against a real service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from registry.client import AsyncClient, Client, ServiceError
from registry.domain.document import to_document
from tests import drawn
from tests.api import Api


def test_registered_by_document_and_found_by_hash_document_and_batch(api: Api) -> None:
    known, stranger = drawn.clip("python client", face="a"), drawn.clip("python client stranger")
    frame = known.frames[0]
    assert frame.pdq
    with Client(api.url, api.key) as registry:
        made = registry.register([to_document(known, faces=True)], title="Ünïcode «fake»")
        assert registry.wait_matchable(made["entry_id"])["status"] == "matchable"
        assert registry.look_up_hash("pdq.1", frame.pdq.hex())["verdict"] == "related"
        found = registry.look_up_document(to_document(known, faces=True))
        assert (found["verdict"], found["matches"][0]["entry_id"]) == ("known_fake", made["entry_id"])
        assert registry.lookup(found["lookup_id"])["verdict"] == "known_fake"
        assert registry.look_up_sha256(stranger.media.sha256)["verdict"] == "no_match"
        assert "default" in {bank["name"] for bank in registry.banks()}

    async def ask() -> list[Any]:
        async with AsyncClient(api.url, api.key) as registry:
            questions = [
                {"type": "hash", "algorithm": "pdq.1", "value": frame.pdq.hex() if frame.pdq else ""},
                {"type": "hash", "algorithm": "pdq.1", "value": "short"},
                {"type": "sha256", "sha256": stranger.media.sha256},
            ]
            return [line async for line in registry.look_up_many(questions * 700)]

    lines = asyncio.run(ask())
    assert [line["line"] for line in lines] == list(range(1, 2101))
    told = [line.get("verdict") or line["error"]["code"] for line in lines]
    assert told == ["related", "bad_hash", "no_match"] * 700


def test_a_refusal_has_its_code(api: Api) -> None:
    with Client(api.url, "nobody") as registry, pytest.raises(ServiceError) as caught:
        registry.banks()
    assert (caught.value.status, caught.value.code) == (401, "unauthenticated")
