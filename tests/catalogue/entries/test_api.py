"""Registration over HTTP: once is enough, together or not at all, shown, added to, retried."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx2
import pytest

from registry.catalogue.entries.model.stored_entry import StoredEntry
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import enrol_fingerprint
from registry.catalogue.entries.service.visibility import find_entry
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import BadMedia, TruncatedMedia
from registry.identity.callers.service.keys import authenticate
from registry.jobs.service.jobs import claim_job, fail_job
from tests.support.media import drawn
from tests.support.service.api import Api


def _document(seed: str, **more: Any) -> dict[str, Any]:
    return to_document(drawn.clip(seed, **more), faces=True)


def _work(api: Api, asset_id: str, outcome: Fingerprint | BadMedia) -> None:
    """What a worker does with an asset."""
    with api.service() as service:
        with service.pool.transaction() as connection:
            row = connection.execute(
                "SELECT job_id FROM job WHERE subject_id = %s AND status = 'queued'", [UUID(asset_id)]
            ).fetchone()
        assert row
        job = claim_job(service, row["job_id"])
        assert job
        if isinstance(outcome, Fingerprint):
            enrol_fingerprint(service, job, outcome)
        else:
            fail_job(service, job, outcome)


def test_documents_are_matchable_at_once(admin: httpx2.Client) -> None:
    payload = {"title": "A fake", "claim": "He said so", "references": [{"url": "https://check.example/2"}]}
    answered = admin.post(
        "/v1/entries",
        json={"fakes": [_document("once", face="a")], "originals": [_document("once", face="b")], **payload},
    )
    assert answered.status_code == 201
    made = answered.json()
    assert answered.headers["location"] == f"/v1/entries/{made['entry_id']}"
    assert (made["status"], made["created"], made["duplicates"]) == ("matchable", True, [])
    assert [asset["role"] for asset in made["assets"]] == ["fake", "original"]
    shown = admin.get(answered.headers["location"]).json()
    assert {name: shown[name] for name in payload} == payload
    assert (shown["tier"], shown["unverified"], shown["bank"]) == ("unreviewed", True, "default")
    assert shown["matchable_at"]
    assert [asset["frames"] for asset in shown["assets"]] == [16, 16]


def test_the_same_document_twice_is_one_asset(admin: httpx2.Client) -> None:
    first = admin.post("/v1/entries", json={"fakes": [_document("twice")]})
    again = admin.post("/v1/entries", json={"fakes": [_document("twice")]})
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["created"] is False
    assert again.json()["entry_id"] == first.json()["entry_id"]
    assert again.json()["assets"][0]["asset_id"] == first.json()["assets"][0]["asset_id"]
    assert again.json()["assets"][0]["created"] is False


def test_the_same_file_twice_is_one_asset_and_one_blob(api: Api, admin: httpx2.Client) -> None:
    before = set(api.blobs())
    first = admin.post("/v1/entries", files={"fake": ("a.mp4", b"the same bytes")})
    kept = set(api.blobs())
    again = admin.post("/v1/entries", files={"fake": ("b.mp4", b"the same bytes")})
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json()["status"] == "pending"
    assert again.json()["assets"][0]["asset_id"] == first.json()["assets"][0]["asset_id"]
    assert len(kept - before) == 1
    assert set(api.blobs()) == kept


def test_registration_in_another_bank_names_the_known_file(admin: httpx2.Client) -> None:
    admin.post("/v1/banks", json={"name": "second"})
    first = admin.post("/v1/entries", json={"fakes": [_document("elsewhere")], "title": "First"}).json()
    second = admin.post("/v1/entries", json={"fakes": [_document("elsewhere")], "bank": "second"}).json()
    assert second["created"] is True
    (duplicate,) = second["duplicates"]
    assert duplicate["entry_id"] == first["entry_id"]
    assert (duplicate["title"], duplicate["bank"]) == ("First", "default")


def test_files_and_documents_in_one_form_open_together(api: Api, admin: httpx2.Client) -> None:
    document = httpx2.Request("POST", "http://x", json=_document("form", face="b")).content
    made = admin.post(
        "/v1/entries",
        files=[("fake", ("fake.mp4", b"form fake")), ("original_document", ("o.json", document))],
        data={
            "title": "Together",
            "manipulation": "face_swap",
            "references": '[{"url": "https://c.example"}]',
        },
    ).json()
    fake = next(asset for asset in made["assets"] if asset["role"] == "fake")
    assert made["status"] == "pending"
    original = drawn.clip("form", face="b")
    payload = {"type": "sha256", "sha256": original.media.sha256}
    assert admin.post("/v1/lookups", json=payload).json()["verdict"] == "no_match"
    with_digest = drawn.clip("form", face="a")
    _work(api, fake["asset_id"], _as(with_digest, fake["sha256"]))
    shown = admin.get(f"/v1/entries/{made['entry_id']}").json()
    assert shown["status"] == "matchable"
    assert admin.post("/v1/lookups", json=payload).json()["verdict"] == "authentic_original"
    answer = admin.post("/v1/lookups", json={"type": "sha256", "sha256": fake["sha256"]}).json()
    assert answer["verdict"] == "known_fake"


def _as(fingerprint: Fingerprint, sha256: str) -> Fingerprint:
    return replace(fingerprint, media=replace(fingerprint.media, sha256=sha256))


def test_a_failed_entry_has_an_error_and_can_be_retried(api: Api, admin: httpx2.Client) -> None:
    made = admin.post("/v1/entries", files={"fake": ("a.mp4", b"fails first")}).json()
    asset = made["assets"][0]
    _work(api, asset["asset_id"], TruncatedMedia("The file ends early."))
    shown = admin.get(f"/v1/entries/{made['entry_id']}").json()
    assert shown["status"] == "failed"
    assert shown["error"] == {"code": "truncated_media", "message": "The file ends early."}
    assert shown["assets"][0]["error"]["code"] == "truncated_media"
    retried = admin.post(f"/v1/entries/{made['entry_id']}/retry")
    assert (retried.status_code, retried.json()["status"]) == (200, "pending")
    refused = admin.post(f"/v1/entries/{made['entry_id']}/retry")
    assert (refused.status_code, refused.json()["code"]) == (409, "nothing_to_retry")
    _work(api, asset["asset_id"], _as(drawn.clip("fails first"), asset["sha256"]))
    assert admin.get(f"/v1/entries/{made['entry_id']}").json()["status"] == "matchable"


def test_an_entry_and_its_media_are_read_at_one_moment(
    api: Api, admin: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = admin.post("/v1/entries", files={"fake": ("a.mp4", b"ends while read")}).json()
    asset = made["assets"][0]

    def find_and_end(*values: Any) -> StoredEntry:
        entry = find_entry(*values)
        _work(api, asset["asset_id"], _as(drawn.clip("ends while read"), asset["sha256"]))
        return entry

    monkeypatch.setattr("registry.catalogue.entries.service.entries.find_entry", find_and_end)
    key = admin.headers["Authorization"].removeprefix("Bearer ")
    with api.service() as service:
        shown = show_entry(service, authenticate(service, key), UUID(made["entry_id"]))
    assert (shown.status, shown.assets[0].status) == ("pending", "pending")
    assert shown.assets[0].matchable_at is None
    assert admin.get(f"/v1/entries/{made['entry_id']}").json()["status"] == "matchable"


def test_media_is_added_later(admin: httpx2.Client) -> None:
    made = admin.post("/v1/entries", json={"fakes": [_document("later", face="a")]}).json()
    path = f"/v1/entries/{made['entry_id']}/assets"
    document = httpx2.Request("POST", "http://x", json=_document("later", face="b")).content
    added = admin.post(path, files={"original_document": ("o.json", document)})
    assert added.status_code == 201, added.text
    assert added.json()["role"] == "original"
    assert admin.post(path, files={"original_document": ("o.json", document)}).status_code == 200
    file = admin.post(path, files={"fake": ("b.mp4", b"a second copy")})
    assert (file.status_code, file.json()["status"]) == (201, "pending")
    assert admin.get(f"/v1/entries/{made['entry_id']}").json()["status"] == "matchable"
    two = [("fake", ("a", b"1")), ("original", ("b", b"2"))]
    assert admin.post(path, files=two).json()["code"] == "no_file"


def test_strangers_neither_add_nor_retry_nor_see_names(api: Api, admin: httpx2.Client) -> None:
    files, data = {"fake": ("private-name.mp4", b"of another")}, {"title": "A fake"}
    made = admin.post("/v1/entries", files=files, data=data).json()
    with api.stranger("register", "lookup") as stranger:
        added = stranger.post(f"/v1/entries/{made['entry_id']}/assets", files={"fake": ("a", b"not mine")})
        assert added.status_code in {403, 404}
        assert stranger.post(f"/v1/entries/{made['entry_id']}/retry").status_code in {403, 404}
        assert stranger.get("/v1/entries").json()["entries"] == []
        shown = stranger.get(f"/v1/entries/{made['entry_id']}")
        assert "private-name" not in shown.text
        bank = admin.get("/v1/banks").json()["banks"][0]
        refused = stranger.post(
            "/v1/entries", files={"fake": ("a", b"into yours")}, data={"bank": bank["bank_id"]}
        )
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_bank")


def test_entries_are_searched_by_words_tier_and_time(admin: httpx2.Client) -> None:
    for title, claim in (("Élection ÑANDÚ 100%", "en Melilla"), ("another", "")):
        payload = {"fakes": [_document(title, seconds=1)], "title": title, "claim": claim}
        assert admin.post("/v1/entries", json=payload).status_code == 201

    def found(**fields: str) -> int:
        answered = admin.get("/v1/entries", params=fields)
        assert answered.status_code == 200, answered.text
        return len(answered.json()["entries"])

    assert found(text="ñandú melilla 100%") == 1
    assert found(text="melilla another") == found(text="10_%") == 0
    assert (found(text=" "), found(tier="unreviewed"), found(tier="reviewed")) == (2, 2, 0)
    assert found(since="2020-01-01T00:00:00Z", until="9999-12-31T23:00:00+14:00") == 2
    assert found(until="0001-01-01T00:00:00+14:00") == found(since="9999-12-31T23:59:59-14:00") == 0
    assert admin.get("/v1/entries", params={"since": "2026-01-01T00:00:00"}).status_code == 400


def test_entries_are_listed_page_by_page(admin: httpx2.Client) -> None:
    made = [
        admin.post("/v1/entries", json={"fakes": [_document(f"page {number}", seconds=1)]}).json()["entry_id"]
        for number in range(5)
    ]
    seen: list[str] = []
    after = None
    for _ in range(3):
        page = admin.get("/v1/entries", params={"limit": 2} | ({"after": after} if after else {})).json()
        seen += [entry["entry_id"] for entry in page["entries"]]
        after = page["next"]
    assert after is None
    assert seen == made[::-1]
    assert (
        len(admin.get("/v1/entries", params={"status": "matchable", "bank": "default"}).json()["entries"])
        == 5
    )
    assert admin.get("/v1/entries", params={"status": "failed"}).json() == {"entries": [], "next": None}


def test_a_bank_is_opened_once(admin: httpx2.Client) -> None:
    policy = {"single_frame": True, "min_confidence": 0.95, "min_related": 0.6}
    payload = {"name": "desk", "visibility": "private", "policy": policy}
    made = admin.post("/v1/banks", json=payload)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in payload} == payload
    again = admin.post("/v1/banks", json=payload)
    assert (again.status_code, again.json()["code"]) == (409, "bank_exists")
    for wrong, code in (
        ({"name": "a/b"}, "bad_label"),
        ({"name": " "}, "bad_label"),
        ({"name": "p", "policy": {"still": True}}, "bad_policy"),
        ({"name": "p", "policy": {"single_frame": 1}}, "bad_policy"),
        ({"name": "p", "policy": {"min_confidence": 1}}, "bad_policy"),
        ({"name": "p", "policy": {"min_related": 0.95}}, "bad_policy"),
        ({"name": "p", "visibility": "secret"}, "bad_input"),
    ):
        refused = admin.post("/v1/banks", json=wrong)
        assert (refused.status_code, refused.json()["code"]) == (400, code), wrong
    names = {bank["name"]: bank for bank in admin.get("/v1/banks").json()["banks"] if bank["own"]}
    assert set(names) == {"default", "desk"}
