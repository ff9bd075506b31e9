"""From a fake to a campaign, and from a notice to its place and its receipts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Browser, expect

from registry.identity.callers.service.keys import authenticate
from registry.takedown.delivery.model.delivery import DeliveryFilter
from registry.takedown.delivery.service.deliveries import decide_delivery, list_notice_deliveries
from registry.takedown.delivery.service.sending import send_notices
from tests.browser.conftest import watched
from tests.browser.shots.review import filed
from tests.support.browser.clicks import Clicks
from tests.support.browser.console import Console, Person
from tests.support.takedown.campaigns import Case, case

PLACE = "https://videos.example.net/watch?v=1"


@pytest.fixture
def lawyer(console: Console) -> Person:
    return console.person("takedown", "register", "review", key=console.organization())


@pytest.fixture
def mine(console: Console, lawyer: Person) -> Iterator[Case]:
    with console.started.service() as service:
        yield case(service, authenticate(service, lawyer.key))


def test_an_entry_is_one_click_from_a_new_campaign_or_an_open_one(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    fake = filed(console, lawyer.key, "Another fake")
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/entries/{fake.entry_id}")
        clicks = Clicks(context)
        page.get_by_role("link", name="Begin a takedown").click()
        clicks.at_most(1)
        expect(page.get_by_label("Name of the campaign")).to_have_value("Another fake")
        expect(page.get_by_role("checkbox", name=re.compile("^Another fake"))).to_be_checked()
        expect(page.get_by_label("Client and mandate")).to_contain_text("Partido de Ejemplo")
        page.get_by_role("button", name="Start the campaign").click()
        expect(page.get_by_role("status")).to_contain_text("The campaign is open.")
        page.get_by_role("link", name="Overview").click()
        expect(page.get_by_role("link", name="Another fake", exact=True)).to_be_visible()
        page.goto(f"/console/takedown/begin?entry={fake.entry_id}")
        page.get_by_role("button", name="Add it to “Melilla”").click()
        expect(page).to_have_url(re.compile(f"/takedown/{mine.campaign_id}$"))
        expect(page.get_by_role("status")).to_contain_text("The entry is added to the campaign.")
    assert faults == []


def test_a_fake_stays_chosen_while_its_first_client_is_recorded(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, tmp_path: Path
) -> None:
    fake = filed(console, lawyer.key, "The first fake")
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/begin?entry={fake.entry_id}")
        page.get_by_role("link", name="New client").click()
        page.get_by_label("For whom").fill("Ana Ejemplo")
        page.get_by_label("Who is shown in the fake").fill("Ana Ejemplo")
        page.get_by_role("button", name="Record the client").click()
        mandate = tmp_path / "mandate.pdf"
        mandate.write_bytes(b"signed")
        page.get_by_label("The signed document").set_input_files(mandate)
        page.get_by_label("Valid until the end of").fill("2030-01-31")
        page.get_by_role("button", name="Record the mandate").click()
        page.get_by_role("link", name="Start a campaign").click()
        expect(page.get_by_role("checkbox", name=re.compile("^The first fake"))).to_be_checked()
    assert faults == []


def test_a_place_opens_in_a_tab_that_knows_nothing_of_the_notice(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    (notice_id,) = mine.add(PLACE)
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        context.route("https://videos.example.net/**", lambda route: route.fulfill(body="a page"))
        page.goto(f"/console/takedown/{mine.campaign_id}/notices/{notice_id}")
        link = page.get_by_role("link", name="Open the page")
        expect(link).to_contain_text("may show the fake")
        with context.expect_page() as opened, context.expect_event("request") as request:
            link.click()
        assert request.value.url == PLACE
        assert "referer" not in request.value.all_headers()
        assert opened.value.evaluate("[window.opener, document.referrer]") == [None, ""]
        page.goto(f"/console/takedown/{mine.campaign_id}/notices")
        expect(page.get_by_role("link", name=f"Open {PLACE} in a new tab")).to_have_attribute(
            "rel", re.compile("noreferrer noopener")
        )
    assert faults == []


def test_a_notice_lists_its_letters_with_their_proofs(
    console: Console, browser: Browser, faults: list[str], lawyer: Person, mine: Case
) -> None:
    notice_id, other = mine.ready(PLACE, "https://videos.example.net/watch?v=2")
    send_notices(mine.service, mine.caller, mine.campaign_id, notice_ids=[notice_id, other])
    only = DeliveryFilter(notice_id=notice_id)
    (letter,) = list_notice_deliveries(mine.service, mine.caller, mine.campaign_id, only).deliveries
    decide = partial(decide_delivery, mine.service, mine.caller, UUID(letter.delivery_id))
    decide("handed_over", at=datetime.now(UTC), proof_sha256="ef" * 32)
    decide("delivered", at=datetime.now(UTC), proof_sha256="cd" * 32)
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto(f"/console/takedown/{mine.campaign_id}/notices/{notice_id}")
        rows = page.get_by_role("region", name="Letters and receipts").locator("tbody tr")
        expect(rows).to_have_count(1)
        expect(rows).to_contain_text(letter.reference)
        expect(rows).to_contain_text("ef" * 32)
        expect(rows).to_contain_text("cd" * 32)
    assert faults == []
