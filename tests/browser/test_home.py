"""The first page as a worklist: what waits for whom, the most urgent first, each with its list."""

from __future__ import annotations

import re
from uuid import uuid4

from playwright.sync_api import Browser, Page, expect

from registry.sharing.webhooks.service.events import dispatch_events
from tests.browser.conftest import watched
from tests.browser.shots.home import busy, matched, numbers
from tests.browser.shots.review import disputed, filed
from tests.support.browser.console import Console, Person
from tests.support.reviewers import contest

TAKEDOWN = {"Deadlines near or over", "Letters to print", "Replies to match", "Notices ready to send"}
EVERY = ("lookup", "register", "review", "takedown", "admin")


def _home(page: Page) -> list[str]:
    """The titles of the tasks, in their order."""
    page.goto("/console/")
    return page.locator(".task h2").all_inner_texts()


def _figure(page: Page, title: str) -> str:
    return page.locator(".task", has_text=title).locator(".figure").inner_text()


def _person(console: Console, *roles: str) -> Person:
    return console.person(*roles, key=console.organization())


def test_tasks_come_by_urgency_and_lead_to_their_lists(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = _person(console, *EVERY)
    busy(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        titles = _home(page)
        assert titles[:2] == ["Deadlines near or over", "Your claimed entries"], "over, then soon over"
        assert {"Letters to print", "Replies to match", "Disputes to answer"} <= set(titles[2:])
        expect(page.locator(".task.late")).to_contain_text("Overdue")
        for title, heading in (
            ("Deadlines near or over", "Deadlines near or over"),
            ("Letters to print", "Letters to print"),
            ("Your claimed entries", "Review queue"),
            ("Disputes to answer", "Disputes"),
        ):
            page.goto("/console/")
            figure = int(_figure(page, title))
            page.get_by_role("link", name=title, exact=True).click()
            expect(page.get_by_role("heading", level=1)).to_have_text(heading)
            expect(page.locator("main tbody tr")).to_have_count(figure)
    assert faults == []


def test_a_late_notice_is_one_click_from_its_complaint(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = _person(console, *EVERY)
    busy(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/takedown/due")
        late = page.locator("tr.late")
        expect(late).to_contain_text("https://late.example.net/a")
        late.get_by_role("link", name="Draft the complaint").click()
        expect(page).to_have_url(re.compile("/escalation$"))
    assert faults == []


def test_each_role_sees_its_own_tasks(console: Console, browser: Browser, faults: list[str]) -> None:
    key = console.organization()
    busy(console, console.person(*EVERY, key=key))
    for roles, seen in (
        (("review",), {"Entries to review"}),
        (("takedown",), TAKEDOWN),
        (("lookup",), set()),
    ):
        with console.context(browser, console.person(*roles, key=key)) as context:
            page = watched(context.new_page(), faults)
            titles = _home(page)
            assert set(titles) - {"Disputes to decide"} == seen
            if not titles:
                expect(page.get_by_text("You have no open tasks")).to_be_visible()
                expect(page.locator(".cards").get_by_role("link", name="Look up")).to_be_visible()
    assert faults == []


def test_what_is_done_leaves_the_list(console: Console, browser: Browser, faults: list[str]) -> None:
    key = console.organization()
    filed(console, key, "Only this one")
    with console.context(browser, console.person("review", key=key)) as context:
        page = watched(context.new_page(), faults)
        assert "Your claimed entries" not in _home(page)
        page.get_by_role("link", name="Entries to review").click()
        expect(page).to_have_url(re.compile("/console/review"))
        with console.api(key) as client:  # other organizations' banks answer it too, and fill the first page
            own = next(bank for bank in client.get("/v1/banks").json()["banks"] if bank["own"])
        page.goto(f"/console/review?bank={own['bank_id']}")
        page.get_by_role("button", name="Claim “Only this one”").click()
        expect(page.get_by_role("status").first).to_contain_text("You have claimed the entry")
        assert "Your claimed entries" in _home(page)
        assert _figure(page, "Your claimed entries") == "1"
        expect(page.locator(".task.soon time").first).to_contain_text("minutes")
    assert faults == []


def test_numbers_over_time_have_charts_and_tables(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = _person(console, *EVERY)
    address = numbers(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        chart = page.get_by_role("img", name="Lookups by result")
        expect(chart.locator("g")).to_have_count(12)
        expect(chart).to_have_accessible_description(re.compile("The table below has all figures"))
        trend = page.locator(".trend", has=chart)
        trend.get_by_text("Table of these figures").click()
        rows = trend.locator("tbody tr")
        expect(rows).to_have_count(12)
        expect(rows.first.locator("td").first).to_have_text("21")
        expect(page.get_by_text("Your reviewers have decided nothing in these weeks.")).to_be_visible()
    with console.context(browser, person, java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/")
        page.get_by_role("link", name="Show the numbers").click()
        expect(page).to_have_url(re.compile(f"{address}$"))
        expect(page.get_by_role("img", name="Registered entries")).to_be_visible()
    with console.context(browser, console.person("takedown", key=person.key)) as context:
        page = watched(context.new_page(), faults)
        page.goto(address)
        expect(page.locator(".trend h3")).to_have_text(["Letters by outcome"])
    assert faults == []


def test_a_new_match_of_a_watch_is_marked_as_seen(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    person = _person(console, *EVERY)
    matched(console, person)
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        title = "New matches of watched lookups"
        assert title in _home(page)
        assert _figure(page, title) == "1"
        page.get_by_role("link", name=title).click()
        expect(page.locator("tbody tr")).to_have_count(1)
        page.get_by_role("button", name="Mark as seen: Discurso <b>falso</b>").click()
        expect(page.get_by_role("status").first).to_contain_text("Marked as seen")
        expect(page.get_by_text("No new matches.")).to_be_visible()
        assert title not in _home(page)
    assert faults == []


def test_a_dispute_comes_to_a_neutral_reviewer_once_the_owner_has_answered(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key, title = console.organization(), f"Contested {uuid4().hex[:8]}"
    entry_id = filed(console, key, title).entry_id
    owner, judge = console.person("register", key=key), _person(console, "review")
    with console.api(console.organization()) as author:
        made = contest(author, entry_id)
    assert made.status_code == 201, made.text
    listed = "/console/disputes?state=decide"
    with console.context(browser, judge) as context:
        page = watched(context.new_page(), faults)
        page.goto(listed)
        expect(page.get_by_role("link", name=title)).to_have_count(0)
        with console.context(browser, owner) as other:
            answering = watched(other.new_page(), faults)
            assert _figure_after(answering, "Disputes to answer") == "1"
            answering.goto(f"/console/disputes/{made.json()['dispute_id']}")
            answering.get_by_label("Your answer").fill("It went round without the announcement.")
            answering.get_by_role("button", name="Answer", exact=True).click()
            expect(answering.get_by_role("status").first).to_contain_text("answer is saved")
            assert _home(answering) == [], "the rest is the reviewer's"
        figure = _figure_after(page, "Disputes to decide")
        page.get_by_role("link", name="Disputes to decide").click()
        expect(page.get_by_role("link", name=title)).to_be_visible()
        expect(page.locator("main tbody tr")).to_have_count(int(figure))
    assert faults == []


def _figure_after(page: Page, title: str) -> str:
    """The number of a task, on the first page opened anew."""
    _home(page)
    return _figure(page, title)


def test_what_others_did_is_unread_until_it_is_marked(
    console: Console, browser: Browser, faults: list[str]
) -> None:
    key = console.organization()
    person, colleague = console.person("register", key=key), console.person("register", key=key)
    lawyer = console.person("takedown", key=key)
    disputed(console, key)
    with console.started.service() as service:
        while dispatch_events(service):
            pass
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        figure = _figure_after(page, "Unread notifications")
        page.locator(".task").get_by_role("link", name="Unread notifications").click()
        expect(page.locator("tbody tr")).to_have_count(int(figure))
        expect(page.get_by_role("link", name="Somebody disputes an entry.")).to_be_visible()
        page.get_by_role("button", name="Mark all as read").click()
        expect(page.get_by_role("status").first).to_have_text("Marked as read.")
        expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)
        page.get_by_role("link", name="Somebody disputes an entry.").click()
        expect(page).to_have_url(re.compile("/console/disputes/"))
        assert "Unread notifications" not in _home(page)
    with console.context(browser, colleague) as context:
        page = watched(context.new_page(), faults)
        assert _figure_after(page, "Unread notifications") == figure, "each reads for themselves"
    with console.context(browser, lawyer) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/notifications")
        expect(page.get_by_text("was suspended")).to_have_count(0)
    assert faults == []
