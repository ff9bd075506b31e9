"""Search everywhere: a page that needs no script, and a palette that is used by keyboard."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.app.pages.search.destinations import DESTINATIONS
from registry.catalogue.fingerprints.model.document import to_document
from registry.console.guard import SESSION
from registry.identity.accounts.service.sessions import find_session
from registry.matching.lookups.service.answers import answer_document
from tests.browser.conftest import watched
from tests.browser.shots.entries import made
from tests.browser.shots.persons import ROLES, proposed
from tests.browser.shots.takedown import campaign
from tests.support.browser.accessibility import axe
from tests.support.browser.console import Console, Person
from tests.support.media import drawn

EVERY = ("lookup", "register", "review", "takedown", "admin")


@pytest.fixture(scope="module")
def ours(console: Console) -> dict[str, Any]:
    """An organization with an entry, which names a person and an address, and with a campaign."""
    person = console.person(*EVERY, key=console.organization())
    entry_id = made(console, person)
    campaign(console, person)
    return {**console.things[f"takedown {person.organization_id}"], "person": person, "entry": entry_id}


def _open(page: Page, text: str) -> None:
    """Press Ctrl+K, and type."""
    page.wait_for_load_state()
    page.keyboard.press("Control+k")
    expect(page.locator("#palette input")).to_be_focused()
    page.keyboard.type(text)


def test_results_are_grouped_by_kind_without_scripts(
    console: Console, browser: Browser, ours: dict[str, Any]
) -> None:
    with console.context(browser, ours["person"], java_script_enabled=False) as context:
        page = context.new_page()
        page.goto("/console/account")
        page.get_by_role("link", name="Search").click()
        page.get_by_label("Words, an id, a digest or an address").fill("maria ñ")
        page.get_by_role("button", name="Search", exact=True).click()
        people = page.get_by_role("region", name="Persons depicted")
        expect(people.get_by_role("listitem")).to_contain_text("María Ñ.")
        shown = page.locator(".hits li").count()
        expect(page.get_by_text(re.compile(f"^{shown} results? for “maria ñ”"))).to_be_visible()
        people.get_by_role("link", name="Concejala, cara cambiada").click()
        expect(page).to_have_url(re.compile(f"/console/entries/{ours['entry']}$"))
        for text, group in (
            ("cambiada concej", "Entries"),
            ("video.example", "Addresses of copies"),
            ("ana ejemplo", "Clients"),
            ("webhooks", "Pages"),
        ):
            page.goto(f"/console/search?q={text}")
            expect(page.get_by_role("region", name=group).get_by_role("listitem").first).to_be_visible()
        page.goto("/console/search?q=zzzzzz")
        expect(page.get_by_text("Nothing was found")).to_be_visible()
        expect(page.get_by_text("0 results for “zzzzzz”")).to_be_visible()


def test_an_id_or_an_address_leads_straight_to_its_page(
    console: Console, browser: Browser, ours: dict[str, Any]
) -> None:
    with console.context(browser, ours["person"]) as context:
        page = context.new_page()
        notice = f"/takedown/{ours['campaign']}/notices/{ours['draft']}"
        for text, path in (
            (ours["entry"], f"/entries/{ours['entry']}"),
            (ours["campaign"], f"/takedown/{ours['campaign']}"),
            (ours["client"], f"/takedown/clients/{ours['client']}"),
            (ours["draft"], notice),
            ("clips.example.net/watch?v=1", notice),
            ("HTTPS://CLIPS.example.net/watch?v=1#t=3", notice),
            ("https://video.example/watch?v=4711", f"/entries/{ours['entry']}"),
        ):
            page.goto(f"/console/search?q={text.replace('#', '%23')}")
            expect(page).to_have_url(re.compile(re.escape(f"/console{path}") + "$"))


def test_the_palette_is_used_by_keyboard(
    console: Console, browser: Browser, faults: list[str], ours: dict[str, Any]
) -> None:
    with console.context(browser, ours["person"]) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/account")
        search = page.get_by_role("button", name="Search")
        search.focus()
        _open(page, "concejala")
        palette, box = page.get_by_role("dialog", name="Search"), page.get_by_role("combobox")
        first = palette.get_by_role("option").first
        expect(first).to_contain_text("Concejala, cara cambiada")
        expect(first).to_have_attribute("aria-selected", "true")
        expect(box).to_have_attribute("aria-activedescendant", "palette-entries-1")
        expect(box).to_have_attribute("aria-expanded", "true")
        expect(palette.get_by_role("status")).to_contain_text("result")
        axe(page)
        page.keyboard.press("ArrowUp")
        expect(palette.get_by_role("option").last).to_have_attribute("aria-selected", "true")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Escape")
        expect(palette).to_be_hidden()
        expect(search).to_be_focused()
        search.click()
        expect(palette.get_by_role("option").first).to_contain_text("Concejala, cara cambiada")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/console/entries/"))
        _open(page, "letters to pr")
        expect(page.get_by_role("option").first).to_contain_text("Letters to print")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/console/takedown/letters$"))
        _open(page, "")
        expect(page.get_by_role("option").filter(has_text="Your tasks")).to_be_visible()
    assert faults == []


def test_what_is_typed_last_is_what_is_shown(
    console: Console, browser: Browser, faults: list[str], ours: dict[str, Any]
) -> None:
    asked: list[str] = []
    with console.context(browser, ours["person"]) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/account")
        page.on("request", lambda sent: asked.append(sent.url) if "/search" in sent.url else None)
        _open(page, "webhooks")
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("/console/admin/webhooks$"))
    assert len(asked) < len("webhooks"), "keys in quick succession are one request"
    assert faults == []


def test_an_expired_session_leads_to_the_sign_in(console: Console, browser: Browser) -> None:
    person = console.person("lookup", key=console.organization())
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/account")
        console.expire(person)
        page.keyboard.press("Control+k")
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


def test_nothing_of_another_organization_is_found(
    console: Console, browser: Browser, ours: dict[str, Any]
) -> None:
    theirs = console.person(*EVERY, key=console.organization())
    words = ["concejala", "María Ñ", "ejemplo", "clips.example.net"]
    addresses = ["https://video.example/watch?v=4711", "https://clips.example.net/watch?v=1"]
    with console.context(browser, theirs) as context:
        page = context.new_page()
        for text in (*words, *addresses, *(ours[name] for name in ("campaign", "client", "draft"))):
            page.goto(f"/console/search?q={text}")
            expect(page.get_by_role("heading", level=1)).to_have_text("Search")
            expect(page.locator(".hits")).to_have_count(0)
            expect(page.get_by_text("Nothing was found")).to_be_visible()


def test_each_role_finds_what_it_may_see(console: Console, browser: Browser, ours: dict[str, Any]) -> None:
    key = ours["person"].key
    for roles, text, groups in (
        (("lookup",), "concejala", []),
        (("lookup",), "María", []),
        (("lookup",), "Ana Ejemplo", []),
        (("register",), "concejala", ["Entries"]),
        (("register",), "Ana Ejemplo", []),
        (("takedown",), "Ana Ejemplo", ["Clients"]),
        (("takedown",), "María", []),
        (("lookup",), "webhooks", []),
        (("admin",), "webhooks", ["Pages"]),
    ):
        with console.context(browser, console.person(*roles, key=key)) as context:
            page = context.new_page()
            page.goto(f"/console/search?q={text}")
            assert page.locator("main section h2").all_inner_texts() == groups, (roles, text)


def test_lookups_of_colleagues_are_found_by_what_they_matched(console: Console, browser: Browser) -> None:
    seed, key = str(uuid4()), console.organization()
    person, colleague = console.person("lookup", key=key), console.person("lookup", key=key, name="Leila")
    with console.api(key) as client:
        fake = to_document(drawn.clip(seed), faces=False)
        body = {"fakes": [fake], "title": "Mitin en Ceuta"}
        assert client.post("/v1/entries", json=body).status_code == 201
    with console.started.service() as service:
        caller = find_session(service, person.cookies[SESSION]).caller
        answer = answer_document(service, caller, drawn.clip(seed))
    for reader, groups in ((colleague, ["Earlier lookups"]), (console.person("lookup"), [])):
        with console.context(browser, reader) as context:
            page = context.new_page()
            page.goto("/console/search?q=ceuta")
            assert page.locator("main section h2").all_inner_texts() == groups
            if groups:
                page.get_by_role("link", name="Mitin en Ceuta").click()
                expect(page).to_have_url(re.compile(f"/console/lookup/{answer['lookup_id']}$"))


def test_protected_people_are_found_by_those_who_may_see_them(console: Console, browser: Browser) -> None:
    person = console.person(*ROLES, key=console.organization())
    path = proposed(console, person)
    colleague = console.person("register", "review", "admin", key=person.key)
    for reader, groups in ((person, ["Protected people"]), (colleague, [])):
        with console.context(browser, reader) as context:
            page = context.new_page()
            page.goto("/console/search?q=ibanez")
            assert page.locator("main section h2").all_inner_texts() == groups
            page.goto(f"/console/search?q={path.rpartition('/')[2]}")
            expect(page).to_have_url(re.compile(f"{path}$" if groups else "/search"))


def test_arabic_words_are_found_from_the_right(console: Console, browser: Browser) -> None:
    person = console.person("register", key=console.organization())
    with console.api(person.key) as client:
        fake = to_document(drawn.clip(str(uuid4())), faces=False)
        body = {"fakes": [fake], "title": "وزيرُ الداخليّة", "depicted": [{"name": "أحمد بن علي"}]}
        assert client.post("/v1/entries", json=body).status_code == 201
    with console.context(browser, person, locale="ar") as context:
        page = context.new_page()
        page.goto("/console/account")
        for text, note in (("داخليه", "default"), ("احمد", "أحمد بن علي")):
            _open(page, text)
            option = page.get_by_role("option").first
            expect(option).to_contain_text("وزيرُ الداخليّة")
            expect(option).to_contain_text(note)
            axe(page)
            page.keyboard.press("Escape")


def test_every_page_that_is_offered_opens(console: Console, browser: Browser) -> None:
    operator = console.person(*EVERY, "faces", key=console.key)
    with console.context(browser, operator) as context:
        page = context.new_page()
        page.goto("/console/search")
        offered = [link.get_attribute("href") or "" for link in page.locator(".hits a").all()]
        assert offered == [f"/console{destination.path}" for destination in DESTINATIONS]
        for path in offered:
            answered = context.request.get(path)
            assert answered.status == 200, path


def test_a_person_without_work_gets_their_pages(console: Console, browser: Browser) -> None:
    person: Person = console.person("lookup", key=console.organization())
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/search")
        titles = page.locator(".hits a").all_inner_texts()
    assert {"Your tasks", "Look up", "Your account"} <= set(titles)
    assert not {"People", "Webhooks", "Queues", "Campaigns"} & set(titles)
