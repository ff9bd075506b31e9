"""Bad input: each is refused with a stable code, and nothing of it is kept."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from registry.catalogue.fingerprints.model.document import MEDIA_TYPE, to_document
from tests.support.jobs import fill_queue, lose_jobs
from tests.support.media import drawn
from tests.support.service import servers as services
from tests.support.service.api import DOCUMENT_BYTES, MEBIBYTE, UPLOAD_BYTES, Api

JSON = {"Content-Type": "application/json"}
FORM = "multipart/form-data; boundary=x"
ID = "00000000-0000-4000-8000-000000000000"


def _refused(answered: httpx2.Response, status: int, code: str) -> dict[str, Any]:
    body: dict[str, Any] = answered.json()
    assert (answered.status_code, body["code"]) == (status, code), body
    assert answered.headers["content-type"] == "application/problem+json"
    return body


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries", "/v1/banks"])
@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b'{"type": "sha256"',
        b'{"type": NaN}',
        b'{"type": Infinity}',
        b'{"type": 1e999}',
        b"\xff\xfe",
        b'{"name": "\\ud800"}',
        b'{"name": "a\\u0000b"}',
        b"[" * 5000 + b"]" * 5000,
        b"{'type': 'sha256'}",
    ],
)
def test_invalid_json_is_refused(admin: httpx2.Client, path: str, raw: bytes) -> None:
    _refused(admin.post(path, content=raw, headers=JSON), 400, "bad_json")


@pytest.mark.parametrize(
    "raw", [b"[]", b"1", b"null", b'"document"', b"{}", b'{"type": "video"}', b'{"type": []}']
)
@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries", "/v1/banks"])
def test_json_that_asks_nothing(admin: httpx2.Client, path: str, raw: bytes) -> None:
    assert _refused(admin.post(path, content=raw, headers=JSON), 400, "bad_input")["errors"]


@pytest.mark.slow
def test_where_there_is_no_room_nothing_of_a_file_is_read(api: Api, admin: httpx2.Client) -> None:
    """Told before the first byte to who asks whether to send it, and at its beginning to who does not."""
    place = urlsplit(api.url)
    head = (
        f"POST /v1/lookups HTTP/1.1\r\nHost: x\r\nAuthorization: {admin.headers['authorization']}\r\n"
        f"Content-Type: {FORM}\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n"
    )
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\nthe first bytes'

    def answered(length: int, sent: bytes) -> bytes:
        with socket.create_connection((str(place.hostname), place.port or 80), 30) as connection:
            connection.sendall((head % length).encode())
            found = connection.recv(65536)
            if b" 100 " in found:
                connection.sendall(sent)
            while not found.endswith(b"}"):
                found += connection.recv(65536)
            return found

    with api.service() as service:
        made = fill_queue(service, 500)
        try:
            services.wait_until(lambda: b'"queue_full"' in answered(9 * MEBIBYTE, b""), 10)
            refused = answered(3 * MEBIBYTE, part)
            assert b'"queue_full"' in refused
            assert b"Retry-After: 5" in refused.replace(b"retry-after", b"Retry-After")
            payload = {"type": "sha256", "sha256": "ab" * 32}
            assert admin.post("/v1/lookups", json=payload).status_code == 200, "what needs no worker goes on"
        finally:
            lose_jobs(service, *made)
    later = {"Prefer": "respond-async"}

    def taken() -> bool:
        return admin.post("/v1/lookups", files={"file": ("a", b"now")}, headers=later).status_code == 202

    services.wait_until(taken, 10)


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries", "/v1/banks"])
@pytest.mark.parametrize("kind", ["", "text/plain", "application/xml", "application/x-www-form-urlencoded"])
def test_a_content_type_that_is_not_read(admin: httpx2.Client, path: str, kind: str) -> None:
    headers = {"Content-Type": kind} if kind else {}
    _refused(admin.post(path, content=b"{}", headers=headers), 415, "unsupported_content_type")


def test_a_compressed_body(admin: httpx2.Client) -> None:
    headers = JSON | {"Content-Encoding": "gzip"}
    _refused(admin.post("/v1/lookups", content=b"{}", headers=headers), 415, "unsupported_content_type")


@pytest.mark.parametrize("path", ["/v1/lookups", "/v1/entries", "/v1/banks"])
@pytest.mark.parametrize("announced", [True, False])
def test_a_json_body_of_ten_megabytes(admin: httpx2.Client, path: str, announced: bool) -> None:
    raw = b'{"type": "' + b"x" * (10 * MEBIBYTE) + b'"}'
    assert len(raw) > DOCUMENT_BYTES
    content = raw if announced else iter([raw[at : at + MEBIBYTE] for at in range(0, len(raw), MEBIBYTE)])
    _refused(admin.post(path, content=content, headers=JSON), 413, "too_large")


@pytest.mark.parametrize(
    ("question", "status", "code"),
    [
        ({"type": "sha256"}, 400, "bad_input"),
        ({"type": ["sha256"], "value": "0" * 64}, 400, "bad_input"),
        (["sha256"], 400, "bad_input"),
        ({"type": "sha256", "sha256": 5}, 400, "bad_input"),
        ({"type": "sha256", "sha256": "xyz"}, 400, "bad_sha256"),
        ({"type": "sha256", "sha256": "0" * 64, "more": 1}, 400, "bad_input"),
        ({"type": "sha256", "sha256": "0" * 64, "bank": "no such bank"}, 404, "unknown_bank"),
        ({"type": "sha256", "sha256": "0" * 64, "bank": 5}, 400, "bad_input"),
        ({"type": "hash", "algorithm": "md5", "value": "00"}, 400, "unknown_algorithm"),
        ({"type": "hash", "algorithm": "pdq.1", "value": "00"}, 400, "bad_hash"),
        ({"type": "hash", "algorithm": "pdq.1", "value": "zz" * 32}, 400, "bad_hash"),
        ({"type": "hash", "algorithm": "sscd.1", "value": "AAAA"}, 400, "bad_hash"),
        ({"type": "hash", "algorithm": "face.sface.1", "value": "AAAA"}, 400, "unknown_algorithm"),
        ({"type": "document", "document": {}}, 422, "unsupported_version"),
        ({"type": "document", "document": {"version": 1}}, 422, "bad_document"),
        ({"type": "document", "document": []}, 400, "bad_input"),
    ],
)
def test_a_question_that_cannot_be_answered(
    admin: httpx2.Client, question: dict[str, Any], status: int, code: str
) -> None:
    _refused(admin.post("/v1/lookups", json=question), status, code)


def test_hash_of_a_vector_that_is_not_a_number(admin: httpx2.Client) -> None:
    """512 x NaN in float16: it must neither reach the index nor crash."""
    question = {"type": "hash", "algorithm": "sscd.1", "value": "AH4A" * 341 + "AA=="}
    answered = admin.post("/v1/lookups", json=question)
    assert answered.status_code in {400, 422}, answered.text


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"version": 2}, "unsupported_version"),
        ({"sha256": "0"}, "bad_document"),
        ({"kind": "audio"}, "bad_document"),
        ({"duration": -1}, "bad_document"),
        ({"size": {"bytes": 0, "width": 1, "height": 1}}, "bad_document"),
        ({"algorithms": {"pdq.9": {"frames": []}}}, "unknown_algorithm"),
        ({"algorithms": {}}, "bad_document"),
        ({"notes": ["<script>"]}, "bad_document"),
    ],
)
def test_a_document_that_breaks_its_schema(admin: httpx2.Client, change: dict[str, Any], code: str) -> None:
    document = to_document(drawn.clip("broken"), faces=False) | change
    _refused(admin.post("/v1/lookups", json={"type": "document", "document": document}), 422, code)
    headers = {"Content-Type": MEDIA_TYPE}
    raw = httpx2.Request("POST", "http://x", json=document).content
    _refused(admin.post("/v1/lookups", content=raw, headers=headers), 422, code)
    _refused(admin.post("/v1/entries", json={"fakes": [document]}), 422, code)


@pytest.mark.parametrize("path", ["/v1/entries/{}", "/v1/lookups/{}"])
@pytest.mark.parametrize(
    "named", ["x", "1", "..", "%2e%2e%2fetc", "%00", "' OR 1=1 --", ID.replace("-", ""), "é"]
)
def test_an_id_that_is_none(admin: httpx2.Client, path: str, named: str) -> None:
    _refused(admin.get(path.format(named)), 404, "not_found")


def test_an_id_that_nobody_has(admin: httpx2.Client) -> None:
    _refused(admin.get(f"/v1/entries/{ID}"), 404, "unknown_entry")
    _refused(admin.get(f"/v1/lookups/{ID}"), 404, "unknown_lookup")
    _refused(admin.post(f"/v1/entries/{ID}/retry"), 404, "unknown_entry")
    _refused(admin.post(f"/v1/entries/{ID}/assets", files={"fake": ("a", b"x")}), 404, "unknown_entry")


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("limit=0", 400, "bad_input"),
        ("limit=1000000", 400, "bad_input"),
        ("limit=ten", 400, "bad_input"),
        ("status=lost", 400, "bad_input"),
        ("after=%20", 400, "bad_cursor"),
        ("after=AAAA", 400, "bad_cursor"),
        ("bank=" + "x" * 5000, 400, "bad_input"),
        ("bank=a%00b", 400, "bad_input"),
        ("bank=nobody's", 404, "unknown_bank"),
    ],
)
def test_a_query_string_that_asks_wrongly(admin: httpx2.Client, query: str, status: int, code: str) -> None:
    _refused(admin.get(f"/v1/entries?{query}"), status, code)


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        ({"bank": "no such bank"}, 404, "unknown_bank"),
        ({"title": "a\nb"}, 400, "bad_label"),
        ({"title": "x" * 301}, 400, "bad_label"),
        ({"claim": "x" * 5001}, 400, "bad_label"),
        ({"manipulation": "magic"}, 400, "unknown_manipulation"),
        ({"references": "{"}, 400, "bad_json"),
        ({"references": "{}"}, 400, "bad_input"),
        ({"references": '["https://a.example"]'}, 400, "bad_input"),
        ({"references": '[{"url": "javascript:alert(1)"}]'}, 400, "bad_reference"),
        ({"references": '[{"url": "https://a.example/\\u0000"}]'}, 400, "bad_json"),
        ({"titel": "x"}, 400, "unknown_part"),
        ({"title": "a\0b"}, 400, "bad_multipart"),
    ],
)
def test_a_registration_that_is_refused_leaves_no_media(
    api: Api, admin: httpx2.Client, data: dict[str, str], status: int, code: str
) -> None:
    before = set(api.blobs())
    _refused(
        admin.post("/v1/entries", files={"fake": ("a.mp4", f"refused {data}".encode())}, data=data),
        status,
        code,
    )
    assert set(api.blobs()) == before


def test_an_entry_needs_a_fake(admin: httpx2.Client) -> None:
    _refused(admin.post("/v1/entries", files={"original": ("a.mp4", b"no fake with it")}), 400, "no_fake")
    _refused(admin.post("/v1/entries", json={"fakes": []}), 400, "no_fake")


def test_the_same_file_as_fake_and_original(api: Api, admin: httpx2.Client) -> None:
    before = set(api.blobs())
    both = {"fake": ("a", b"both at once"), "original": ("b", b"both at once")}
    _refused(admin.post("/v1/entries", files=both), 409, "role_conflict")
    assert set(api.blobs()) == before


@pytest.mark.parametrize(("path", "part"), [("/v1/entries", "fake"), ("/v1/lookups", "file")])
def test_an_empty_file(api: Api, admin: httpx2.Client, path: str, part: str) -> None:
    before = set(api.blobs())
    _refused(admin.post(path, files={part: ("a.mp4", b"")}), 422, "empty_file")
    assert set(api.blobs()) == before


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize(("path", "part"), [("/v1/entries", "fake"), ("/v1/lookups", "file")])
def test_a_file_that_is_too_large(
    api: Api, admin: httpx2.Client, path: str, part: str, announced: bool
) -> None:
    before = set(api.blobs())
    request = admin.build_request("POST", path, files={part: ("a.mp4", b"x" * (UPLOAD_BYTES + 1))})
    request.read()
    headers = {"Content-Type": request.headers["content-type"]}
    body = request.content if announced else iter([request.content])
    _refused(admin.post(path, content=body, headers=headers), 413, "too_large")
    assert set(api.blobs()) == before


def test_a_second_file_that_is_too_large_takes_the_first_with_it(api: Api, admin: httpx2.Client) -> None:
    before = set(api.blobs())
    files = [("fake", ("a", b"small and first")), ("fake", ("b", b"x" * (UPLOAD_BYTES + 1)))]
    _refused(admin.post("/v1/entries", files=files), 413, "too_large")
    assert set(api.blobs()) == before


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--x\r\n"),
        ("multipart/form-data; boundary=", b"--x\r\n"),
        ("multipart/form-data; boundary=" + "x" * 5000, b"--x\r\n"),
        (FORM, b""),
        (FORM, b"no boundary at all"),
        (FORM, b"--x\r\nContent-Disposition: form-data; name=bank\r\n\r\ncut sho"),
        (FORM, b"--x\r\n" + b"A: b\r\n" * 100 + b"\r\nx\r\n--x--\r\n"),
        (FORM, b"--x\r\nA: " + b"b" * 100_000 + b"\r\n\r\nx\r\n--x--\r\n"),
    ],
)
def test_a_form_that_is_malformed(api: Api, admin: httpx2.Client, kind: str, body: bytes) -> None:
    before = set(api.blobs())
    for path in ("/v1/lookups", "/v1/entries"):
        _refused(admin.post(path, content=body, headers={"Content-Type": kind}), 400, "bad_multipart")
    assert set(api.blobs()) == before


def test_parts_by_the_thousand(admin: httpx2.Client) -> None:
    files = [("fake", (f"{number}.mp4", b"x")) for number in range(1100)]
    _refused(admin.post("/v1/entries", files=files), 413, "too_many_parts")


def test_a_lookup_takes_one_file(admin: httpx2.Client) -> None:
    files = [("file", ("a", b"one")), ("file", ("b", b"two"))]
    _refused(admin.post("/v1/lookups", files=files), 400, "no_file")
    _refused(admin.post("/v1/lookups", files={"fake": ("a", b"one")}), 400, "unknown_part")
    nameless, headers = b"--x\r\n\r\nnameless\r\n--x--\r\n", {"Content-Type": FORM}
    _refused(admin.post("/v1/lookups", content=nameless, headers=headers), 400, "unknown_part")


NAMES = {
    "../../../etc/cron.d/evil": "evil",
    "..\\..\\windows\\evil.mp4": "evil.mp4",
    "/etc/passwd": "passwd",
    "a b.mp4": "a b.mp4",
    "b.mp4$(touch X)": "b.mp4$(touch X)",
    "vidéo 🎭.mp4": "vidéo 🎭.mp4",
    "مقطع.mp4": "مقطع.mp4",
    "x" * 5000 + ".mp4": "x" * 255,
}


@pytest.mark.parametrize("named", NAMES)
def test_a_file_name_is_a_label_and_never_a_path(
    api: Api, admin: httpx2.Client, tmp_path: Path, named: str
) -> None:
    content = f"named {named[:40]}".encode()
    entry = admin.post("/v1/entries", files={"fake": (named, content)}).json()
    shown = admin.get(f"/v1/entries/{entry['entry_id']}").json()
    assert shown["assets"][0]["filename"] == NAMES[named]
    assert all(path.name == path.parent.name + path.name[2:] for path in api.blobs())
    assert all(len(path.name) == 64 for path in api.blobs())


def test_control_characters_leave_a_file_name(admin: httpx2.Client) -> None:
    # A client of another make: httpx2 would escape them.
    disposition = 'form-data; name="fake"; filename="a\x1b[2J\tb.mp4"'
    body = f"--x\r\nContent-Disposition: {disposition}\r\n\r\ncontrol\r\n--x--\r\n".encode()
    headers = {"Content-Type": FORM}
    answered = admin.post("/v1/entries", content=body, headers=headers)
    if answered.status_code == 400:
        assert answered.json()["code"] == "bad_multipart"
        return
    shown = admin.get(f"/v1/entries/{answered.json()['entry_id']}").json()
    assert shown["assets"][0]["filename"].isprintable()


def test_an_upload_that_breaks_off_is_forgotten(api: Api, admin: httpx2.Client) -> None:
    before = set(api.blobs())
    place = urlsplit(api.url)
    head = (
        "POST /v1/entries HTTP/1.1\r\nHost: x\r\nX-Request-Id: broken-off\r\n"
        f"Authorization: {admin.headers['authorization']}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 3000000\r\n\r\n"
        '--x\r\nContent-Disposition: form-data; name="fake"; filename="a"\r\n\r\n'
    )
    with socket.create_connection((str(place.hostname), place.port or 80)) as connection:
        connection.sendall(head.encode() + b"y" * 2_000_000)
    for _ in range(100):
        if any(line.get("request_id") == "broken-off" for line in api.lines()):
            break
        assert admin.get("/health/live").status_code == 200
    (line,) = [line for line in api.lines() if line.get("request_id") == "broken-off"]
    assert line["status"] == 499
    assert set(api.blobs()) == before


def test_bytes_that_are_no_http(api: Api) -> None:
    place = urlsplit(api.url)
    connection = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
    connection.putrequest("GET", "/health/live")
    connection.endheaders()
    assert connection.getresponse().status == 200
    connection.close()
    with socket.create_connection((str(place.hostname), place.port or 80), timeout=10) as raw:
        raw.sendall(b"\x16\x03\x01 not http\r\n\r\n")
        assert b"400" in raw.recv(200)
