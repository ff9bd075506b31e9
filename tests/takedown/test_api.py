"""Campaigns over HTTP: from a client and a list of addresses to notices that could be sent."""

from __future__ import annotations

import io
from typing import Any
from uuid import uuid4

import httpx2
import orjson
import pytest
from openpyxl import Workbook

from registry.catalogue.fingerprints.model.document import to_document
from tests.support.media import drawn
from tests.support.service.api import Api
from tests.support.steps import review
from tests.support.takedown.campaigns import ANSWERS, SAID

LEAVE = {
    "granted_by": "self",
    "document_sha256": "ab" * 32,
    "valid_from": "2026-01-01T00:00:00Z",
    "valid_until": "2036-01-01T00:00:00Z",
}
SIGNS = {
    "name": "Lucía Letrada",
    "capacity": "representative",
    "email": "lucia@bufete.example",
    "good_faith": True,
}
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def made(answered: httpx2.Response) -> dict[str, Any]:
    assert answered.status_code < 300, answered.text
    found: dict[str, Any] = answered.json()
    return found


@pytest.fixture
def document() -> dict[str, Any]:
    return to_document(drawn.clip(uuid4().hex, face="victim"), faces=True)


@pytest.fixture
def entry_id(api: Api, admin: httpx2.Client, document: dict[str, Any]) -> str:
    entry = made(admin.post("/v1/entries", json={"title": "Face swap", "fakes": [document]}))
    with api.service() as service:
        review(service, entry["entry_id"])
    return str(entry["entry_id"])


@pytest.fixture
def body(admin: httpx2.Client, entry_id: str) -> dict[str, Any]:
    """A campaign as it is sent, with its client and their mandate."""
    who = {"name": "Partido de Ejemplo", "depicted_name": "Ana Ejemplo 🎭"}
    client = made(admin.post("/v1/clients", json=who))
    client = made(admin.post(f"/v1/clients/{client['client_id']}/mandates", json=LEAVE))
    return {
        "title": "Melilla",
        "client_id": client["client_id"],
        "mandate_id": client["mandates"][0]["mandate_id"],
        "entry_ids": [entry_id],
        "regimes": ["dsa16"],
        "language": "es",
        "signatory": SIGNS,
        "elements": SAID,
    }


@pytest.fixture
def place(admin: httpx2.Client, body: dict[str, Any]) -> str:
    return f"/v1/campaigns/{made(admin.post('/v1/campaigns', json=body))['campaign_id']}"


def listed(admin: httpx2.Client, place: str, content: str | bytes, kind: str = "text/csv") -> dict[str, Any]:
    raw = content.encode() if isinstance(content, str) else content
    return made(admin.post(f"{place}/notices", content=raw, headers={"Content-Type": kind}))


def test_from_a_list_to_notices_that_lack_nothing(
    admin: httpx2.Client, place: str, document: dict[str, Any]
) -> None:
    added = listed(
        admin,
        place,
        "url,note\n"
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&utm_source=share,first\n"
        "https://m.youtube.com/watch?v=dQw4w9WgXcQ,the same\n"
        "javascript:alert(1),\n"
        "http://192.168.1.4/private,\n"
        "https://bücher.example.net/vídeo,IDN\n",
    )
    assert (added["read"], added["added"], added["duplicates"], added["rejected"]) == (5, 2, 1, 2)
    assert [(fault["line"], fault["code"]) for fault in added["faults"]] == [
        (4, "dangerous_scheme"),
        (5, "private_host"),
    ]
    first, idn = (notice["notice_id"] for notice in added["notices"])
    assert added["repeats"] == [{"line": 3, "notice_id": first}]
    lacking = made(admin.post(f"{place}/preparations", json={}))
    assert lacking["hindrances"] == {"not_ready": 2, "ground_unconfirmed": 2, "scope_unasked": 2}
    lookup = made(admin.post("/v1/lookups", json={"type": "document", "document": document}))
    payload = {"matches": [{"notice_id": first, "lookup_id": lookup["lookup_id"]}]}
    assert made(admin.post(f"{place}/matches", json=payload))["matches"][0]["verdict"] == "known_fake"
    assert made(admin.post(f"{place}/grounds", json={"notice_ids": [first], "ground": "match"}))
    assert made(admin.post(f"{place}/grounds", json={"notice_ids": [idn], "ground": "seen"}))
    kept = made(admin.post(f"{place}/answers", json={"regime": "dsa16", "answers": ANSWERS["dsa16"]}))
    assert (kept["answered"], kept["in_scope"], kept["excepted"]) == (2, True, False)
    ready = made(admin.post(f"{place}/preparations", json={}))
    assert (ready["prepared"], ready["sendable"], ready["notices"]) == (2, 2, [])
    shown = made(admin.get(place))
    assert shown["notices"] == [
        {"state": "ready", "regime": "dsa16", "notices": 2, "paused": 0, "overdue": 0}
    ]
    assert {platform["platform"] for platform in shown["platforms"]} == {
        "youtube",
        "xn--bcher-kva.example.net",
    }
    notice = made(admin.get(f"{place}/notices/{first}"))
    assert notice["url"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
    assert [move["act"] for move in notice["moves"]] == ["add", "prepare"]
    assert notice["match"]["lookup_id"] == lookup["lookup_id"]
    for entry_id, found in ((notice["entry_id"], [place.rpartition("/")[2]]), (str(uuid4()), [])):
        about = made(admin.get("/v1/campaigns", params={"entry_id": entry_id}))["campaigns"]
        assert [campaign["campaign_id"] for campaign in about] == found


def test_a_notice_without_an_element_stays_a_draft_and_names_it(
    admin: httpx2.Client, body: dict[str, Any]
) -> None:
    """Of a platform and a content id, without an address."""
    place = f"/v1/campaigns/{made(admin.post('/v1/campaigns', json=body))['campaign_id']}"
    payload = {"places": [{"platform": "youtube", "content_id": "dQw4w9WgXcQ"}]}
    (notice,) = made(admin.post(f"{place}/notices", json=payload))["notices"]
    made(admin.post(f"{place}/grounds", json={"notice_ids": [notice["notice_id"]], "ground": "seen"}))
    made(admin.post(f"{place}/answers", json={"regime": "dsa16", "answers": ANSWERS["dsa16"]}))
    for lacking in ("explanation", "legal_provision"):
        said = {name: value for name, value in SAID.items() if name != lacking}
        made(admin.patch(place, json={"elements": said}))
        found = made(admin.post(f"{place}/preparations", json={}))
        assert (found["prepared"], found["hindrances"]) == (0, {"not_ready": 1, "elements_missing": 1})
        (one,) = found["notices"]
        assert (one["state"], [each["element"] for each in one["elements"]]) == ("draft", [lacking])
        assert one["elements"][0]["code"] == "element_missing"
    made(admin.patch(place, json={"elements": SAID}))
    assert made(admin.post(f"{place}/preparations", json={}))["prepared"] == 1


def test_a_contradicting_lookup_prevents_confirmation(admin: httpx2.Client, place: str) -> None:
    (notice,) = listed(admin, place, "https://videos.example.net/1\n", "text/plain")["notices"]
    other = to_document(drawn.clip(uuid4().hex), faces=False)
    lookup = made(admin.post("/v1/lookups", json={"type": "document", "document": other}))
    ids = {"notice_id": notice["notice_id"], "lookup_id": lookup["lookup_id"]}
    confirming = {"notice_ids": [notice["notice_id"]], "ground": "seen"}
    made(admin.post(f"{place}/grounds", json=confirming))
    assert (
        made(admin.post(f"{place}/matches", json={"matches": [ids]}))["matches"][0]["verdict"] == "no_match"
    )
    # What was confirmed before falls with it, and is not confirmed again.
    assert made(admin.get(f"{place}/notices/{notice['notice_id']}"))["ground"] is None
    refused = admin.post(f"{place}/grounds", json=confirming)
    assert (refused.status_code, refused.json()["code"]) == (409, "ground_refused")
    found = made(admin.post(f"{place}/preparations", json={"dry_run": True}))
    assert "no_match" in found["hindrances"]
    # A sha256 that nobody knows says nothing of what is there.
    unknown = made(admin.post("/v1/lookups", json={"type": "sha256", "sha256": uuid4().hex * 2}))
    ids |= {"lookup_id": unknown["lookup_id"]}
    found = made(admin.post(f"{place}/matches", json={"matches": [ids]}))
    assert found["matches"][0]["verdict"] == "undecidable"
    made(admin.post(f"{place}/grounds", json=confirming))


@pytest.mark.parametrize(
    ("answers", "hindrance"),
    [
        ({"satire": "yes"}, "excepted"),
        ({"reporting": "yes"}, "excepted"),
        ({"in_union": "no"}, "out_of_scope"),
        ({"minor": "yes"}, "out_of_scope"),
    ],
)
def test_a_regime_does_not_serve_where_its_questions_say_so(
    admin: httpx2.Client, place: str, answers: dict[str, str], hindrance: str
) -> None:
    (notice,) = listed(admin, place, "https://videos.example.net/1\n", "text/plain")["notices"]
    made(admin.post(f"{place}/grounds", json={"notice_ids": [notice["notice_id"]], "ground": "seen"}))
    payload = {"regime": "dsa16", "answers": ANSWERS["dsa16"] | answers}
    kept = made(admin.post(f"{place}/answers", json=payload))
    assert kept["stopped_by"] == list(answers)
    found = made(admin.post(f"{place}/preparations", json={}))
    assert found["hindrances"] == {"not_ready": 1, hindrance: 1}
    assert found["prepared"] == 0


def test_lists_come_in_every_form(admin: httpx2.Client, place: str) -> None:
    book = Workbook()
    sheet = book.active
    assert sheet
    for row in (["url", "note"], ["https://videos.example.net/x", "from a workbook"], ["=1+1", ""]):
        sheet.append(row)
    stream = io.BytesIO()
    book.save(stream)
    found = listed(admin, place, stream.getvalue(), XLSX)
    assert (found["added"], [fault["code"] for fault in found["faults"]]) == (1, ["formula"])
    lines = '{"url": "https://videos.example.net/j"}\n{"url": 1}\nnot json\n'
    found = listed(admin, place, lines, "application/x-ndjson")
    assert (found["added"], found["rejected"]) == (1, 2)
    found = listed(admin, place, "https://videos.example.net/t\n", "application/octet-stream")
    assert found["added"] == 1
    whole = {
        "places": [{"platform": "youtube", "content_id": "dQw4w9WgXcQ"}, {"url": "https://x.example.net"}, {}]
    }
    found = made(admin.post(f"{place}/notices", json=whole))
    assert (found["added"], [fault["code"] for fault in found["faults"]]) == (2, ["no_place"])
    huge = "url\nhttps://videos.example.net/" + "a" * 2_000_000 + "\nhttps://videos.example.net/small\n"
    found = listed(admin, place, huge)
    assert (found["added"], found["rejected"]) == (1, 1)


@pytest.mark.parametrize(
    ("field", "value", "status", "code"),
    [
        ("regimes", ["gdpr99"], 400, "unknown_regime"),
        ("entry_ids", ["7c9e6679-7425-40de-944b-e07fc1f90ae7"], 404, "unknown_entry"),
        ("client_id", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 404, "unknown_client"),
        ("mandate_id", "7c9e6679-7425-40de-944b-e07fc1f90ae7", 404, "unknown_mandate"),
        ("signatory", SIGNS | {"capacity": "neighbour"}, 400, "may_not_sign"),
        ("elements", {"no such": "x"}, 400, "bad_element"),
        ("title", "\u202e", 400, "bad_label"),
    ],
)
def test_a_campaign_that_makes_no_sense_is_refused(
    admin: httpx2.Client, body: dict[str, Any], field: str, value: Any, status: int, code: str
) -> None:
    refused = admin.post("/v1/campaigns", json=body | {field: value})
    assert (refused.status_code, refused.json()["code"]) == (status, code)


def test_a_mandate_that_expired_yesterday_is_refused(admin: httpx2.Client, body: dict[str, Any]) -> None:
    place = f"/v1/clients/{body['client_id']}/mandates"
    refused = admin.post(place, json=LEAVE | {"valid_until": "2026-01-02T00:00:00Z"})
    assert (refused.status_code, refused.json()["code"]) == (400, "mandate_expired")
    refused = admin.post(place, json=LEAVE | {"valid_until": "2027-01-02T00:00:00"})
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_time")


def test_moves_of_notices_depend_on_the_role(admin: httpx2.Client, place: str) -> None:
    (notice,) = listed(admin, place, "https://videos.example.net/1\n", "text/plain")["notices"]
    at = f"{place}/notices/{notice['notice_id']}/moves"
    for act in ("acknowledge", "remove", "refuse", "appeal", "revise"):
        refused = admin.post(at, json={"act": act})
        assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state"), act
    held = made(admin.post(at, json={"act": "hold", "words": "Ask the client first."}))
    assert (held["paused_for"], held["moves"][-1]["words"]) == (["held"], "Ask the client first.")
    assert made(admin.post(at, json={"act": "resume"}))["paused_for"] == []
    refused = admin.post(at, json={"act": "resume"})
    assert (refused.status_code, refused.json()["code"]) == (409, "not_paused")
    closed = made(admin.post(at, json={"act": "close", "reason_code": "gone_already"}))
    assert (closed["state"], closed["moves"][-1]["caller"]) == ("closed", held["moves"][-1]["caller"])
    refused = admin.patch(f"{place}/notices/{notice['notice_id']}", json={"elements": {"explanation": "x"}})
    assert (refused.status_code, refused.json()["code"]) == (409, "wrong_state")


def test_personal_data_is_encrypted_in_the_database(api: Api, admin: httpx2.Client, place: str) -> None:
    mark = uuid4().hex
    made(admin.patch(place, json={"title": f"title {mark}", "signatory": SIGNS | {"name": f"name {mark}"}}))
    listed(admin, place, f"url,note\nhttps://videos.example.net/{mark},note {mark}\n")
    with api.service() as service, service.pool.transaction() as connection:
        tables = ("client", "mandate", "campaign", "notice", "notice_move", "event")
        for table in tables:
            rows = connection.execute(f"SELECT t::text AS said FROM {table} t".encode())  # noqa: S608
            texts = [row["said"] for row in rows]
            assert texts
            # Of bytes, PostgreSQL writes the hex.
            assert not [text for text in texts if mark in text or mark.encode().hex() in text]
    client_id = made(admin.get(place))["client_id"]
    gone = made(admin.delete(f"/v1/clients/{client_id}"))
    assert (gone["name"], gone["erased_at"] is None) == (None, False)
    shown = admin.get(place)
    assert mark not in shown.text
    assert shown.json()["state"] == "closed"
    assert orjson.loads(shown.content)["title"] is None
