"""Looking up in a browser: hashes equal to Python's, nothing of a file sent, the answer in time."""

from __future__ import annotations

import base64
import json
import os
import struct
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import numpy as np
import psutil
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Request, expect

from registry.catalogue.fingerprints import browser_models
from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.browser.conftest import watched
from tests.support.browser.console import Console, Person
from tests.support.media import clips as media
from tests.support.media import drawn
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.pipeline.fingerprint import fingerprint_file

SCRIPTED: Final = "</script><script>window.hurt = 1</script><img src=x onerror='window.hurt = 1'>"
CHUNK: Final = 48
"""Bytes of a file that no request may hold together."""


def registered(person: Person, console: Console, *fakes: dict[str, Any], **more: Any) -> None:
    with console.api(person.key) as client:
        made = client.post("/v1/entries", json={"fakes": list(fakes), "manipulation": "edited", **more})
        assert made.status_code == 201, made.text


def python(path: Path) -> Fingerprint:
    """What Python says of a file, of what the browser says too."""
    return fingerprint_file(path, faces=False, audio=False, hashers=(Phash256(), Pdq()))


def apart(item: str, other: str) -> int:
    return (int(item, 16) ^ int(other, 16)).bit_count()


@pytest.mark.parametrize("kind", ["video", "picture"])
def test_a_file_is_looked_up_and_never_sent(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path, kind: str
) -> None:
    person = console.person("lookup", "register", key=console.organization())
    path = tmp_path / ("ñandú.mp4" if kind == "video" else "ñandú.png")
    if kind == "video":
        media.clip(path, seconds=8.0)
    else:
        Image.fromarray(media.photograph("coffee")).save(path)
    fake = python(path)
    registered(person, console, to_document(fake, faces=False), title=f"Fake {SCRIPTED}")
    sent: list[Request] = []
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup")
        page.on("request", lambda item: sent.append(item))  # noqa: PLW0108 - a built-in is refused
        page.get_by_label("Picture, video or sound").set_input_files(path)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#answer")).to_be_visible(timeout=60_000)
        expect(page.get_by_role("heading", level=1)).to_have_text("Known fake")
        assert page.evaluate("window.hurt") is None
        if kind == "video":
            expect(page.locator(".timeline .stretch").first).to_be_visible()
        shown = page.locator("figure.own canvas")
        expect(shown.first).to_be_visible()
        assert shown.first.evaluate("one => Math.max(one.width, one.height)") <= 8
        page.get_by_role("button", name="Show clearly").first.click()
        expect(shown.first).to_be_hidden()
        expect(page.get_by_text("only the fingerprint of the file is stored").first).to_be_visible()
        posted = [request for request in sent if request.method != "GET"]
        assert [item.url.partition("/console")[2] for item in posted] == ["/lookup/document"]
        bodies = posted[0].post_data_buffer or b""
        said = posted[0].all_headers()["content-length"]
    assert said == str(len(bodies)), "some of what was sent is not seen here"
    raw = path.read_bytes()
    assert not any(raw[at : at + CHUNK] in bodies for at in range(0, len(raw) - CHUNK, CHUNK))
    near_python(bodies, fake)
    assert faults == []


def near_python(body: bytes, fake: Fingerprint) -> None:
    """The document that was sent, held against Python's: its digest, and its hashes at moments of both."""
    document: dict[str, Any] = json.loads(body[body.index(b'{"version"') : body.rindex(b"}") + 1])
    assert document["sha256"] == fake.media.sha256
    assert set(document["algorithms"]) == {"mosaic.1", "pdq.1", "phash256.1"}
    assert abs(document["duration"] - fake.media.duration) < 0.1
    compared = []
    wanted = {(frame.time, frame.view): frame for frame in fake.frames}
    for item in document["algorithms"]["pdq.1"]["frames"]:
        frame = wanted.get((item["t"], item["view"]))
        if frame is not None and frame.pdq is not None:
            compared.append(apart(item["value"], frame.pdq.hex()))
    assert len(compared) >= min(8, 2 * len({frame.time for frame in fake.frames}))
    assert sorted(compared)[len(compared) // 2] <= TOLERATED


TOLERATED: Final = 31
"""Bits of 256 by which half of a file's PDQ may differ, PDQ's own threshold: scaling is the browser's, and a
picture that was passed over while playing may be the next one."""


@pytest.fixture
def asking(console: Console, browser: Browser, faults: list[str]) -> Any:
    person = console.person("lookup", "register", key=console.organization())
    with console.context(browser, person) as context:
        yield person, watched(context.new_page(), faults)
    assert faults == []


def test_a_document_is_answered_in_time(console: Console, asking: tuple[Person, Page]) -> None:
    person, page = asking
    fake = drawn.clip(f"footage {person.account_id}", seconds=20)
    registered(person, console, to_document(fake, faces=False), title="A fake")
    query = drawn.clip(f"footage {person.account_id}", seconds=12, start=4, file="query")
    page.goto("/console/lookup")
    box = page.get_by_label("The document, or a link to it")
    box.fill(json.dumps(to_document(query, faces=False)))
    page.get_by_role("button", name="Look up the document").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Known fake")
    expect(page.get_by_role("img")).to_have_accessible_name("1 part is the same")
    expect(page.get_by_role("row").nth(1)).to_contain_text("0:04.0–0:16.0")
    expect(page.get_by_text("Your account may not see")).to_be_visible()
    address = page.url
    for typed, code in (
        ("{", "bad_json"),
        ("", "no_document"),
        (SCRIPTED, "bad_url"),
        ('{"version": 1}', "bad_document"),
        ("http://127.0.0.1:1/x", "address_refused"),
    ):
        page.goto("/console/lookup")
        box.fill(typed)
        page.get_by_role("button", name="Look up the document").click()
        expect(page.get_by_role("alert").first).to_contain_text(code)
        assert box.input_value() == typed
        assert page.evaluate("window.hurt") is None
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(
        {"name": "x", "mimeType": "", "buffer": b"no media"}
    )
    page.get_by_role("button", name="Send the file").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("The file is being checked")
    expect(page).to_have_title("The file is being checked · Fakeprint")
    other = console.person("lookup", key=console.organization())
    with console.context(page.context.browser, other) as context:  # type: ignore[arg-type]
        assert context.request.get(address).status == 404


def test_forms_show_the_progress_of_uploads(asking: tuple[Person, Page]) -> None:
    _, page = asking
    page.goto("/console/lookup")
    page.evaluate(
        """() => new MutationObserver(() => {
            sessionStorage.going = document.querySelector(".going:has(progress)")?.textContent;
        }).observe(document.body, {childList: true, subtree: true})"""
    )
    page.get_by_label("Or as a file").set_input_files(
        {"name": "x.json", "mimeType": "application/json", "buffer": b"{"}
    )
    page.get_by_role("button", name="Look up the document").click()
    expect(page.get_by_role("alert").first).to_contain_text("bad_json")
    assert page.evaluate("sessionStorage.going") == "Sending the files. This may take a while."


def test_an_unreadable_file_gets_a_code_and_a_next_step(asking: tuple[Person, Page], tmp_path: Path) -> None:
    _, page = asking
    (tmp_path / "empty.mp4").touch()
    for name in ("broken.mp4", "broken.png", "broken.bin"):
        (tmp_path / name).write_bytes(b"\0" * 4000)
    media.encode(tmp_path / "old.mp4", media.panning("coffee", 160, 90, 10), codec="mpeg4", options={})
    _bitmap(tmp_path / "huge.png", 30_000)
    page.goto("/console/lookup")
    for name, code, words in (
        ("empty.mp4", "empty_file", "Download it again"),
        ("broken.mp4", "not_media", "send the file"),
        ("broken.png", "not_media", "cannot read"),
        ("broken.bin", "not_media", "cannot read"),
        ("old.mp4", "unsupported_media", "Send the file"),
        ("huge.png", "too_large", "Scale it down to 100,000,000"),
    ):
        page.get_by_label("Picture, video or sound").set_input_files(tmp_path / name)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#failed")).to_have_attribute("data-code", code)
        expect(page.locator("#failed")).to_contain_text(words)


def _bitmap(path: Path, side: int) -> None:
    """A PNG of so many pixels squared that are no more than its header: it breaks off."""
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    check = struct.pack(">I", zlib.crc32(b"IHDR" + head))
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(head)) + b"IHDR" + head + check)


COSINE: Final = 0.99
"""That a face's vector and its expression have at least with Python's: scaling is the browser's own."""


def test_faces_are_described_as_python_does_where_one_asks_for_it(
    asking: tuple[Person, Page], tmp_path: Path
) -> None:
    _, page = asking
    assert browser_models.installed(""), "run `make setup`, which fetches ONNX Runtime from npm"
    path = tmp_path / "astronaut.png"
    Image.fromarray(media.photograph("astronaut")).save(path)
    (wanted,) = fingerprint_file(path, audio=False, hashers=(Phash256(),)).faces
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    asked = page.get_by_label("Compare faces too")
    expect(asked).not_to_be_checked()
    expect(page.get_by_text("Faces are biometric data.")).to_be_visible()
    asked.check()
    page.set_default_timeout(60_000)
    go = page.get_by_role("button", name="Look up", exact=True)
    with page.expect_response("**/faces/worker.js") as came, page.expect_request(DOCUMENT) as sent:
        go.click()
    policy = came.value.headers["content-security-policy"]
    assert policy == "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
    document = _document(sent.value)
    (face,) = document["algorithms"]["face.sface.1"]["faces"]
    assert document["notes"] == ["no_sscd"]
    vectors = [np.frombuffer(item, "<f2").astype(float) for item in (_raw(face["value"]), wanted.embedding)]
    assert vectors[0] @ vectors[1] >= COSINE
    assert np.abs(np.subtract(face["box"], wanted.box)).max() < 0.01
    assert face["quality"] == pytest.approx(wanted.quality, abs=0.05)
    both = (_raw(face["expression"]), wanted.expression)
    stands = [np.frombuffer(item, np.int8).astype(float) for item in both]
    assert np.corrcoef(stands)[0, 1] >= COSINE
    expect(page.locator("#answer")).to_be_visible(timeout=60_000)
    page.route("**/lookup/faces/*", lambda route: route.abort())
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    asked.check()
    with page.expect_request(DOCUMENT) as sent:
        go.click()
    expect(page.get_by_text("Faces were not compared")).to_be_visible(timeout=60_000)
    document = _document(sent.value)
    assert set(document["algorithms"]) == {"mosaic.1", "pdq.1", "phash256.1"}
    assert document["notes"] == ["no_sscd", "no_faces"]


DOCUMENT: Final = "**/lookup/document"


def _document(request: Request) -> dict[str, Any]:
    body = request.post_data_buffer or b""
    found: dict[str, Any] = json.loads(body[body.index(b'{"version"') : body.rindex(b"}") + 1])
    return found


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def test_four_gigabytes_are_read_piece_by_piece_and_left_when_one_likes(
    asking: tuple[Person, Page], tmp_path: Path
) -> None:
    """A sparse file: a clip, then nothing. Its pictures take a second, its digest half a minute."""
    _, page = asking
    clip = media.clip(tmp_path / "clip.mp4", seconds=2.0, size=(160, 90))
    whole = tmp_path / "whole.mp4"
    media.ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", whole)
    (tmp_path / "large.mp4").write_bytes(whole.read_bytes())
    os.truncate(tmp_path / "large.mp4", 4 << 30)
    sent: list[str] = []
    page.goto("/console/lookup")
    page.on("request", lambda item: sent.append(item.method))
    page.get_by_label("Picture, video or sound").set_input_files(tmp_path / "large.mp4")
    go = page.get_by_role("button", name="Look up", exact=True)
    before = _held()
    go.click()
    read = "stage.textContent == 'Reading the file…' && progress.value > 0.02 && progress.value < 1"
    page.wait_for_function(f"() => {read}", timeout=60_000)
    assert _held() - before < 600 << 20
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("#failed")).to_contain_text("Nothing was sent")
    expect(go).to_be_enabled()
    go.click()
    expect(page.locator("#working")).to_be_visible()
    window = page.context
    page.close()
    page = window.new_page()
    page.goto("/console/lookup")
    kept = "(await indexedDB.databases()).length + (await caches.keys()).length + localStorage.length"
    assert page.evaluate(f"async () => {kept}") == 0
    assert set(sent) <= {"GET"}


def _held() -> int:
    """Bytes of memory that all browsers of this test hold."""
    held = 0
    for item in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            held += item.memory_info().rss * ("chrom" in item.name())
    return held


def test_the_readable_part_of_a_truncated_file_is_looked_up(
    console: Console, asking: tuple[Person, Page], tmp_path: Path
) -> None:
    _, page = asking
    clip = media.clip(tmp_path / "clip.mp4", seconds=6.0, size=(320, 180))
    whole = tmp_path / "whole.mp4"
    media.ffmpeg("-i", clip, "-c", "copy", "-movflags", "+faststart", whole)
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size * 6 // 10])
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(tmp_path / "cut.mp4")
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("#answer")).to_contain_text("The file is cut off", timeout=60_000)
