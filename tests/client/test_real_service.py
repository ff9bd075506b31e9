"""The Python client against a real service."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from fakeprint import AsyncClient, Client, ServiceError
from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.support.service.api import Api


@pytest.mark.slow
def test_registered_by_document_and_found_by_hash_document_and_batch(api: Api) -> None:
    known, stranger = drawn.clip("python client", face="a"), drawn.clip("python client stranger")
    frame = known.frames[0]
    assert frame.pdq
    with Client(api.url, api.key) as registry:
        made = registry.register([to_document(known, faces=True)], title="Ünïcode «fake»")
        assert registry.wait_matchable(made["entry_id"])["status"] == "matchable"
        picture = registry.look_up_hash("pdq.1", frame.pdq.hex())
        assert (picture["verdict"], picture["next_step"]) == ("related", "send_file")
        assert picture["confidence"] is None
        faceless = registry.look_up_document(to_document(known, faces=False))
        assert (faceless["verdict"], faceless["next_step"]) == ("known_fake", None), "the very same file"
        found = registry.look_up_document(to_document(known, faces=True))
        assert (found["verdict"], found["matches"][0]["entry_id"]) == ("known_fake", made["entry_id"])
        assert (found["next_step"], found["sampling"], found["matches"][0]["exact"]) == (None, "full", True)
        assert registry.lookup(found["lookup_id"])["verdict"] == "known_fake"
        unknown = registry.look_up_sha256(stranger.media.sha256)
        assert (unknown["verdict"], unknown["next_step"]) == ("no_match", "send_file")
        assert unknown["checked"] == ["sha256"]
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
    outcomes = [line.get("verdict") or line["error"]["code"] for line in lines]
    assert outcomes == ["related", "bad_hash", "no_match"] * 700


def test_a_copy_of_a_face_swap_is_found_where_faces_are_sent(api: Api) -> None:
    """What the examples rely on: without faces the answer is not final, and says what to send."""
    known = drawn.clip("python client swap", face="a")
    copy = drawn.clip("python client swap", face="a", file="copy")
    with Client(api.url, api.key) as registry:
        made = registry.register(to_document(known, faces=True), manipulation="face_swap")
        answer = registry.look_up_document(to_document(copy, faces=False))
        assert (answer["verdict"], answer["next_step"]) == ("related", "send_faces")
        assert {"what": "faces", "reason": "left_out"} in answer["not_checked"]
        answer = registry.look_up_document(to_document(copy, faces=True))
        fakes = [match["entry_id"] for match in answer["matches"] if match["verdict"] == "known_fake"]
        assert (answer["verdict"], fakes, answer["next_step"]) == ("known_fake", [made["entry_id"]], None)


def test_a_refusal_has_its_code(api: Api) -> None:
    with Client(api.url, "nobody") as registry, pytest.raises(ServiceError) as caught:
        registry.banks()
    assert (caught.value.status, caught.value.code) == (401, "unauthenticated")
