"""The main job of each person, from the first page on, in few clicks."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.identity.callers.service.keys import authenticate
from tests.browser.conftest import watched
from tests.browser.shots import previews, private
from tests.support.browser.clicks import Clicks
from tests.support.browser.console import Console
from tests.support.media import clips as media
from tests.support.takedown.campaigns import case
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
            page.get_by_label("Picture, video or sound").click()
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
        page.get_by_label("Email address").fill("bea@diario.example")
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


def test_a_campaign_of_twenty_addresses_takes_at_most_ten_clicks_to_its_letters(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("takedown", "register", "review", key=console.organization())
    with console.started.service() as service:
        case(service, authenticate(service, person.key))  # a client, with a mandate and a fake
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        clicks = Clicks(context)
        page.get_by_role("navigation").get_by_role("link", name="Takedown").click()
        page.get_by_role("link", name="Start a campaign").click()
        page.get_by_label("Name of the campaign").fill("Melilla, second wave")
        page.get_by_role("checkbox", name="Face swap").check()
        page.get_by_role("textbox", name="Name optional", exact=True).fill("Lucía Letrada")
        page.get_by_label("Email").fill("lucia@bufete.example")
        page.get_by_label("The signatory makes the law’s good-faith declaration.").check()
        page.get_by_role("button", name="Start the campaign").click()
        pasted = "\n".join(f"https://videos.example.net/{number}" for number in range(20))
        page.get_by_role("textbox", name="Addresses").fill(pasted)
        page.get_by_role("button", name="Add them").click()
        page.get_by_role("link", name="Check them and preview the letters").click()
        page.get_by_label("Which law does the content break?").fill("Article 197.7 of the Criminal Code.")
        page.get_by_label("Why is the content unlawful?").fill("A face swap in acts she never took part in.")
        page.get_by_label("I have seen the fake at each of these addresses.").check()
        page.get_by_label("These answers are right for all these addresses.").check()
        page.get_by_role("button", name="Save and preview the letters").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Letters to send")
        expect(page.locator("[data-letter]")).to_have_count(20)
        expect(page.locator("#letter .mail")).to_contain_text("Article 197.7 of the Criminal Code.")
        clicks.at_most(10)
    assert faults == []


def test_a_review_with_evidence_seen_takes_at_most_six_clicks(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("register", "review", key=console.organization())
    entry_id = previews.reviewed(console, person).rpartition("/")[2]
    with console.api(person.key) as client:
        bank = next(bank for bank in client.get("/v1/banks").json()["banks"] if bank["own"])
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        clicks = Clicks(context)
        page.locator(".task").get_by_role("link", name="Entries to review").click()
        expect(page).to_have_url(re.compile("/console/review"))
        page.goto(f"/console/review?bank={bank['bank_id']}")  # what other tests have filed fills the page
        page.get_by_role("button", name="Claim “").click()
        expect(page).to_have_url(re.compile(f"/console/review/{entry_id}"))
        pair = page.locator("article.pair").first  # pictures of similar entries may be there before these
        pair.get_by_role("button", name="Show all clearly").click()
        expect(page.get_by_text("The clear pictures are shown. This is on record.")).to_be_visible()
        page.get_by_role("radio", name="Approve").check()
        page.get_by_role("button", name="Decide", exact=True).click()
        expect(page.get_by_role("status").first).to_contain_text("decision is recorded")
        clicks.at_most(6)
    assert faults == []


def test_a_victim_opens_a_private_case_in_at_most_six_clicks(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    private.take(console)
    path = media.clip(tmp_path / "clip.mp4", seconds=4.0)
    with console.context(browser, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/private")
        clicks = Clicks(context)
        with page.expect_file_chooser() as chooser:
            page.locator("#f-media").click()
        chooser.value.set_files(path)
        page.locator("[name=adult][value=yes]").check()
        page.locator("[name=standing][value=depicted]").check()
        page.locator("[name=intimate][value=yes]").check()
        page.locator("[name=true]").check()
        page.locator("#case button.primary").click()
        expect(page.locator("#number")).to_be_visible(timeout=60_000)
        clicks.at_most(6)
    assert faults == []
