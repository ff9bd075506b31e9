"""In a browser: a policy in plain words, and what it would change before it is saved."""

from __future__ import annotations

from playwright.sync_api import Browser, expect

from tests.browser.conftest import watched
from tests.browser.shots.policy import looked_up
from tests.support.browser.console import Console


def test_a_policy_is_previewed_on_the_last_lookups_and_saved(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = console.person("admin", "lookup", key=console.organization())
    there = looked_up(console, person)
    with console.context(browser, person, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto(there)
        page.get_by_role("link", name="Policy in plain words").click()
        preview = page.locator("#preview")
        expect(preview).to_contain_text("These are the present settings.")
        page.get_by_label("Which entries may lead to").select_option("reviewed")
        expect(preview).to_contain_text("Of your last 3 lookups")
        row = preview.get_by_role("row").nth(1)
        expect(row).to_contain_text("Known fake")
        expect(row).to_contain_text("Related")
        expect(row.get_by_role("link")).to_have_count(3)
        page.get_by_label("How sure must it be to show").fill("99")
        page.get_by_label("How sure must it be to show").blur()
        expect(preview).to_contain_text("Enter percentages from 0 to 97.")
        page.get_by_label("How sure must it be to show").fill("60")
        page.get_by_label("How sure must it be to show").blur()
        preview.get_by_role("button", name="Save these settings").click()
        expect(page.get_by_role("status")).to_contain_text("The bank is changed.")
        expect(page.get_by_label("Which entries may lead to")).to_have_value("reviewed")
        mine = {"known_tier": "reviewed", "min_related": 0.6}
        with console.api(person.key) as api:
            path = f"/v1/banks/{there.rpartition('/')[2]}"
            assert api.get(path).json()["policy"] == mine
            for choice, kept in (("false", {"single_frame": False}), ("default", {})):
                page.get_by_label("May a single picture decide?").select_option(choice)
                with page.expect_navigation():
                    preview.get_by_role("button", name="Save these settings").click()
                expect(page.get_by_label("May a single picture decide?")).to_have_value(choice)
                assert api.get(path).json()["policy"] == mine | kept
    assert faults == []


def test_a_preset_is_previewed_without_scripts(console: Console, browser: Browser, faults: list[str]) -> None:
    person = console.person("admin", "lookup", key=console.organization())
    there = looked_up(console, person)
    with console.context(browser, person, locale="en-GB", java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"{there}/policy")
        page.get_by_role("link", name="Careful").click()
        expect(page.get_by_label("How sure must the service be")).to_have_value("97")
        expect(page.locator("#preview").get_by_role("row").nth(1)).to_contain_text("3")
        page.get_by_label("Which entries may lead to").select_option("unreviewed")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_label("Which entries may lead to")).to_have_value("unreviewed")
        page.get_by_role("button", name="Save these settings").click()
        expect(page.get_by_label("How sure must the service be")).to_have_value("97")
    assert faults == []
