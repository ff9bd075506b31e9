"""The private page: nothing of a file leaves the device, number and PIN stand nowhere, and the way out is
short."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote_to_bytes
from uuid import UUID

import httpx2
import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.console.languages import Words
from registry.core.audit.model.event import Event
from registry.core.audit.service import record_events
from registry.intake import model as private_case
from registry.intake.service.cases import MOST_MET
from tests.browser.conftest import watched
from tests.browser.shots.private import opened as open_one
from tests.browser.shots.private import take
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Console, form_word
from tests.support.media import clips as media
from tests.support.media import drawn
from tests.support.steps import review

SCRIPTED: Final = "</textarea><script>window.hurt = 1</script>"
CHUNK: Final = 48
"""Bytes of a file that no request may hold together."""
PATIENCE: Final = 60_000
"""Milliseconds: a PIN is hashed slowly, on purpose."""
ELSEWHERE: Final = "https://www.wikipedia.org/"
PHONE: Final[Any] = {"width": 390, "height": 844}


def opened(page: Page, path: Path) -> tuple[str, str]:
    """Go through the form, as far as number and PIN."""
    page.locator("#f-media").set_input_files(path)
    page.locator("[name=adult][value=yes]").check()
    page.locator("[name=standing][value=depicted]").check()
    page.locator("[name=intimate][value=yes]").check()
    page.locator("[name=note]").fill(SCRIPTED)
    page.locator("#case button.primary").click()
    expect(page.locator("[name=true]")).to_be_focused(timeout=PATIENCE)
    expect(page.locator("[name=true]")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#private [aria-invalid=true]")).to_have_count(1)
    page.locator("[name=true]").check()
    page.locator("#case button.primary").click()
    expect(page.locator("#number")).to_be_visible(timeout=PATIENCE)
    return page.locator("#number").inner_text(), page.locator("#pin").inner_text()


def test_a_case_is_opened_followed_and_withdrawn(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    take(console)
    words = Words("ar")
    path = media.clip(tmp_path / "ñandú.mp4", seconds=4.0)
    sent: list[Request] = []
    how: dict[str, Any] = {"viewport": PHONE, "timezone_id": "Europe/Madrid"}
    with console.context(browser, locale="ar", bypass_csp=True, **how) as context:
        context.route(f"{ELSEWHERE}**", _neutral)
        page = watched(context.new_page(), faults)
        page.goto(f"{ELSEWHERE}before")
        page.goto("/console/private")
        before = page.evaluate("history.length")
        page.on("request", lambda item: sent.append(item))  # noqa: PLW0108 - a built-in is refused
        number, pin = opened(page, path)
        expect(page.get_by_role("heading", level=1)).to_have_text(words.text("Your case is open"))
        axe(page)
        page.locator("a.button[data-instead]").click()
        page.wait_for_url("**/private/follow")
        expect(page.locator("#leave-hint")).to_be_visible()  # the script is there
        page.locator("#f-number").fill(number.lower())
        page.locator("#f-pin").fill("0")
        page.locator("form button.primary").click()
        expect(page.locator("#f-number")).to_be_focused(timeout=PATIENCE)
        expect(page.locator("#f-number-error")).not_to_be_empty()
        expect(page.locator("#f-pin")).to_have_value("")
        page.locator("#f-number").fill(number.lower())
        page.locator("#f-pin").fill(pin)
        page.locator("form button.primary").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            words.text("Waiting for reviewers"), timeout=PATIENCE
        )
        axe(page)
        page.locator("#f-pin").fill(pin)
        page.locator("[name=sure]").check()
        page.locator("form button.danger").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            words.text("You have withdrawn it"), timeout=PATIENCE
        )
        assert page.evaluate("window.hurt") is None
        assert page.evaluate("history.length") == before
        assert [cookie["name"] for cookie in context.cookies()] == ["fakeprint_visit"]
        bodies = b"".join(unquote_to_bytes(request.post_data_buffer or b"") for request in sent)
        page.locator("#leave").click()
        expect(page).to_have_url(ELSEWHERE)
        page.go_back()
        expect(page).to_have_url(f"{ELSEWHERE}before")
    raw = path.read_bytes()
    assert b'"pdq.1"' in bodies
    assert "ñandú".encode() not in bodies
    assert not any(raw[at : at + CHUNK] in bodies for at in range(0, len(raw) - CHUNK, CHUNK))
    log = console.started.log.read_text(encoding="utf-8")
    for text in (number, number.replace("-", ""), pin, pin.replace(" ", "")):
        assert not any(text in request.url or text in str(request.headers) for request in sent)
        assert f'"{text}"' not in log
    assert faults == []


def _neutral(route: Route) -> None:
    route.fulfill(status=200, content_type="text/html", body="<title>Elsewhere</title>")


@pytest.fixture
def nobody(console: Console) -> Iterator[httpx2.Client]:
    """A browser without scripts."""
    headers = {"Origin": console.url, "Accept": "text/html"}
    with httpx2.Client(base_url=console.url, timeout=60, trust_env=False, headers=headers) as client:
        yield client


def test_without_scripts_and_with_invalid_input(console: Console, nobody: httpx2.Client) -> None:
    take(console)
    word = form_word(nobody.get("/console/private").text)

    def said(path: str, status: int, within: str, **fields: Any) -> str:
        answer = nobody.post(f"/console/private{path}", data={"csrf": word, **fields})
        assert (answer.status_code, within in answer.text) == (status, True), answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert "<script>window" not in answer.text
        return answer.text

    document = json.dumps(to_document(drawn.clip("by hand"), faces=False))
    case = {"adult": "yes", "standing": "depicted", "intimate": "no", "true": "yes", "note": SCRIPTED}
    said("", 403, "Nothing was received or stored", **case | {"adult": "no"}, said=document)
    said("", 400, "confirm your answers at the end", **case | {"standing": "x"}, said=document)
    said("", 400, 'href="#f-said"', **case)
    said("", 422, 'id="f-said-error"', **case, said="{")
    said("", 400, 'id="f-seen-error"', **case, said=document, seen="https://")
    said("", 413, "too_large", **case, said=" " * (9 << 20))
    text = said("", 201, 'id="pin"', **case, said=document, seen="Telegram\nhttps://videos.example/1")
    found = [re.search(f'id="{name}">([^<]+)<', text) for name in ("number", "pin")]
    number, pin = (item[1] for item in found if item)
    said("/follow", 400, 'id="f-number-error"', number="x", pin=pin)
    said("/follow", 200, 'data-state="waiting"', number=number, pin=pin)
    again = said("/withdraw", 400, 'id="f-sure-error"', number=number, pin=pin)
    assert number in again
    assert pin not in again
    said("/withdraw", 200, 'data-state="withdrawn"', number=number, pin=pin, sure="yes")
    with console.api() as operator:
        (listed, *_) = operator.get("/v1/private-cases").json()["cases"]
        assert (listed["case_number"], listed["state"]) == (number, "withdrawn")
        operator.put("/v1/private-cases/intake", json={"bank": None})
    assert "This registry does not accept private cases" in nobody.get("/console/private").text
    said("", 409, "does not accept private cases at present", **case, said=document)
    said("/follow", 200, 'data-state="withdrawn"', number=number, pin=pin)
    assert nobody.post("/console/private", data=case).status_code == 403


def test_an_empty_form_shows_an_error_at_each_field(
    console: Console, browser: Browser, faults: list[str], nobody: httpx2.Client
) -> None:
    """With a script and without: each field is marked and named, the first one has the focus, what was typed
    stays, no code is shown, and whoever helps was named before the form."""
    take(console)
    fields = ["media", "adult", "standing", "intimate", "true"]
    for scripts in (True, False):
        with console.context(browser, locale="en", java_script_enabled=scripts, viewport=PHONE) as context:
            page = watched(context.new_page(), faults)
            page.goto("/console/private")
            helps, form = (page.locator(item).bounding_box() for item in ("#help", "#case"))
            assert helps is not None
            assert form is not None
            assert helps["y"] < form["y"]
            page.locator("[name=note]").fill("my words")
            page.locator("#case button.primary").click()
            summary = page.locator("#private [role=alert] a")
            expect(summary).to_have_count(len(fields), timeout=PATIENCE)
            first = fields[0] if scripts else "said"
            shown = [first, *fields[1:]]
            assert [item.get_attribute("href") for item in summary.all()] == [f"#f-{item}" for item in shown]
            expect(page.locator(f"#f-{first}")).to_be_focused()
            expect(page.locator("[aria-invalid=true]")).to_have_count(len(fields))
            expect(page.locator("#f-standing-error")).to_have_text("Answer whom the files show.")
            expect(page.locator("[name=note]")).to_have_value("my words")
            expect(page.locator("#private code")).to_have_count(0)
    with console.context(browser, locale="ar", bypass_csp=True, viewport=PHONE) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/private")
        page.locator("#case button.primary").click()
        expect(page.locator("#f-media")).to_be_focused(timeout=PATIENCE)
        axe(page)
    assert faults == []


def test_only_reviewers_read_the_texts(console: Console, browser: Browser, faults: list[str]) -> None:
    """A checker and a lawyer of its organization meet it nowhere but as a match without a link; a reviewer
    decides with it in sight."""
    take(console)
    words = Words("ar")
    open_one(console)
    how: dict[str, Any] = {"locale": "ar", "bypass_csp": True, "viewport": PHONE}
    with console.api() as operator:
        entry_id = operator.get("/v1/private-cases").json()["cases"][0]["entry_id"]
    for roles in (("lookup", "register"), ("lookup", "takedown")):
        with console.context(browser, console.person(*roles, key=console.key), **how) as context:
            page = watched(context.new_page(), faults)
            if "register" in roles:
                page.goto("/console/entries")
                expect(page.locator("main h1")).to_be_visible()
                assert entry_id not in page.content()
            answered = page.request.get(f"/console/entries/{entry_id}", headers={"Accept": "text/html"})
            assert answered.status == 404
            assert "videos.example" not in answered.text()
            assert page.request.get(f"/console/review/{entry_id}").status in {403, 404}
            page.goto("/console/lookup")
            document = to_document(drawn.clip("of whom it shows"), faces=False)
            page.locator("#f-said").fill(json.dumps(document))
            page.locator("form[action$='/lookup/document'] button").click()
            notice = words.text("This is a private case. Only reviewers see it, and they decide about it.")
            expect(page.locator(".match .notice").filter(has_text=notice).first).to_be_visible()
            expect(page.locator("a[href*='/entries/'], .pictures")).to_have_count(0)
    with console.context(browser, console.person("review", key=console.key), **how) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/review")
        expect(page.locator("[data-row]").first).to_contain_text(private_case.TITLE)
        page.goto(f"/console/review/{entry_id}")
        expect(page.locator("#said")).to_contain_text("https://videos.example/1")
        expect(page.locator("#said")).to_contain_text("Telegram")
        expect(page.locator("#said")).to_contain_text(words.text("The person says that it shows them."))
        axe(page)
    assert faults == []


def test_later_lookups_are_shown_as_counts_with_a_day(console: Console, nobody: httpx2.Client) -> None:
    """A day is no moment: west of Greenwich it is that day, too."""
    number, pin = open_one(console)
    word = form_word(nobody.get("/console/private/follow").text)
    nobody.cookies.set("fakeprint_zone", "America/Los_Angeles")

    def shown() -> str:
        key = {"csrf": word, "number": number, "pin": pin}
        return nobody.post("/console/private/follow", data=key).text

    waits = shown()
    assert ("data-lookups" in waits, "only while the case is confirmed" in waits) == (False, True)
    with console.api() as operator:
        owner = operator.get("/v1/callers/me").json()["organization"]["organization_id"]
        entry_id = operator.get("/v1/private-cases").json()["cases"][0]["entry_id"]
    met = Event("case.matched", organization_id=UUID(owner), entry_id=UUID(entry_id))
    with console.started.service() as service:
        review(service, entry_id)
        assert "Nothing so far" in shown()
        for times, said in (
            (1, "A file similar to yours was looked up 1 time, on "),
            (MOST_MET - 1, "Files similar to yours were looked up 1,000 times or more, last on "),
        ):
            with service.pool.transaction() as connection:
                record_events(connection, [met] * times)
            with console.api(None) as client:
                case = client.post("/v1/private-cases/state", json={"case_number": number, "pin": pin}).json()
            assert f"{said}{Words('en').day(case['since']['last_lookup'])}." in shown()
