"""Lookups over HTTP: by document, sha256, hash and file; who sees what; waiting for a worker."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.errors import FakeprintError, NotMedia
from registry.jobs.service.jobs import claim_job, fail_job
from registry.matching.lookups.service.files import ReadFile, answer_file
from tests.support.identity import revoke_asker
from tests.support.media import drawn
from tests.support.service.api import Api


def _register(client: httpx2.Client, *fakes: Fingerprint, **more: Any) -> dict[str, Any]:
    documents = [to_document(fake, faces=True) for fake in fakes]
    answered = client.post("/v1/entries", json={"fakes": documents, **more})
    assert answered.status_code == 201, answered.text
    made: dict[str, Any] = answered.json()
    return made


def _ask(client: httpx2.Client, fingerprint: Fingerprint, **more: Any) -> dict[str, Any]:
    document = to_document(fingerprint, faces=True)
    answered = client.post("/v1/lookups", json={"type": "document", "document": document, **more})
    assert answered.status_code == 200, answered.text
    body: dict[str, Any] = answered.json()
    return body


def test_a_document_finds_its_fake_and_the_stretch(admin: httpx2.Client) -> None:
    fake = drawn.clip("council", face="a")
    entry = _register(admin, fake, title="Council", references=[{"url": "https://check.example/1"}])
    longer = drawn.joined(drawn.clip("news", seconds=6), drawn.clip("council", face="a", noise=0.05))
    answer = _ask(admin, longer)
    assert answer["verdict"] == "known_fake"
    (match,) = answer["matches"]
    assert match["entry_id"] == entry["entry_id"]
    assert match["asset_id"] == entry["assets"][0]["asset_id"]
    assert match["relation"] == "copy"
    assert match["title"] == "Council"
    assert match["references"] == [{"url": "https://check.example/1"}]
    (span,) = match["spans"]
    assert span["query"][0] == pytest.approx(6.0, abs=0.5)
    assert span["asset"] == pytest.approx([0.0, 8.0], abs=0.5)
    assert match["signals"]["frames"]["aligned"] >= 10
    assert set(answer["timing_ms"]) == {"fingerprint", "candidates", "align", "total"}


def test_a_document_may_be_the_body_itself(admin: httpx2.Client) -> None:
    _register(admin, drawn.clip("itself", face="a"))
    raw = httpx2.Request(
        "POST", "http://x", json=to_document(drawn.clip("itself", face="a"), faces=True)
    ).content
    headers = {"Content-Type": MEDIA_TYPE}
    answered = admin.post("/v1/lookups", content=raw, headers=headers, params={"bank": "default"})
    assert answered.json()["verdict"] == "known_fake"
    answered = admin.post("/v1/lookups", content=raw, headers=headers, params={"bank": "none"})
    assert (answered.status_code, answered.json()["code"]) == (404, "unknown_bank")


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/lookups:batch"])
def test_a_document_may_be_sent_as_json(admin: httpx2.Client, path: str) -> None:
    """Nothing else has `version` and `algorithms`; what `fakeprint hash` prints is a batch as it is."""
    _register(admin, drawn.clip("as json", face="a"))
    document = to_document(drawn.clip("as json", face="a"), faces=True)
    kind = "application/x-ndjson" if path.endswith("batch") else "application/json"
    raw = json.dumps(document).encode()
    answered = admin.post(path, content=raw, headers={"Content-Type": kind}, params={"bank": "default"})
    assert answered.json()["verdict"] == "known_fake"
    answered = admin.post("/v1/lookups", json=document, params={"watch_days": 2})
    assert answered.json()["watch"], "as with the document's own media type"
    cut_off = {"version": 1, "sha256": document["sha256"]}
    assert "application/vnd.fakeprint+json" in admin.post("/v1/lookups", json=cut_off).json()["next_step"]


def test_every_type_of_lookup_has_its_value_in_one_field(admin: httpx2.Client) -> None:
    clip = drawn.clip("valued", face="a")
    _register(admin, clip)
    document = to_document(clip, faces=True)
    for kind, value in (("document", document), ("sha256", clip.media.sha256), ("md5", "0" * 32)):
        by_value = admin.post("/v1/lookups", json={"type": kind, "value": value})
        by_name = admin.post("/v1/lookups", json={"type": kind, kind: value})
        assert (by_value.status_code, by_name.status_code) == (200, 200), by_value.text
        assert by_value.json()["verdict"] == by_name.json()["verdict"]
    missing = admin.post("/v1/lookups", json={"type": "sha256"}).json()
    assert (missing["code"], missing["detail"]) == ("bad_input", "value: Field required.")
    twice = admin.post("/v1/lookups", json={"type": "sha256", "value": "0" * 64, "sha256": "0" * 64}).json()
    assert (twice["code"], twice["errors"][0]["where"]) == ("bad_input", "sha256")
    assert "`value`" in twice["detail"]


def test_an_answer_can_be_fetched_again(admin: httpx2.Client, api: Api) -> None:
    _register(admin, drawn.clip("again", face="a"))
    answer = _ask(admin, drawn.clip("again", face="a"))
    assert admin.get(f"/v1/lookups/{answer['lookup_id']}").json() == answer
    with api.stranger("lookup") as stranger:
        answered = stranger.get(f"/v1/lookups/{answer['lookup_id']}")
    assert (answered.status_code, answered.json()["code"]) == (404, "unknown_lookup")


def test_a_sha256_finds_the_very_file(admin: httpx2.Client) -> None:
    fake = drawn.clip("digest", face="a")
    _register(admin, fake)
    for spelt in (fake.media.sha256, fake.media.sha256.upper()):
        answer = admin.post("/v1/lookups", json={"type": "sha256", "sha256": spelt}).json()
        assert answer["verdict"] == "known_fake"
        assert answer["matches"][0]["exact"] is True
    unknown = admin.post("/v1/lookups", json={"type": "sha256", "sha256": "ab" * 32}).json()
    assert (unknown["verdict"], unknown["scope"], unknown["matches"]) == ("no_match", "exact_only", [])
    assert unknown["confidence"] is None


def test_a_hash_is_a_still_and_at_most_related(admin: httpx2.Client) -> None:
    fake = drawn.clip("hashed")
    _register(admin, fake, manipulation="synthetic")
    frame = fake.frames[3]
    assert frame.pdq
    assert frame.sscd
    for algorithm, value in (("pdq.1", frame.pdq.hex()), ("sscd.1", base64.b64encode(frame.sscd).decode())):
        answered = admin.post("/v1/lookups", json={"type": "hash", "algorithm": algorithm, "value": value})
        answer = answered.json()
        assert answer["verdict"] == "related", algorithm
        assert "single_frame" in answer["reasons"]


def test_strangers_get_no_signals_and_doubt_has_no_confidence(admin: httpx2.Client, api: Api) -> None:
    _register(admin, drawn.clip("coarse", face="a"))
    query = drawn.clip("coarse", face="a", noise=0.1)
    fine = _ask(admin, query)
    with api.stranger("lookup") as stranger:
        coarse = _ask(stranger, query)
        fetched = stranger.get(f"/v1/lookups/{coarse['lookup_id']}").json()
    assert fine["verdict"] == "known_fake"
    assert coarse["verdict"] == "related"
    assert "unreviewed" in coarse["reasons"]
    for body in (coarse, fetched):
        for item in (body, *body["matches"]):
            assert item["confidence"] is None
        assert all(match["signals"] is None for match in body["matches"])
    assert fine["matches"][0]["signals"]["faces"]["same"] is True


def test_a_private_bank_answers_its_owner_alone(admin: httpx2.Client, api: Api) -> None:
    made = admin.post("/v1/banks", json={"name": "hidden", "visibility": "private"})
    assert made.status_code == 201
    _register(admin, drawn.clip("private", face="a"), bank="hidden")
    assert _ask(admin, drawn.clip("private", face="a"), bank="hidden")["verdict"] == "known_fake"
    assert _ask(admin, drawn.clip("private", face="a"), bank="default")["verdict"] == "no_match"
    with api.stranger("lookup") as stranger:
        assert _ask(stranger, drawn.clip("private", face="a"))["verdict"] == "no_match"
        names = [bank["name"] for bank in stranger.get("/v1/banks").json()["banks"]]
        assert "hidden" not in names
        document = to_document(drawn.clip("private"), faces=False)
        named = {"type": "document", "document": document, "bank": made.json()["bank_id"]}
        answered = stranger.post("/v1/lookups", json=named)
        assert (answered.status_code, answered.json()["code"]) == (404, "unknown_bank")


def test_a_blank_document_is_undecidable(admin: httpx2.Client) -> None:
    document = to_document(drawn.clip("blank"), faces=False)
    for frame in document["algorithms"]["pdq.1"]["frames"]:
        frame["quality"] = 0
    answer = admin.post("/v1/lookups", json={"type": "document", "document": document}).json()
    assert (answer["verdict"], answer["confidence"]) == ("undecidable", None)
    assert answer["reasons"] == ["low_information"]


def test_a_file_nobody_has_answered_yet(admin: httpx2.Client) -> None:
    answered = admin.post(
        "/v1/lookups", files={"file": ("a.mp4", b"asynchronous")}, headers={"Prefer": "respond-async"}
    )
    assert answered.status_code == 202
    assert answered.headers["preference-applied"] == "respond-async"
    body = answered.json()
    url = f"/v1/lookups/{body['lookup_id']}"
    assert body == {"lookup_id": body["lookup_id"], "status": "queued", "url": url, "retry_after": 1}
    assert (answered.headers["location"], answered.headers["retry-after"]) == (url, "1")
    again = admin.get(body["url"])
    assert (again.status_code, again.json()) == (202, body)
    assert (again.headers["location"], again.headers["retry-after"]) == (url, "1")


@pytest.mark.slow
def test_waiting_ends_at_the_preferred_time(admin: httpx2.Client) -> None:
    began = time.monotonic()
    answered = admin.post(
        "/v1/lookups", files={"file": ("a.mp4", b"impatient")}, headers={"Prefer": "wait=1"}
    )
    assert answered.status_code == 202
    assert answered.headers["preference-applied"] == "wait=1"
    assert time.monotonic() - began > 0.9


@contextmanager
def _working(api: Api, content: bytes, outcome: Fingerprint | FakeprintError) -> Iterator[None]:
    """What a worker does with the next lookup of `content`, in a thread of its own."""
    stopped = threading.Event()

    def work() -> None:
        with api.service() as service:
            while not stopped.wait(0.05):
                with service.pool.transaction() as connection:
                    waiting = connection.execute(
                        "SELECT job_id FROM job WHERE task = 'answer_lookup' AND status = 'queued'"
                    ).fetchall()
                for row in waiting:
                    job = claim_job(service, row["job_id"])
                    if job is None or job.blob_key is None:
                        continue
                    with service.blobs.local_path(job.blob_key) as path:
                        mine = path.read_bytes() == content
                    if mine and isinstance(outcome, Fingerprint):
                        answer_file(service, job, ReadFile(outcome, 12.5))
                    else:
                        error = NotMedia("Not media.") if isinstance(outcome, Fingerprint) else outcome
                        fail_job(service, job, error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def test_a_file_is_answered_while_the_caller_waits(admin: httpx2.Client, api: Api) -> None:
    _register(admin, drawn.clip("file", face="a"))
    before = set(api.blobs())
    with _working(api, b"answered soon", drawn.clip("file", face="a", noise=0.05)):
        answered = admin.post("/v1/lookups", files={"file": ("a.mp4", b"answered soon")})
    assert answered.status_code == 200
    assert "preference-applied" not in answered.headers
    body = answered.json()
    assert body["verdict"] == "known_fake"
    assert body["timing_ms"]["fingerprint"] == 12.5
    assert admin.get(f"/v1/lookups/{body['lookup_id']}").json() == body
    assert set(api.blobs()) <= before


def test_a_file_that_is_no_media_is_a_problem(admin: httpx2.Client, api: Api) -> None:
    with _working(api, b"no media", NotMedia("The bytes are not media.")):
        answered = admin.post("/v1/lookups", files={"file": ("a.mp4", b"no media")})
    body = answered.json()
    assert (answered.status_code, body["code"]) == (422, "not_media")
    again = admin.get(f"/v1/lookups/{body['lookup_id']}")
    assert (again.status_code, again.json()["code"]) == (422, "not_media")


@pytest.mark.slow(13)
def test_many_waiting_requests_block_nobody(admin: httpx2.Client) -> None:
    """More waiters than the process has threads: another is answered before any of them is."""
    waiting = [threading.Thread(target=_wait_long, args=(admin, number)) for number in range(50)]
    for thread in waiting:
        thread.start()
    time.sleep(1.0)
    assert admin.post("/v1/lookups", json={"type": "sha256", "sha256": "cd" * 32}).status_code == 200
    assert all(thread.is_alive() for thread in waiting)
    for thread in waiting:
        thread.join()


def _wait_long(client: httpx2.Client, number: int) -> None:
    with httpx2.Client(base_url=client.base_url, headers=client.headers, timeout=120, trust_env=False) as own:
        answered = own.post(
            "/v1/lookups", files={"file": ("a.mp4", f"long {number}".encode())}, headers={"Prefer": "wait=12"}
        )
        assert answered.status_code == 202


HASH = {"type": "hash", "algorithm": "pdq.1", "value": "0f" * 32}


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "Application/JSON; charset=utf-8"}])
def test_one_hash_is_answered_by_either_way(api: Api, headers: dict[str, str]) -> None:
    """The short way, where all is as it mostly is, and the usual one: a key in the other header."""
    with api.stranger("lookup") as client:
        key = client.headers["Authorization"].removeprefix("Bearer ")
        client.headers.update(headers)
        for _ in range(3):
            short = client.post("/v1/lookups", json=HASH, headers=headers)
            long = client.post(
                "/v1/lookups", json=HASH, headers={"Authorization": "", "X-API-Key": key} | headers
            )
            assert (short.status_code, long.status_code) == (200, 200)
            own = {"lookup_id", "timing_ms"}
            assert [name for name in short.json() if name not in own] == [
                name for name in long.json() if name not in own
            ]
            assert all(short.json()[name] == long.json()[name] for name in short.json().keys() - own)
            assert short.headers["x-request-id"]
            assert short.headers["cache-control"] == long.headers["cache-control"] == "no-store"
            found = client.get(f"/v1/lookups/{short.json()['lookup_id']}").json()
            assert found == short.json()
    line = next(line for line in reversed(api.lines()) if line.get("method") == "POST")
    assert (line["route"], line["status"], bool(line["caller_id"])) == ("/v1/lookups", 200, True)


def test_a_revoked_key_is_refused_the_very_next_time(api: Api) -> None:
    with api.stranger("lookup") as client:
        answered = client.post("/v1/lookups", json=HASH)
        lookup_id = answered.json()["lookup_id"]
        with api.service() as service:
            revoke_asker(service, lookup_id)
        answered = client.post("/v1/lookups", json=HASH)
        assert (answered.status_code, answered.json()["code"]) == (401, "unauthenticated")
        assert answered.headers["www-authenticate"]


def test_a_body_that_comes_in_pieces_is_one(admin: httpx2.Client) -> None:
    raw = httpx2.Request("POST", "http://x", json=HASH).content
    headers = {"Content-Type": "application/json", "Content-Length": str(len(raw))}
    answered = admin.post("/v1/lookups", content=iter([raw[:20], raw[20:]]), headers=headers)
    assert answered.json()["verdict"] == "no_match"
    wrong = httpx2.Request("POST", "http://x", json={**HASH, "more": 1}).content
    headers["Content-Length"] = str(len(wrong))
    answered = admin.post("/v1/lookups", content=iter([wrong[:20], wrong[20:]]), headers=headers)
    assert (answered.status_code, answered.json()["code"]) == (400, "bad_input")
