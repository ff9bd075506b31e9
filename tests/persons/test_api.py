"""Enrolment over HTTP: who may do what, what is refused and how, and what nobody ever gets to see."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from registry.core.errors import TooMany
from registry.core.http.limiter import BURST, Limiter
from registry.persons.photos import model as photo
from tests.support import people as enrolment
from tests.support.people import accepted, consent, person
from tests.support.service.api import Api

ID = "00000000-0000-4000-8000-000000000000"
ASSESSMENT = {"title": "Faces", "document_sha256": "ab" * 32, "assessed_on": "2026-11-01"}


@pytest.fixture(scope="module")
def assessed(api: Api) -> None:
    """The deployment has an assessment on record."""
    with api.client(api.key) as root:
        assert root.post("/v1/assessments", json=ASSESSMENT).status_code == 201


@pytest.fixture
def pair(api: Api, assessed: None) -> Iterator[tuple[httpx2.Client, httpx2.Client]]:
    """Of one organization: who enrols, and who reviews."""
    with api.client(api.key) as root:
        enrols, reviews = enrolment.keys(root, "register", "review")
    with api.client(enrols) as first, api.client(reviews) as second:
        yield first, second


def refused(answered: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answered.json()
    assert (answered.status_code, body["code"]) == (status, code), body
    assert answered.headers["content-type"] == "application/problem+json"
    assert enrolment.NAME not in answered.text
    return body


def proposed(client: httpx2.Client, **changed: Any) -> dict[str, Any]:
    answered = client.post("/v1/persons", json=person(**changed))
    assert answered.status_code == 201, answered.text
    body: dict[str, Any] = answered.json()
    assert answered.headers["location"] == f"/v1/persons/{body['person_id']}"
    return body


def photos(client: httpx2.Client, person_id: str, *raws: bytes) -> httpx2.Response:
    files = [("photo", (f"{n}.jpg", raw, "image/jpeg")) for n, raw in enumerate(raws)]
    return client.post(f"/v1/persons/{person_id}/photos", files=files)


EVERY = [
    ("GET", "/v1/persons", None),
    ("POST", "/v1/persons", person()),
    ("GET", f"/v1/persons/{ID}", None),
    ("POST", f"/v1/persons/{ID}/photos", None),
    ("GET", f"/v1/persons/{ID}/photos/{ID}", None),
    ("DELETE", f"/v1/persons/{ID}/photos/{ID}", None),
    ("POST", f"/v1/persons/{ID}/review", accepted()),
    ("POST", f"/v1/persons/{ID}/renewal", consent()),
    ("POST", f"/v1/persons/{ID}/revocation", None),
]


def test_no_role_stands_in_for_the_scope(api: Api) -> None:
    with api.stranger("lookup", "register", "review", "takedown", "admin", "signals") as client:
        for method, path, body in EVERY:
            refused(client.request(method, path, json=body), 403, "forbidden")


def test_the_scope_alone_neither_enrols_nor_reviews(api: Api, assessed: None) -> None:
    with api.stranger("faces", "admin") as client:
        for method, path, body in EVERY:
            answered = client.request(method, path, json=body)
            if path.endswith(("/v1/persons", "/renewal", "/review", f"/photos/{ID}")) and method != "GET":
                assert answered.json()["code"] == "forbidden", (method, path)
        refused(client.get(f"/v1/persons/{ID}/photos/{ID}"), 403, "forbidden")
        assert client.get("/v1/persons").json() == {"persons": [], "next": None}
        refused(client.post(f"/v1/persons/{ID}/revocation"), 404, "unknown_person")
    with api.stranger("faces", "takedown") as client:
        assert proposed(client)["state"] == "proposed", "who acts for people shown may enrol"


def test_another_organization_learns_nothing(api: Api, pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    made = proposed(pair[0])
    added = photos(pair[0], made["person_id"], enrolment.portrait()).json()["photos"][0]["photo_id"]
    with api.stranger("faces", "register", "review", "takedown", "admin") as stranger:
        for method, path, body in EVERY:
            if ID not in path:
                continue
            real = path.replace(ID, made["person_id"], 1).replace(ID, added)
            if path.endswith("/photos") and method == "POST":
                answered = photos(stranger, made["person_id"], enrolment.portrait())
            else:
                answered = stranger.request(method, real, json=body)
            refused(answered, 404, "unknown_person")
        assert stranger.get("/v1/persons").json()["persons"] == []
    shown = pair[0].get(f"/v1/persons/{made['person_id']}").json()
    assert (shown["state"], len(shown["photos"])) == ("proposed", 1)


def test_assessments_are_for_administrators(api: Api) -> None:
    with api.stranger("lookup") as nobody, api.stranger("register") as other:
        refused(nobody.post("/v1/assessments", json=ASSESSMENT), 403, "forbidden")
        refused(other.get("/v1/assessments"), 403, "forbidden")
    with api.stranger("admin") as elsewhere:
        refused(elsewhere.post("/v1/assessments", json=ASSESSMENT), 403, "not_operator")


@pytest.mark.usefixtures("assessed")
@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"shows_minor_sexually": True}, 403, "minor_protection"),
        ({"shows_minor_sexually": "no"}, 400, "bad_input"),
        ({"shows_minor_sexually": None}, 400, "bad_input"),
        ({"name": "\u200b\u202e"}, 400, "bad_label"),
        ({"notes": "a" * 20_001}, 400, "bad_input"),
        ({"surname": "x"}, 400, "bad_input"),
        ({"consent": consent(scope=["all"])}, 400, "bad_input"),
        ({"consent": consent(scope=[])}, 400, "bad_input"),
        ({"consent": consent(by="mother")}, 400, "bad_input"),
        ({"consent": consent(document_sha256="x" * 64)}, 400, "bad_sha256"),
        ({"consent": consent(given_at="yesterday")}, 400, "bad_time"),
        ({"consent": consent(given_at="2026-01-31T10:00:00")}, 400, "bad_time"),
        ({"consent": consent(given_at="2099-01-31")}, 400, "consent_in_future"),
        ({"consent": consent(expires_at="2026-02-01")}, 400, "consent_over"),
        ({"consent": consent(minor=True)}, 400, "guardian_needed"),
    ],
)
def test_an_enrolment_that_is_refused(api: Api, changed: dict[str, Any], status: int, code: str) -> None:
    with api.stranger("faces", "register") as client, api.service() as service:
        before = service.keys.held()
        answered = client.post("/v1/persons", json=person(**changed))
        body = refused(answered, status, code)
        assert client.get("/v1/persons").json()["persons"] == []
        assert service.keys.held() == before, "no key is left behind"
    if code == "minor_protection":
        assert "inhope.org" in body["next_step"]


def test_the_same_request_makes_one_person(pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    headers = {"Idempotency-Key": str(uuid4())}
    first = pair[0].post("/v1/persons", json=person(), headers=headers)
    again = pair[0].post("/v1/persons", json=person(), headers=headers)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == {**first.json(), "created": False}
    other = pair[0].post("/v1/persons", json=person(name="Somebody Else"), headers=headers)
    refused(other, 409, "idempotency_key_used")
    refused(
        pair[0].post("/v1/persons", json=person(), headers={"Idempotency-Key": "short"}),
        400,
        "bad_idempotency_key",
    )
    assert len(pair[0].get("/v1/persons").json()["persons"]) == 1


def test_persons_are_listed_page_by_page(pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    made = [proposed(pair[0], name=f"Person {n}")["person_id"] for n in range(3)]
    pair[0].post(f"/v1/persons/{made[0]}/revocation")
    page = pair[0].get("/v1/persons", params={"limit": 2}).json()
    rest = pair[0].get("/v1/persons", params={"limit": 2, "after": page["next"]}).json()
    assert [item["person_id"] for item in page["persons"] + rest["persons"]] == made[::-1]
    assert [item["name"] for item in page["persons"] + rest["persons"]] == ["Person 2", "Person 1", None]
    assert rest["next"] is None
    erased = pair[0].get("/v1/persons", params={"state": "erased"}).json()["persons"]
    assert [item["ended_as"] for item in erased] == ["revoked"]
    refused(pair[0].get("/v1/persons", params={"after": "x"}), 400, "bad_cursor")
    assert pair[0].get("/v1/persons", params={"state": "lost"}).json()["code"] == "bad_input"


def test_photos_that_are_refused_at_sight(api: Api, pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    made = proposed(pair[0])["person_id"]
    before = set(api.blobs())
    refused(photos(pair[0], made), 415, "unsupported_content_type")
    refused(pair[0].post(f"/v1/persons/{made}/photos", files={"file": b"x"}), 400, "unknown_part")
    refused(photos(pair[0], made, *[enrolment.portrait()] * 21), 413, "too_many_photos")
    answered = photos(pair[0], made, b"GIF89a", b"", b"hello")
    assert [item["reason"] for item in answered.json()["photos"]] == ["unreadable"] * 3
    assert all(item["photo_id"] is None and item["message"] for item in answered.json()["photos"])
    assert pair[0].get(f"/v1/persons/{made}").json()["photos"] == []
    assert set(api.blobs()) == before


def test_a_review_that_cannot_be(pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    enrols, reviews = pair
    made = proposed(enrols)["person_id"]
    address = f"/v1/persons/{made}/review"
    refused(enrols.post(address, json=accepted()), 403, "forbidden")
    refused(reviews.post(address, json=accepted(identity_checked=False)), 400, "unchecked")
    refused(reviews.post(address, json=accepted(mandate_checked=False)), 400, "unchecked")
    refused(reviews.post(address, json=accepted(how=" ")), 400, "bad_label")
    refused(reviews.post(address, json=accepted()), 409, "no_usable_photo")
    refused(reviews.post(address, json={"decision": "perhaps"}), 400, "bad_input")
    photos(enrols, made, enrolment.portrait())
    refused(reviews.post(address, json=accepted()), 409, "photos_pending")
    ended = reviews.post(address, json={"decision": "refuse", "reason": "identity"}).json()
    assert (ended["state"], ended["ended_as"], ended["name"]) == ("erased", "refused", None)
    assert [event["event"] for event in ended["events"]][-2:] == ["refused_identity", "erased"]
    assert enrolment.NAME not in str(ended)
    refused(reviews.post(address, json=accepted()), 409, "wrong_state")
    refused(enrols.post(f"/v1/persons/{made}/renewal", json=consent()), 409, "wrong_state")
    refused(photos(enrols, made, enrolment.portrait()), 409, "wrong_state")


def test_the_proposer_cannot_decide(api: Api, assessed: None) -> None:
    with api.stranger("faces", "register", "review", "admin") as client:
        made = proposed(client)["person_id"]
        refused(client.post(f"/v1/persons/{made}/review", json=accepted()), 403, "second_reviewer")


def test_a_photo_is_for_the_reviewer_alone(pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    enrols, reviews = pair
    made, raw = proposed(enrols)["person_id"], enrolment.portrait()
    [added] = photos(enrols, made, raw).json()["photos"]
    address = f"/v1/persons/{made}/photos/{added['photo_id']}"
    refused(enrols.get(address), 403, "forbidden")
    shown = reviews.get(address)
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, raw, "image/jpeg")
    assert shown.headers["cache-control"] == "no-store"
    assert shown.headers["content-disposition"] == "attachment"
    events = enrols.get(f"/v1/persons/{made}").json()["events"]
    assert (events[-1]["event"], events[-1]["photo_id"]) == ("photo_viewed", added["photo_id"])
    refused(reviews.delete(address), 403, "forbidden")
    assert enrols.delete(address).json()["photos"] == []
    refused(reviews.get(address), 404, "unknown_photo")
    refused(enrols.delete(address), 404, "unknown_photo")


@pytest.mark.slow
def test_revocation_answers_every_code_alike(api: Api, pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    made, other = proposed(pair[0]), proposed(pair[0], name="Other")
    pair[0].post(f"/v1/persons/{other['person_id']}/revocation")
    with api.client(None) as nobody:
        known = nobody.post("/v1/revocations", json={"code": made["revocation_code"].lower()})
        gone = nobody.post("/v1/revocations", json={"code": other["revocation_code"]})
        assert (known.status_code, known.json()) == (gone.status_code, gone.json())
        assert known.status_code == 202
        refused(nobody.post("/v1/revocations", json={"code": "A" * 25}), 400, "bad_code")
        refused(nobody.post("/v1/revocations", json={"code": 1}), 400, "bad_input")
        refused(nobody.post("/v1/revocations", json={"code": "A" * 5000}), 413, "too_large")
    shown = pair[0].get(f"/v1/persons/{made['person_id']}").json()
    assert (shown["state"], shown["ended_as"]) == ("erased", "revoked")
    assert enrolment.NAME not in api.log.read_text()
    assert made["revocation_code"] not in api.log.read_text()


def test_revoking_twice_changes_nothing_more(pair: tuple[httpx2.Client, httpx2.Client]) -> None:
    made = proposed(pair[0])["person_id"]
    first = pair[1].post(f"/v1/persons/{made}/revocation").json()
    assert pair[0].post(f"/v1/persons/{made}/revocation").json() == first


def test_an_address_that_asks_too_often_waits() -> None:
    limiter = Limiter()
    for _ in range(BURST):
        limiter.take("a", now=100.0)
    with pytest.raises(TooMany) as caught:
        limiter.take("a", now=100.5)
    assert caught.value.retry_after == 3
    limiter.take("b", now=100.5)
    limiter.take("a", now=103.0)
    with pytest.raises(TooMany):
        limiter.take("a", now=103.0)
    for number in range(20_000):
        limiter.take(str(number), now=104.0)
    assert len(limiter._free_at) == 10_000


def test_every_reason_has_a_next_step(api: Api) -> None:
    with api.client(api.key) as client:
        schema = client.get("/openapi.json").json()["components"]["schemas"]["Photo"]
    reasons = next(item["enum"] for item in schema["properties"]["reason"]["anyOf"] if "enum" in item)
    assert set(reasons) == set(photo.ADVICE)
