"""Protected people in a browser: one proposes, another decides, and the person withdraws by code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from registry.jobs.service.jobs import claim_job
from registry.persons.photos.service import save_reading
from tests.browser.conftest import watched
from tests.browser.shots.persons import assess, picture
from tests.support import people
from tests.support.browser.console import Console
from tests.support.people import reading

NAME = "Dolores <b>Ibáñez</b>"


@dataclass
class Office:
    """Two people of one organization, each with a window."""

    proposer: Page
    reviewer: Page


@pytest.fixture
def office(console: Console, browser: Browser, faults: list[str]) -> Iterator[Office]:
    assess(console)
    key = console.organization()
    proposer = console.person("faces", "register", key=key)
    reviewer = console.person("faces", "review", key=key, name="Bea")
    with (
        console.context(browser, proposer, locale="en-GB") as one,
        console.context(browser, reviewer, locale="en-GB") as two,
    ):
        yield Office(watched(one.new_page(), faults), watched(two.new_page(), faults))
    assert faults == []


def propose(page: Page, name: str = NAME) -> str:
    """Propose a person. Return the code."""
    page.goto("/console/persons")
    page.get_by_role("link", name="Propose a person").click()
    page.get_by_label("Name of the person").fill(name)
    page.get_by_label("Words of the consent").fill("I agree that you look for my face.")
    page.get_by_role("radio", name="No", exact=True).check()
    page.get_by_role("button", name="Propose the person").click()
    return page.locator("#secret").inner_text()


def read_photos(console: Console) -> None:
    """Do what a worker does: find a face in each photo."""
    with console.started.service() as service:
        with service.pool.transaction() as connection:
            rows = connection.execute(
                "SELECT job_id FROM job WHERE status = 'queued' AND task = 'read_photo'"
            ).fetchall()
        for take, row in enumerate(rows):
            job = claim_job(service, row["job_id"])
            assert job
            save_reading(service, job, reading("ada", take))


def test_a_person_is_proposed_seen_and_accepted_by_another(
    console: Console, office: Office, tmp_path: Path
) -> None:
    page, other = office.proposer, office.reviewer
    propose(page)
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Code for {NAME}")
    page.get_by_role("link", name="Next: add photos").click()
    there = page.url
    expect(page.get_by_text("decides on it")).to_be_visible()
    expect(page.get_by_role("button", name="Accept")).to_have_count(0)
    file = tmp_path / "office.jpg"
    file.write_bytes(people.portrait())
    page.get_by_label("Add photos").set_input_files(file)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="office.jpg")).to_contain_text("Being examined")
    expect(page.get_by_role("link", name="Show")).to_have_count(0)
    read_photos(console)

    other.goto("/console/persons?state=proposed")
    other.get_by_role("link", name=NAME).click()
    expect(other.locator("img.photo")).to_have_count(0)
    other.get_by_label("I checked who the person is").check()
    other.get_by_label("How you checked it").fill("Passport seen.")
    other.get_by_role("button", name="Accept").click()
    expect(other.get_by_role("alert")).to_contain_text("look at every usable photo first")
    expect(other.get_by_label("How you checked it")).to_have_value("Passport seen.")
    other.goto(there)
    other.get_by_role("link", name="Show: office.jpg").click()
    expect(other.locator("img.photo")).to_be_visible()
    assert other.locator("img.photo").evaluate("one => one.decode().then(() => one.naturalWidth)") == 512
    other.goto(there)
    expect(other.get_by_text("You have looked at it.")).to_be_visible()
    other.get_by_label("I checked who the person is").check()
    other.get_by_label("How you checked it").fill("Passport seen.")
    other.get_by_role("button", name="Accept").click()
    expect(other.get_by_role("status")).to_contain_text("Lookups of your organization now find this person.")
    expect(other.locator(".facts")).to_contain_text("Protected")
    other.get_by_text("What was done", exact=True).first.click()
    expect(other.get_by_role("row").filter(has_text="Photo viewed")).to_contain_text("You")

    page.goto(there)
    page.get_by_role("link", name="Submit a new consent").click()
    page.get_by_label("Who consents").select_option("representative")
    page.get_by_label("Words of the consent").fill("I agree for another year.")
    page.get_by_role("button", name="Submit the consent").click()
    expect(page.get_by_role("alert")).to_contain_text("give their name and the document")
    page.get_by_label("Who consents").select_option("self")
    page.get_by_role("button", name="Submit the consent").click()
    expect(page.get_by_role("status").first).to_contain_text("waits for a reviewer")
    other.goto(there)
    other.get_by_text("Refuse…").click()
    other.get_by_role("button", name="Refuse for good").click()
    expect(other.get_by_role("status")).to_contain_text("The new consent is dropped.")
    other.get_by_text("Withdraw…").click()
    other.get_by_role("button", name="Withdraw and destroy the data").click()
    expect(other.get_by_role("heading", level=1)).to_have_text("Name destroyed")


def test_a_person_withdraws_with_the_code_and_without_an_account(
    console: Console, office: Office, browser: Browser, faults: list[str]
) -> None:
    code = propose(office.proposer)
    office.proposer.get_by_role("link", name="Next: add photos").click()
    with console.context(browser, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/protection/withdraw")
        page.get_by_label("Your code").fill("not a code")
        page.get_by_role("button", name="Withdraw my consent").click()
        expect(page.get_by_role("alert")).to_contain_text("That is not a code, or it was mistyped.")
        page.get_by_label("Your code").fill(code.lower())
        page.get_by_role("button", name="Withdraw my consent").click()
        expect(page.get_by_role("status")).to_contain_text("If the code is right")
        assert NAME not in page.content()
    office.proposer.reload()
    expect(office.proposer.get_by_role("heading", level=1)).to_have_text("Name destroyed")


def test_nothing_is_stored_of_media_that_may_show_a_minor(office: Office) -> None:
    page = office.proposer
    page.goto("/console/persons/new")
    page.get_by_label("Name of the person").fill(NAME)
    page.get_by_label("Words of the consent").fill("I agree.")
    page.get_by_role("button", name="Propose the person").click()
    expect(page.get_by_role("alert").first).to_be_visible()
    page.get_by_role("radio", name="Yes, or I am not sure").check()
    page.get_by_role("button", name="Propose the person").click()
    expect(page.get_by_text("https://www.inhope.org")).to_be_visible()
    page.goto("/console/persons")
    expect(page.get_by_text("Nobody here")).to_be_visible()


def test_the_operator_records_an_assessment(
    console: Console, browser: Browser, faults: list[str], tmp_path: Path
) -> None:
    document = tmp_path / "assessment.pdf"
    document.write_bytes(picture()[1])
    operator = console.person("admin", key=console.key)
    guest = console.person("admin")
    with console.context(browser, operator, locale="en-GB") as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/persons/assessments")
        page.get_by_label("Title").fill("Faces, version 2")
        page.get_by_label("Date of the assessment").fill("2100-01-01")
        page.get_by_label("The document").set_input_files(document)
        page.get_by_role("button", name="Record the assessment").click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.get_by_label("Date of the assessment").fill("2026-02-01")
        page.get_by_label("The document").set_input_files(document)
        page.get_by_role("button", name="Record the assessment").click()
        expect(page.get_by_role("status")).to_contain_text("The assessment is on record.")
        expect(page.get_by_role("row").filter(has_text="Faces, version 2")).to_contain_text("In force")
    with console.context(browser, guest, locale="en-GB") as context:
        page = context.new_page()
        page.goto("/console/persons/assessments")
        expect(page.get_by_role("button", name="Record the assessment")).to_have_count(0)
        assert page.goto("/console/persons").status == 403  # type: ignore[union-attr]
    assert faults == []
