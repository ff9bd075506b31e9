"""In a browser: hash lists and other registries that fill banks, and where private cases go."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import watched
from tests.browser.shots.sources import private_bank, verifier_key
from tests.support.browser.console import Console, Person


@dataclass
class Desk:
    """An administrator and their window."""

    person: Person
    page: Page


@pytest.fixture
def desk(console: Console, browser: Browser, faults: list[str]) -> Iterator[Desk]:
    person = console.person("admin", "review")
    with console.context(browser, person, locale="en-GB") as context:
        yield Desk(person, watched(context.new_page(), faults))
    assert faults == []


def test_a_hash_list_is_added_with_its_credentials_and_removed(console: Console, desk: Desk) -> None:
    page = desk.page
    page.goto("/console/admin/exchanges")
    page.get_by_role("link", name="Add a hash list").click()
    page.get_by_role("link", name="StopNCII").click()
    expect(page.get_by_text("No bank fits yet")).to_be_visible()
    bank = private_bank(console, desk.person)
    page.reload()
    page.get_by_label("Bank").select_option(label=bank)
    page.get_by_label("Function key").fill("a secret")
    page.get_by_label("Subscription key").fill("another secret")
    page.locator("#f-address").fill("http://127.0.0.1/v1")
    page.get_by_role("button", name="Add the hash list").click()
    expect(page.get_by_role("alert")).to_contain_text("The address has to begin with https://")
    assert "a secret" not in page.content()
    page.locator("#f-address").fill("")
    page.get_by_label("Function key").fill("a secret")
    page.get_by_label("Subscription key").fill("another secret")
    page.get_by_role("button", name="Add the hash list").click()
    expect(page.get_by_role("status")).to_contain_text("The hash list is added.")
    row = page.get_by_role("row").filter(has_text="StopNCII")
    expect(row).to_contain_text(bank)
    row.get_by_role("button", name="Read now").click()
    expect(page.get_by_role("status")).to_contain_text("The service reads it now.")
    row.get_by_text("Remove", exact=True).click()
    row.get_by_role("button", name="Stop reading it").click()
    expect(page.get_by_text("No hash list is read")).to_be_visible()


def test_a_registry_is_added_stopped_resumed_and_removed(console: Console, desk: Desk) -> None:
    page, bank = desk.page, private_bank(console, desk.person)
    page.goto("/console/admin/peers")
    page.get_by_role("link", name="Add a registry").click()
    page.get_by_label("Name", exact=True).fill("Agence")
    page.get_by_label("Address of the registry").fill("https://registry.example")
    page.get_by_label("Its verifier keys").fill("no key")
    page.get_by_label("Number of its bank").fill(str(uuid4()))
    page.get_by_label("Bank", exact=True).select_option(label=bank)
    page.get_by_label("How its reviewed entries count here").select_option("reviewed")
    page.get_by_role("button", name="Add the registry").click()
    expect(page.get_by_role("alert")).to_contain_text("That is not a verifier key")
    page.get_by_label("Its verifier keys").fill(verifier_key())
    page.get_by_role("button", name="Add the registry").click()
    expect(page.get_by_role("status").first).to_contain_text("The registry is added.")
    facts = page.locator(".facts")
    expect(facts).to_contain_text("As reviewed here")
    page.get_by_role("button", name="Stop reading for now").click()
    expect(facts).to_contain_text("Not being read")
    page.get_by_text("From the beginning…").click()
    page.get_by_role("button", name="Accept its new record").click()
    expect(facts).to_contain_text("Being read")
    page.get_by_text("Remove", exact=True).click()
    page.get_by_role("button", name="Remove for good").click()
    expect(page.get_by_text("No other registry is read")).to_be_visible()


def test_the_operator_accepts_private_cases_and_stops(
    console: Console, browser: Browser, faults: list[str], desk: Desk
) -> None:
    assert desk.page.goto("/console/admin/private-cases").status == 403  # type: ignore[union-attr]
    operator = console.person("admin", "review", key=console.key)
    with console.context(browser, operator, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/admin/private-cases")
        page.get_by_role("button", name="Accept private cases").click()
        expect(page.locator("#f-name-error")).to_have_text("Name the new bank, or choose one above.")
        page.locator("#f-bank").select_option(label="default")
        page.get_by_role("button", name="Accept private cases").click()
        expect(page.get_by_role("alert")).to_contain_text("That bank does not suit private cases.")
        page.locator("#f-bank").select_option("")
        page.get_by_label("Name of the new bank").fill(f"private {uuid4().hex[:6]}")
        page.get_by_role("button", name="Accept private cases").click()
        expect(page.get_by_role("status").first).to_contain_text("Private cases are accepted from now on.")
        page.get_by_role("link", name="List the cases").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Private cases")
        page.goto("/console/admin/private-cases")
        page.get_by_text("Accept no new cases…").click()
        page.get_by_role("button", name="Accept no new cases").click()
        expect(page.get_by_role("status").first).to_contain_text("No new private cases are accepted.")
