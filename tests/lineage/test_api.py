"""Relatives over HTTP: who may see them, how they are paged, what they say and what they do not."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import to_document
from registry.lineage import schemas as related_models
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.steps import relate

ROLES = ("lookup", "register", "admin", "signals")


def register(client: httpx2.Client, seed: str, face: str, **more: Any) -> str:
    document = to_document(drawn.clip(seed, face=face, seconds=6), faces=True)
    made = client.post("/v1/entries", json={"fakes": [document], "title": face, **more})
    assert made.status_code == 201, made.text
    return str(made.json()["entry_id"])


def work(api: Api, *entry_ids: str) -> int:
    """What a worker does with the jobs of these entries."""
    with api.service() as service:
        return relate(service, *map(UUID, entry_ids))


def related(client: httpx2.Client, entry_id: str, **params: Any) -> dict[str, Any]:
    answered = client.get(f"/v1/entries/{entry_id}/related", params=params)
    assert answered.status_code == 200, answered.text
    body: dict[str, Any] = answered.json()
    assert related_models.RelatedPage.model_validate(body).model_dump(mode="json") == body
    return body


def test_a_campaign_is_listed_page_by_page(api: Api, admin: httpx2.Client) -> None:
    seed = str(uuid4())
    ids = [register(admin, seed, face, manipulation="face_swap") for face in ("mayor", "deputy", "clerk")]
    waiting = related(admin, ids[0])
    assert waiting == {"entry_id": ids[0], "pending": True, "count": 0, "related": [], "next": None}
    assert work(api, *ids) == 3
    first = related(admin, ids[0], limit=1)
    assert (first["pending"], first["count"]) == (False, 2)
    second = related(admin, ids[0], limit=1, after=first["next"])
    assert second["next"] is None
    listed = [*first["related"], *second["related"]]
    assert [(item["entry_id"], item["title"]) for item in listed] == [(ids[2], "clerk"), (ids[1], "deputy")]
    one = listed[0]
    assert (one["kind"], one["relation"], one["faces"]) == (
        "same_footage",
        "same_footage_other_face",
        "other",
    )
    assert (one["bank"], one["tier"], one["manipulation"]) == ("default", "unreviewed", "face_swap")
    assert one["spans"] == [{"entry": [0.0, 6.0], "related": [0.0, 6.0], "speed": 1.0, "mirrored": False}]
    assets = {entry_id: admin.get(f"/v1/entries/{entry_id}").json()["assets"] for entry_id in ids}
    assert one["asset_id"] == assets[ids[0]][0]["asset_id"]
    assert one["related_asset_id"] == assets[ids[2]][0]["asset_id"]
    assert 0.9 <= one["score"] < 1


def test_another_organization_sees_public_links(api: Api, admin: httpx2.Client) -> None:
    seed, bank = str(uuid4()), f"hidden {uuid4()}"
    with api.stranger(*ROLES) as newsroom, api.stranger("lookup") as platform:
        assert newsroom.post("/v1/banks", json={"name": bank, "visibility": "private"}).status_code == 201
        public = register(admin, seed, "mayor")
        hidden = register(newsroom, seed, "deputy", bank=bank)
        assert work(api, public, hidden) == 2
        assert [item["entry_id"] for item in related(newsroom, public)["related"]] == [hidden]
        assert [item["entry_id"] for item in related(newsroom, hidden)["related"]] == [public]
        for client in (admin, platform):
            seen = related(client, public)
            assert (seen["count"], seen["related"]) == (0, [])
            refused = client.get(f"/v1/entries/{hidden}/related")
            assert (refused.status_code, refused.json()["code"]) == (404, "unknown_entry")


def test_without_the_scope_signals_the_score_is_coarse(api: Api, admin: httpx2.Client) -> None:
    seed = str(uuid4())
    ids = [register(admin, seed, face) for face in ("mayor", "deputy")]
    work(api, *ids)
    with api.stranger("lookup") as platform:
        (one,) = related(platform, ids[0])["related"]
    assert one["score"] in {0.9, 0.95}


@pytest.mark.parametrize("entry_id", ["01890a5d-0000-4000-8000-000000000000", "x"])
def test_an_unknown_entry_has_none(admin: httpx2.Client, entry_id: str) -> None:
    assert admin.get(f"/v1/entries/{entry_id}/related").status_code == 404


@pytest.mark.parametrize(
    ("params", "code"),
    [({"limit": 0}, "bad_input"), ({"limit": 201}, "bad_input"), ({"after": "MjAyNiA1"}, "bad_cursor")],
)
def test_a_page_that_cannot_be_had(admin: httpx2.Client, params: dict[str, Any], code: str) -> None:
    entry_id = register(admin, str(uuid4()), "mayor")
    answered = admin.get(f"/v1/entries/{entry_id}/related", params=params)
    assert (answered.status_code, answered.json()["code"]) == (400, code)


def test_linking_can_be_requested_again(api: Api, admin: httpx2.Client) -> None:
    entry_id = register(admin, str(uuid4()), "mayor")
    assert work(api, entry_id) == 1
    answered = admin.post("/v1/entries/relink", json={"entries": [entry_id]})
    assert (answered.status_code, answered.json()) == (202, {"entries": 1})
    assert related(admin, entry_id)["pending"]
    assert work(api, entry_id) == 1
    assert admin.post("/v1/entries/relink", json={}).json() == {"entries": 1}
    with api.stranger("admin") as other:
        foreign = other.post("/v1/entries/relink", json={"entries": [entry_id]})
        assert (foreign.status_code, foreign.json()["code"]) == (403, "foreign_bank")
    for wrong, status in (({"entries": ["x"]}, 404), ({"entries": "x"}, 400), ({"all": True}, 400)):
        assert admin.post("/v1/entries/relink", json=wrong).status_code == status
