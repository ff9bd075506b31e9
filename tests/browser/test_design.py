"""The look of pages: their typeface, density, motion and width."""

from __future__ import annotations

import re
from typing import Literal

from playwright.sync_api import Browser, Page, Response, expect

from tests.browser.conftest import watched
from tests.browser.shots.entries import made
from tests.support.browser.console import Console


def test_latin_and_arabic_are_set_in_our_own_typeface(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup")
    for locale, wanted in (("en-GB", {"latin"}), ("ar", {"latin", "arabic"})):
        fonts: set[str] = set()

        def note(answer: Response, into: set[str] = fonts) -> None:
            into.update(re.findall(r"vazirmatn-([a-z-]+)\.", answer.url))

        with console.context(browser, person, locale=locale) as context:
            page = watched(context.new_page(), faults)
            page.on("response", note)
            page.goto("/console/lookup", wait_until="networkidle")
            family = page.evaluate("getComputedStyle(document.body).fontFamily.split(',')[0]")
            held = page.evaluate("[...document.fonts].filter((face) => face.status === 'loaded').length")
        assert (family, held) == ("Vazirmatn", len(wanted))
        assert fonts == wanted, "only what the page's scripts need"
    assert faults == []


def test_tables_are_as_dense_as_this_browser_wants(console: Console, browser: Browser) -> None:
    person = console.person("register", key=console.organization())
    made(console, person)
    with console.context(browser, person) as context:
        page = context.new_page()
        page.goto("/console/entries")
        before = _row(page)
        page.get_by_role("group", name="Tables").get_by_role("button", name="Compact").click()
        expect(page).to_have_url(re.compile("/console/entries$"))
        expect(page.locator("html")).to_have_attribute("data-density", "compact")
        assert _row(page) < before - 8
        page.goto("/console/account")
        compact = page.get_by_role("button", name="Compact")
        expect(compact).to_have_attribute("aria-current", "true")
        page.get_by_role("button", name="Comfortable").click()
        expect(compact).not_to_have_attribute("aria-current", "true")
        page.goto("/console/entries")
        assert _row(page) == before


def _row(page: Page) -> float:
    box = page.locator("main thead tr").bounding_box()
    assert box
    return box["height"]


def test_nothing_moves_for_readers_who_want_no_motion(console: Console, browser: Browser) -> None:
    person = console.person("lookup")
    motions: tuple[tuple[Literal["reduce", "no-preference"], str], ...] = (
        ("reduce", "0s"),
        ("no-preference", "1.4s"),
    )
    for motion, lasting in motions:
        with console.context(browser, person, reduced_motion=motion) as context:
            page = context.new_page()
            page.goto("/console/design")
            style = "getComputedStyle(document.querySelector('.skeleton span')).animationDuration"
            assert page.evaluate(style) == lasting


def test_the_shape_of_a_part_gives_way_to_a_link_if_the_part_cannot_be_had(
    console: Console, browser: Browser
) -> None:
    person = console.person("lookup", "admin")
    with console.context(browser, person) as context:
        page = context.new_page()
        page.route("**/console/numbers", lambda route: route.abort())
        page.goto("/console/")
        expect(page.get_by_role("link", name="Show the numbers")).to_be_visible()
        expect(page.locator(".skeleton")).to_have_count(0)


def test_a_wide_screen_is_used(console: Console, browser: Browser) -> None:
    person = console.person("register", key=console.organization())
    with console.context(browser, person, viewport={"width": 2200, "height": 900}) as context:
        page = context.new_page()
        page.goto("/console/design")
        box = page.locator("main").bounding_box()
        assert box
        assert box["width"] == 1600
