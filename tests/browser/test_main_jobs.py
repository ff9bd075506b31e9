"""The main job of each person, from the first page on, in few clicks."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, expect

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.conftest import watched
from tests.support.browser.clicks import Clicks
from tests.support.browser.console import Console
from tests.support.media import clips as media
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256
from workers.pipeline.fingerprint import fingerprint_file


def test_a_lookup_takes_at_most_three_clicks_to_its_verdict(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    person = console.person("lookup", "register", key=console.organization())
    path = media.clip(tmp_path / "clip.mp4", seconds=6.0, size=(320, 180))
    fake = fingerprint_file(path, faces=False, audio=False, hashers=(Phash256(), Pdq()))
    with console.api(person.key) as client:
        body = {"fakes": [to_document(fake, faces=False)], "manipulation": "edited", "title": "A fake"}
        assert client.post("/v1/entries", json=body).status_code == 201
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        clicks = Clicks(context)
        page.get_by_role("navigation").get_by_role("link", name="Look up").click()
        with page.expect_file_chooser() as chooser:
            page.get_by_label("Picture or video").click()
        chooser.value.set_files(path)
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#answer")).to_contain_text("A fake", timeout=60_000)
        clicks.at_most(3)
        assert len(clicks.pressed) == 3, clicks.pressed
    assert faults == []


def test_inviting_a_person_takes_at_most_five_clicks(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key = console.organization("Diario del Estrecho")
    person = console.person("admin", key=key, name="Salma Haddad")
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        clicks = Clicks(context)
        page.get_by_role("navigation").get_by_role("link", name="Administration").click()
        page.get_by_label("Name", exact=True).fill("Bea")
        page.get_by_label("Mail address").fill("bea@diario.example")
        page.get_by_role("checkbox", name="Review").click()
        page.get_by_role("button", name="Create the invitation").click()
        link = page.locator("#secret").inner_text()
        clicks.at_most(5)
        assert len(clicks.pressed) == 3, clicks.pressed
    with console.context(browser, locale="en-GB") as context:
        guest = watched(context.new_page(), faults)
        guest.goto(link)
        expect(guest.get_by_role("heading", level=1)).to_have_text("You are invited to Diario del Estrecho")
        expect(guest.get_by_role("main")).to_contain_text("Salma Haddad invites you")
        expect(guest.get_by_role("main")).to_contain_text("decide on registered fakes and on objections")
    assert faults == []
