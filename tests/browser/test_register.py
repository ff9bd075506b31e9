"""Registering in the console: what is near is shown first, nothing that was typed or chosen is lost."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import httpx2
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core import logs
from registry.core.settings import settings
from tests.browser.conftest import watched
from tests.support.browser.console import PASSWORD, Console, form_word
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service.api import UPLOAD_BYTES
from workers import app
from workers.tasks.answer_lookup import answer_lookup
from workers.tasks.fingerprints import fingerprint_asset

SLOW = 30_000
"""Milliseconds for what is sent without leaving the page: nothing waits for its end by itself."""
SCRIPT = "<script>alert(1)</script> “Ñandú” العربية"


@pytest.fixture
def worker(console: Console, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process as a worker of the console's deployment."""
    for name, value in processes.variables(console.started.settings).items():
        if name.startswith("FAKEPRINT_"):
            monkeypatch.setenv(name, value)
    settings.cache_clear()
    app.close_service()
    with logs.bound():
        yield
    app.close_service()
    settings.cache_clear()


def _do(console: Console, task: Callable[[str], None], subject_id: str) -> None:
    """Do the job that waits for a file, as the worker does that gets its message. Callers take turns, so that
    files of other tests come first, however many those left."""
    ends = monotonic() + 120
    while (job_id := _queued(console, subject_id)) is not None:
        assert monotonic() < ends, f"The job of {subject_id} still waits."
        task(job_id)


def _queued(console: Console, subject_id: str) -> str | None:
    with console.started.service() as service, service.pool.transaction() as connection:
        query = "SELECT job_id FROM job WHERE subject_id = %s AND status = 'queued'"
        rows = connection.execute(query, [subject_id]).fetchall()
    return str(rows[0]["job_id"]) if rows else None


def _document(folder: Path, seed: str, face: str) -> Path:
    path = folder / f"{face}.json"
    path.write_text(json.dumps(to_document(drawn.clip(seed, face=face), faces=True)))
    return path


def _fill(page: Page, file: Path) -> None:
    page.goto("/console/register")
    page.get_by_label("The fake, one file or several").set_input_files(file)
    page.locator("[name=title]").fill(SCRIPT)
    page.get_by_label("What it claims or is said to show").fill("It shows\nsomebody.")
    page.get_by_label("Where it was seen").fill("2026-01-31 Telegram\nhttps://video.example/watch?v=1")
    page.get_by_label("Fact-checks").fill("https://verifica.example/1")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_similar_entries_are_shown_before_saving(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path, scripts: bool
) -> None:
    person = console.person("lookup", "register")
    seed = str(uuid4())
    with console.context(browser, person, java_script_enabled=scripts) as context:
        page = watched(context.new_page(), faults)
        _fill(page, _document(tmp_path, seed, "victim"))
        page.get_by_role("button", name="Register", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("Registered.", timeout=SLOW)
        expect(page.get_by_role("heading", level=1)).to_have_text(SCRIPT)
        expect(page.locator("time[datetime='2026-01-31']")).to_be_visible()
        first = page.url
        _fill(page, _document(tmp_path, seed, "somebody"))
        page.get_by_role("button", name="Register", exact=True).click()
        near = page.locator(".near")
        expect(near).to_contain_text("1 entry is similar to these files", timeout=SLOW)
        expect(near).to_contain_text("same footage, another face")
        assert page.locator("[name=title]").input_value() == SCRIPT
        chosen = page.get_by_label("The fake, one file or several")
        if scripts:
            assert chosen.evaluate("input => input.files.length") == 1
        else:
            chosen.set_input_files(_document(tmp_path, seed, "somebody"))
        page.get_by_role("button", name="Register anyway").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(SCRIPT, timeout=SLOW)
        assert page.url != first
    assert faults == []


def test_media_are_registered_while_workers_still_look(
    console: Console, stranger: Page, tmp_path: Path
) -> None:
    person = console.person("lookup", "register")
    for name, value in person.cookies.items():
        stranger.context.add_cookies([{"name": name, "value": value, "url": console.url}])
    large, clip = tmp_path / "large.mp4", tmp_path / "clip.mp4"
    large.write_bytes(bytes(UPLOAD_BYTES + 1))
    clip.write_bytes(uuid4().bytes)
    _fill(stranger, large)
    stranger.get_by_role("button", name="Register", exact=True).click()
    expect(stranger.get_by_text("larger than the limit of 4 MB")).to_be_visible()
    stranger.get_by_label("The fake, one file or several").set_input_files([clip])
    stranger.get_by_role("button", name="Register", exact=True).click()
    expect(stranger.locator(".near")).to_contain_text(
        "The search for similar entries is running", timeout=SLOW
    )
    stranger.get_by_role("button", name="Register anyway").click()
    expect(stranger.get_by_role("progressbar")).to_have_count(1)


@pytest.mark.usefixtures("worker")
def test_the_page_updates_with_the_workers_results(console: Console, stranger: Page, tmp_path: Path) -> None:
    person = console.person("lookup", "register")
    for name, value in person.cookies.items():
        stranger.context.add_cookies([{"name": name, "value": value, "url": console.url}])
    first, again = tmp_path / "a.png", tmp_path / "b.jpg"
    for path in (first, again):
        Image.fromarray(media.photograph("coffee")).save(path)
    with console.api(person.key) as client:
        files = {"fake": ("a.png", first.read_bytes())}
        made = client.post("/v1/entries", files=files, data={"title": "Coffee <b>"}).json()
    _do(console, fingerprint_asset, made["assets"][0]["asset_id"])
    _fill(stranger, again)
    stranger.get_by_role("button", name="Register", exact=True).click()
    near = stranger.locator("#near-found")
    expect(near).to_contain_text("The search for similar entries is running", timeout=SLOW)
    (lookup_id,) = re.findall(r"lookup=([0-9a-f-]+)", near.get_attribute("hx-get") or "")
    _do(console, answer_lookup, lookup_id)
    expect(near).to_contain_text("similar to these files", timeout=SLOW)
    expect(near.get_by_role("link", name="Coffee <b>")).to_be_visible()
    expect(near).not_to_contain_text("The search for similar entries is running")


def test_without_the_role_lookup_only_readable_entries_are_shown(console: Console) -> None:
    """Entries of its own organization that are near, and of others' those that hold the very file."""
    seed, elsewhere, genuine = (str(uuid4()) for _ in range(3))
    person, other = console.person("register"), console.organization()
    with console.api(other) as client:
        client.post("/v1/banks", json={"name": "open", "visibility": "public"})
        abroad = [to_document(drawn.clip(item, face="victim"), faces=True) for item in (seed, elsewhere)]
        for item in abroad:
            said = {"originals": [to_document(drawn.clip(genuine), faces=True)]} if item is abroad[0] else {}
            made = client.post(
                "/v1/entries", json={"fakes": [item], "bank": "open", "title": "Abroad"} | said
            )
            assert made.status_code == 201, made.text
    with console.api(person.key) as client:
        mine = to_document(drawn.clip(seed, face="somebody"), faces=True)
        client.post("/v1/entries", json={"fakes": [mine], "title": "At home"})
    cookies = dict(person.cookies)
    with httpx2.Client(base_url=console.url, cookies=cookies, timeout=60, trust_env=False) as page:
        word = {"csrf": form_word(page.get("/console/register").text)}

        def near(clip: Fingerprint) -> tuple[bool, bool]:
            file = ("a.json", json.dumps(to_document(clip, faces=True)))
            answered = page.post("/console/register", data=word, files={"fake": file})
            assert answered.status_code in {200, 303}, answered.text
            return "At home" in answered.text, "Abroad" in answered.text

        assert near(drawn.clip(seed, face="third", file="third")) == (True, False)
        assert near(drawn.clip(seed, face="victim")) == (True, True)
        assert near(drawn.clip(elsewhere, face="victim", noise=0.1, file="copy")) == (False, False)
        assert near(drawn.clip(genuine)) == (False, False), "what others hold as genuine is nobody's hint"
        with console.api(other) as client:
            body = client.post("/v1/lookups", json={"type": "document", "document": abroad[0]}).json()
        part = f"/console/register/near?lookup={body['lookup_id']}"
        assert page.get(part, headers={"HX-Request": "true"}).status_code == 404


def test_matches_of_one_file_stay_while_another_is_read(console: Console, tmp_path: Path) -> None:
    """Nothing is registered by itself because the last lookup found nothing."""
    seed, person = str(uuid4()), console.person("register", "lookup")
    with console.api(person.key) as client:
        known = to_document(drawn.clip(seed, face="a"), faces=True)
        assert client.post("/v1/entries", json={"fakes": [known], "title": "At home"}).status_code == 201
    picture = tmp_path / "new.png"
    Image.fromarray(media.drawn(320, 240, 77)).save(picture)
    given: list[tuple[str, Any]] = [
        ("fake", ("a.json", json.dumps(to_document(drawn.clip(seed, face="b", file="b"), faces=True)))),
        ("fake", ("new.png", picture.read_bytes(), "image/png")),
    ]
    cookies = dict(person.cookies)
    with httpx2.Client(base_url=console.url, cookies=cookies, timeout=60, trust_env=False) as page:
        word = {"csrf": form_word(page.get("/console/register").text), "follows": "yes"}
        response = page.post("/console/register", data=word, files=given)
        assert "At home" in response.text
        (following,) = re.findall(r'id="near-found" hx-get="([^"]+)"', response.text)
        part = page.get(following.replace("&amp;", "&"), headers={"HX-Request": "true"})
        assert "At home" in part.text
        assert "data-clear" not in part.text


def test_registration_works_when_the_lookup_quota_is_used_up(console: Console) -> None:
    """Where nobody looked, nobody says that nothing is near; limits of lookups bind no registration."""
    person = console.person("register")
    with console.api() as operator:
        place = f"/v1/organizations/{person.organization_id}"
        assert operator.patch(place, json={"limits": {"daily": 0}}).status_code == 200
    cookies = dict(person.cookies)
    with httpx2.Client(base_url=console.url, cookies=cookies, timeout=60, trust_env=False) as page:
        word = {"csrf": form_word(page.get("/console/register").text)}
        file = ("a.json", json.dumps(to_document(drawn.clip(str(uuid4())), faces=True)))
        response = page.post("/console/register", data=word, files={"fake": file})
        assert response.status_code == 200
        assert "could not run" in response.text
        assert "data-clear" not in response.text
        sure = page.post("/console/register", data=word | {"sure": "yes"}, files={"fake": file})
        assert sure.status_code == 303


def test_a_session_that_ends_meanwhile_loses_no_word(
    console: Console, stranger: Page, tmp_path: Path
) -> None:
    person = console.person("register", password=True)
    for name, value in person.cookies.items():
        stranger.context.add_cookies([{"name": name, "value": value, "url": console.url}])
    _fill(stranger, _document(tmp_path, str(uuid4()), "victim"))
    console.expire(person)
    stranger.get_by_role("button", name="Register", exact=True).click()
    expect(stranger.get_by_role("status").first).to_contain_text("Your text is kept")
    stranger.get_by_label("Name or email address").fill(person.sign_in_name)
    stranger.get_by_label("Password").fill(PASSWORD)
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    stranger.get_by_role("button", name="Show my form").click()
    assert stranger.locator("[name=title]").input_value() == SCRIPT


def test_invalid_registrations_get_an_error(console: Console) -> None:
    content = secrets.token_bytes(8)

    def client(*roles: str) -> httpx2.Client:
        cookies = dict(console.person(*roles).cookies)
        return httpx2.Client(base_url=console.url, cookies=cookies, timeout=60, trust_env=False)

    with client("lookup") as page:
        assert page.get("/console/register").status_code == 403
    with client("register") as page:
        word = {"csrf": form_word(page.get("/console/register").text), "sure": "yes"}
        for files, more, status, code in (
            ({"original": ("a.mp4", content)}, {}, 400, "no_fake"),
            ({"fake": ("a.json", b"{")}, {}, 422, "bad_document"),
            ({"fake": ("a.mp4", content)}, {"references": "no address"}, 400, "bad_reference"),
            ({"fake": ("a.mp4", content), "original": ("b.mp4", content)}, {}, 409, "role_conflict"),
            ({"fake": ("a.mp4", bytes(4 * UPLOAD_BYTES + (2 << 20)))}, {}, 413, "too_large"),
            ({"fake": ("a.mp4", content)}, {"bank": "elsewhere"}, 400, "unknown_bank"),
            ({"fake": ("a.mp4", content)}, {"variant_of": "x"}, 400, "unknown_entry"),
            ({"fake": ("a.mp4", content)}, {"variant_of": str(uuid4())}, 400, "unknown_entry"),
            ({"fake": ("a.mp4", content)}, {"seen": "2026-01-31"}, 400, "bad_label"),
        ):
            answered = page.post("/console/register", data={**word, **more}, files=files)
            assert (answered.status_code, code in answered.text) == (status, True), code
    assert [path for path in console.started.blobs() if path.read_bytes() == content] == []
