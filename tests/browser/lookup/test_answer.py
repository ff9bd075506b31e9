"""The page of an answer: why, what to do next, who may open its link; and the list of earlier lookups."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.console.languages import Words
from tests.browser.conftest import watched
from tests.browser.shots import previews
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Console, Person, sign_in
from tests.support.media import drawn, faked


def looked_up(console: Console, key: str, query: Fingerprint) -> str:
    """Look up a fingerprint by the API and return the address of its answer."""
    body = {"type": "document", "document": to_document(query, faces=False)}
    with console.api(key) as client:
        found = client.post("/v1/lookups", json=body)
    assert found.status_code == 200, found.text
    return f"/console/lookup/{found.json()['lookup_id']}"


def registered(console: Console, key: str, *fakes: Fingerprint, title: str) -> str:
    body: dict[str, Any] = {"title": title, "manipulation": "edited"}
    body["fakes"] = [to_document(fake, faces=False) for fake in fakes]
    with console.api(key) as client:
        made = client.post("/v1/entries", json=body)
    assert made.status_code == 201, made.text
    entry_id: str = made.json()["entry_id"]
    return entry_id


@pytest.fixture
def person(console: Console) -> Person:
    return console.person("lookup", "register", "takedown", "signals", key=console.organization())


def test_the_best_match_shows_pictures_along_its_spans_and_what_agrees(
    console: Console, browser: Browser, person: Person, faults: list[str]
) -> None:
    _, asset_id = previews.registered(console, person.key)
    address = looked_up(console, person.key, previews.clip()[1])
    with console.context(browser, person, bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        expect(page.locator(".sentence")).to_have_text(
            "Yes: this is a known fake, and your file is identical to the registered one."
        )
        match = page.locator(".match").first
        expect(match.get_by_role("img", name="1 part is the same")).to_be_visible()
        expect(match.get_by_text("The pictures are being made.")).to_be_visible()
        previews.made(console, asset_id)
        expect(match.locator(".instant img.blurred")).to_have_count(6)
        signs = match.locator("tr[data-query] .signs li")
        expect(signs).to_contain_text(["Pictures 17 pictures, 100% alike", "Faces not compared", "Sound not"])
        expect(signs.first.locator(".gauge .filled")).to_be_visible()
        expect(signs.nth(1).locator(".gauge .filled")).to_have_count(0)
        axe(page)
    assert faults == []


def test_a_map_shows_where_the_fake_and_its_original_differ_in_words_too(
    console: Console, browser: Browser, person: Person, faults: list[str]
) -> None:
    pair = {"fakes": [faked.clip("swapped", file="fake")], "originals": [faked.clip("genuine", file="own")]}
    body: dict[str, Any] = {
        role: [to_document(item, faces=False) for item in items] for role, items in pair.items()
    }
    with console.api(person.key) as client:
        made = client.post(
            "/v1/entries", json={"title": "A swapped face", "manipulation": "face_swap", **body}
        )
    assert made.status_code == 201, made.text
    address = looked_up(console, person.key, faked.clip("swapped", file="copy"))
    with console.context(browser, person, bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        figure = page.locator(".match").first.locator(".differing")
        drawing = figure.get_by_role("img", name="Map of the picture: the marked cells differ")
        expect(drawing).to_be_visible()
        assert drawing.locator("rect.like-fake").count() > 20
        expect(drawing.locator("rect.like-original")).to_have_count(0)
        expect(figure).to_contain_text("There, your file is like the fake in 100% of the cells")
        box, around = drawing.bounding_box(), figure.locator(".map").bounding_box()
        assert box is not None
        assert around is not None
        assert box["width"] == pytest.approx(around["width"], abs=3)
        assert box["height"] == pytest.approx(around["height"], abs=3)
        axe(page)
    assert faults == []


def test_other_matches_are_folded_with_a_poster_and_open_in_place(
    console: Console, browser: Browser, person: Person, faults: list[str]
) -> None:
    fake = drawn.clip(f"twice {person.organization_id}", seconds=12)
    registered(console, person.key, fake, title="First")
    registered(console, person.key, drawn.clip(f"twice {person.organization_id}", noise=0.1), title="Second")
    address = looked_up(console, person.key, fake)
    with console.context(browser, person, bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        expect(page.locator(".match")).to_have_count(2)
        second = page.locator(".match").nth(1)
        expect(second.get_by_role("link", name="Open the entry")).to_be_visible()
        expect(second.locator("tr[data-query]")).to_be_hidden()
        second.get_by_text("Show what agrees").click()
        expect(second.locator("tr[data-query]")).to_be_visible()
        axe(page)
    assert faults == []


def test_next_actions_follow_the_verdict_and_the_permissions(
    console: Console, browser: Browser, person: Person
) -> None:
    fake = drawn.clip(f"acted {person.organization_id}", seconds=12)
    entry_id = registered(console, person.key, fake, title="A fake")
    known = looked_up(console, person.key, fake)
    unknown = looked_up(console, person.key, drawn.clip(f"else {person.organization_id}"))
    reader = console.person("lookup", key=person.key)
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto(known)
        begin = page.get_by_role("link", name="Begin a takedown")
        expect(begin).to_have_attribute("href", f"/console/takedown/begin?entry={entry_id}")
        expect(page.get_by_role("link", name="Register it")).to_have_count(0)
        page.goto(unknown)
        expect(page.get_by_role("link", name="Register it")).to_be_visible()
        expect(page.get_by_role("link", name="Begin a takedown")).to_have_count(0)
    with console.context(browser, reader) as context:
        page = context.new_page()
        for address in (known, unknown):
            page.goto(address)
            expect(page.get_by_role("heading", name="What you can do now")).to_be_visible()
            expect(page.get_by_role("link", name="Register it")).to_have_count(0)
            expect(page.get_by_role("link", name="Begin a takedown")).to_have_count(0)


def test_a_link_opens_for_colleagues_who_may_look_up_and_for_nobody_else(
    console: Console, browser: Browser, person: Person, stranger: Page
) -> None:
    address = looked_up(console, person.key, drawn.clip(f"shared {person.organization_id}"))
    with console.context(browser, person, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(address)
        page.get_by_text("Share with colleagues").click()
        page.get_by_role("button", name="Copy the link").click()
        expect(page.get_by_role("button", name="Copied")).to_be_visible()
        link = page.evaluate("navigator.clipboard.readText()")
        assert link == page.get_by_label("Link to this answer").input_value() == f"{console.url}{address}"
    colleague = console.person("lookup", key=person.key, password=True)
    for other, status in (
        (colleague, 200),
        (console.person("review", key=person.key), 403),
        (console.person("lookup", key=console.organization()), 404),
    ):
        with console.context(browser, other) as context:
            assert context.request.get(link).status == status
    stranger.goto(link)
    sign_in(stranger, colleague, Words("en"))
    expect(stranger.locator("#answer")).to_be_visible()


def test_an_unknown_document_is_watched_and_says_until_when(
    console: Console, browser: Browser, person: Person
) -> None:
    path = previews.clip()[0]
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/lookup")
        page.get_by_label("Picture, video or sound").set_input_files(
            {"name": "clip.mp4", "mimeType": "video/mp4", "buffer": path}
        )
        page.get_by_text("Watch it").click()
        page.get_by_label("Tell me if it is registered later").select_option("30")
        page.get_by_role("button", name="Look up", exact=True).click()
        expect(page.locator("#answer")).to_contain_text("It is watched until", timeout=60_000)
    with console.api(person.key) as client:
        (watch,) = client.get("/v1/watches").json()["watches"]
        client.delete(f"/v1/watches/{watch['watch_id']}")
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto(f"/console/lookup/{watch['lookup_id']}")
        expect(page.locator("#answer")).not_to_contain_text("It is watched until")


def test_earlier_lookups_are_listed_for_colleagues_with_filters(
    console: Console, browser: Browser, person: Person, faults: list[str]
) -> None:
    colleague = console.person("lookup", "register", "signals", key=person.key, name="Vera Colleague")
    with console.context(browser, colleague, bypass_csp=True) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/lookup/history")
        expect(page.get_by_text("No lookup yet")).to_be_visible()
        _, asset_id = previews.registered(console, person.key)
        address = looked_up(console, person.key, previews.clip()[1])
        looked_up(console, person.key, drawn.clip(f"nowhere {person.organization_id}"))
        page.reload()
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(2)
        expect(rows.first).to_contain_text("Nothing similar")
        found = rows.nth(1)
        expect(found).to_contain_text("Candidate “resigns”")
        expect(found).to_contain_text("Known fake")
        expect(found).to_contain_text("keys")
        previews.made(console, asset_id)
        page.reload()
        expect(found.locator(".poster img")).to_be_visible()
        axe(page)
        page.get_by_label("Verdict").select_option("known_fake")
        page.get_by_role("button", name="Show").click()
        expect(rows).to_have_count(1)
        rows.get_by_role("link", name="Candidate").click()
        page.wait_for_url(f"**{address}")
        page.goto("/console/lookup/history?by=me")
        expect(page.get_by_text("No lookup fits")).to_be_visible()
    other = console.person("lookup", key=console.organization())
    with console.context(browser, other) as context:
        page = context.new_page()
        page.goto("/console/lookup/history")
        expect(page.get_by_text("No lookup yet")).to_be_visible()
    assert faults == []
