"""Watched lookups in a browser: what they found, how one is ended, and the organization's rules."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import watched
from tests.browser.shots.watches import watched as watch_of
from tests.support.browser.console import Console


def test_a_watch_is_listed_with_its_matches_and_ended(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("lookup", "register", "review")
    there = watch_of(console, person)
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/watches")
        page.get_by_role("link", name="Watched lookups").click()
        row = page.get_by_role("row").filter(has_text="A fingerprint")
        expect(row.locator("[data-label='Matches since']")).to_have_text("1")
        row.get_by_role("link").click()
        expect(page).to_have_url(console.url + there)
        expect(page.get_by_role("row").filter(has_text="Discurso <b>falso</b>")).to_contain_text("Known fake")
        page.get_by_role("button", name="Mark as seen").click()
        expect(page.get_by_role("status")).to_have_text("Marked as seen for your organization.")
        page.goto(there)
        page.get_by_text("End", exact=True).click()
        page.get_by_role("button", name="End the watch").click()
        expect(page.get_by_role("status")).to_have_text("The watch has ended. Its fingerprint is deleted.")
        expect(page.get_by_text("No lookup is watched")).to_be_visible()
        assert page.goto(there).status == 404  # type: ignore[union-attr]
        expect(page.get_by_role("link", name="Rules")).to_have_count(0)
        assert page.goto("/console/watches/rules").status == 403  # type: ignore[union-attr]
    assert faults == []


def test_an_administrator_sets_the_rules(console: Console, browser: Browser, faults: list[str]) -> None:
    person = console.person("lookup", "admin")
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/watches")
        page.get_by_role("link", name="Rules").click()
        page.get_by_label("Days that a lookup may be watched").fill("many")
        page.get_by_label("Report places where").check()
        page.get_by_role("button", name="Save the rules").click()
        expect(page.locator("#f-watch_days_most-error")).to_have_text("A number is expected.")
        expect(page.get_by_label("Report places where")).to_be_checked()
        page.get_by_label("Days that a lookup may be watched").fill("0")
        page.get_by_role("button", name="Save the rules").click()
        expect(page.get_by_role("status")).to_contain_text("The rules are saved.")
        expect(page.get_by_label("Days that a lookup may be watched")).to_have_value("0")
        expect(page.get_by_label("Report places where")).to_be_checked()
        expect(page.get_by_label("Tell owners of entries")).not_to_be_checked()
    with console.api(person.key) as client:
        rules = client.patch("/v1/watch-rules", json={}).json()
    assert (rules["watch_days_most"], rules["reports_places"], rules["tells_matches"]) == (0, True, False)
    assert faults == []
