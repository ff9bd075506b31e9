"""From addresses to letters: the check, the preview beside the list, and the board."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.identity.callers.service.keys import authenticate
from tests.browser.conftest import watched
from tests.browser.shots.takedown import campaign
from tests.support.browser.console import Console, Person
from tests.support.takedown.campaigns import Case, case

PLACES = tuple(f"https://videos.example.net/{number}" for number in (1, 2, 3))


@pytest.fixture
def lawyer(console: Console) -> Person:
    return console.person("takedown", "register", key=console.organization())


@pytest.fixture
def mine(console: Console, lawyer: Person) -> Iterator[Case]:
    with console.started.service() as service:
        yield case(service, authenticate(service, lawyer.key))


def _letter(page: Page) -> str:
    """The address that the letter in view asks to be removed."""
    (found,) = set(re.findall(r"https://videos\.example\.net/\d", page.locator("#letter .mail").inner_text()))
    return str(found)


def _box(page: Page, selector: str) -> tuple[float, float, float, float]:
    """Left, top, width and height of an element."""
    box = page.locator(selector).bounding_box()
    assert box is not None
    return box["x"], box["y"], box["width"], box["height"]


def test_letters_are_read_beside_their_list(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    mine.ready(*PLACES)
    with console.context(browser, lawyer, viewport={"width": 1400, "height": 900}) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/send")
        rows = page.locator("[data-letter]")
        expect(rows).to_have_count(3)
        assert _letter(page) in rows.first.inner_text()
        expect(page.locator(".read:not(.unseen)")).to_have_count(1)
        rows.nth(2).click()
        expect(rows.nth(2)).to_have_attribute("aria-current", "true")
        assert _letter(page) in rows.nth(2).inner_text()
        page.keyboard.press("ArrowUp")
        expect(rows.nth(1)).to_have_attribute("aria-current", "true")
        expect(page.locator(".read:not(.unseen)")).to_have_count(3)
        (left, _, width, _), (beside, *_) = _box(page, ".letters"), _box(page, "#letter")
        assert beside >= left + width
        page.set_viewport_size({"width": 390, "height": 844})
        (_, top, _, height), (_, below, *_) = _box(page, ".letters"), _box(page, "#letter")
        assert below >= top + height
        page.get_by_role("button", name="Send 3 notices").click()
        expect(page.get_by_role("status")).to_contain_text("The letters are prepared.")
    assert faults == []


def test_letters_are_read_without_scripts_too(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    mine.ready(*PLACES)
    with console.context(browser, lawyer, java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/send")
        last = page.locator("[data-letter]").nth(2)
        last.click()
        expect(last).to_have_attribute("aria-current", "true")
        assert _letter(page) in last.inner_text()
    assert faults == []


def test_nothing_is_ready_before_a_person_vouches_for_it(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    first, *others = mine.add(*PLACES)
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}")
        page.get_by_role("link", name="3 notices are not ready: see what is missing.").click()
        page.get_by_label("These answers are right for all these addresses.").check()
        page.get_by_role("button", name="Save and preview the letters").click()
        expect(page.get_by_role("status")).to_contain_text("Something is still missing")
        expect(page.get_by_role("heading", name="Does the law apply?")).to_have_count(0)
        page.get_by_label("I have seen the fake at each of these addresses.").check()
        page.get_by_role("button", name="Save and preview the letters").click()
        expect(page.locator("[data-letter]")).to_have_count(3)
    assert [mine.state(notice_id) for notice_id in (first, *others)] == ["ready"] * 3
    assert mine.row(first).ground == "seen"
    assert faults == []


def test_an_unusual_address_is_confirmed_one_by_one(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    mine.add("https://bit.ly/x1", "https://videos.example.net/1")
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/check")
        unusual = page.get_by_label("The address is unusual.")
        expect(unusual).to_have_count(1)
        page.get_by_label("I have seen the fake").check()
        page.get_by_label("These answers are right").check()
        page.get_by_role("button", name="Save and preview the letters").click()
        expect(page.locator("[data-letter]")).to_have_count(1)
        page.goto(f"/console/takedown/{mine.campaign_id}/check")
        unusual.check()
        page.get_by_role("button", name="Save and preview the letters").click()
        expect(page.locator("[data-letter]")).to_have_count(2)
    assert faults == []


def test_the_board_shows_each_deadline_first(
    console: Console, browser: Browser, faults: list[str], lawyer: Person
) -> None:
    address = campaign(console, lawyer, "/board")
    with console.context(browser, lawyer, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        late = page.get_by_role("region", name="Overdue")
        expect(late.get_by_role("listitem")).to_have_count(1)
        assert late.get_by_role("listitem").inner_text().startswith("20 hours ago")
        expect(late).to_contain_text("late.example.net")
        waiting = page.get_by_role("region", name="Waiting for an answer").get_by_role("listitem").first
        assert waiting.inner_text().startswith("in ")
        late.get_by_role("link", name="Draft the complaint").click()
        expect(page).to_have_url(re.compile("/escalation$"))
    assert faults == []


def test_a_board_without_notices_says_how_to_add_them(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/board")
        expect(page.get_by_text("No notice yet")).to_be_visible()
        page.locator("main").get_by_role("link", name="Add addresses").last.click()
        expect(page).to_have_url(re.compile("/add$"))
    assert faults == []
