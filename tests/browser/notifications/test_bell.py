"""The bell in the header: how many notifications are unread, live, and without a script as of the page."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta

import httpx2
import pytest
from playwright.sync_api import Browser, Page, expect

from registry.sharing.webhooks.service.events import dispatch_events
from tests.browser.conftest import watched
from tests.browser.shots.review import disputed
from tests.support.browser.console import Console, Person
from tests.support.service.api import NOBODY

LIVE = "/console/notifications/live"


@pytest.fixture
def person(console: Console) -> Person:
    return console.person("register", key=console.organization())


def _happen(console: Console, key: str) -> None:
    """Somebody disputes an entry, and people are notified of it."""
    disputed(console, key)
    with console.started.service() as service:
        while dispatch_events(service):
            pass


def _bell(page: Page) -> int:
    text = page.locator(".bell .count").inner_text()
    return int(text) if text else 0


def test_the_number_is_live_in_every_tab(
    console: Console, browser: Browser, faults: list[str], person: Person
) -> None:
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/entries")
        bell = page.get_by_role("link", name="No unread notifications.")
        expect(bell).to_be_visible()
        expect(page.locator(".bell .count")).to_be_hidden()
        _happen(console, person.key)
        expect(page.get_by_role("link", name=re.compile("Unread notifications: "))).to_be_visible()
        assert _bell(page) >= 1
        other = watched(context.new_page(), faults)
        other.goto("/console/notifications")
        assert _bell(other) == _bell(page), "the server renders it with the page"
        other.get_by_role("button", name="Mark all as read").click()
        expect(other.locator(".bell .count")).to_be_hidden()
        expect(page.locator(".bell .count")).to_be_hidden()
    assert faults == []


def test_the_list_says_that_there_are_newer_ones(
    console: Console, browser: Browser, faults: list[str], person: Person
) -> None:
    with console.context(browser, person) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/notifications")
        expect(page.get_by_text("There are new notifications")).to_be_hidden()
        _happen(console, person.key)
        page.get_by_role("link", name="There are new notifications").click()
        expect(page.get_by_role("link", name="Somebody disputes an entry.")).to_be_visible()
    assert faults == []


def test_without_scripts_the_number_comes_with_the_page(
    console: Console, browser: Browser, faults: list[str], person: Person
) -> None:
    _happen(console, person.key)
    with console.context(browser, person, java_script_enabled=False) as context:
        page = watched(context.new_page(), faults)
        page.goto("/console/entries")
        assert _bell(page) >= 1
        page.get_by_role("link", name=re.compile("Unread notifications: ")).click()
        expect(page).to_have_url(re.compile("/console/notifications$"))
    assert faults == []


def _client(console: Console, person: Person, **headers: str) -> httpx2.Client:
    return httpx2.Client(
        base_url=console.url,
        cookies=dict(person.cookies),
        headers=headers,
        timeout=10,
        trust_env=False,
        verify=NOBODY,
    )


def _events(response: httpx2.Response) -> Iterator[tuple[str, int]]:
    """Yield id and number of each event, as they come."""
    id_ = ""
    for line in response.iter_lines():
        if line.startswith("id: "):
            id_ = line.removeprefix("id: ")
        if line.startswith("data: "):
            yield id_, json.loads(line.removeprefix("data: "))["unread"]


def test_a_stream_goes_on_where_the_browser_left_it(console: Console, person: Person) -> None:
    _happen(console, person.key)
    with _client(console, person) as client, client.stream("GET", LIVE) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        id_, number = next(_events(response))
        assert number >= 1
    headers = {"Last-Event-ID": id_}
    with _client(console, person, **headers) as client, client.stream("GET", LIVE) as response:
        _happen(console, person.key)
        later, more = next(_events(response))
        assert (later != id_, more > number) == (True, True), "what the browser has is not sent again"


def test_an_account_has_four_streams_and_the_oldest_gives_way(console: Console, person: Person) -> None:
    with _client(console, person) as client, ExitStack() as opened:
        streams = [opened.enter_context(client.stream("GET", LIVE)) for _ in range(5)]
        oldest, *others = [_events(response) for response in streams]
        assert [next(stream)[1] for stream in others] == [0, 0, 0, 0]
        assert list(oldest) in ([], [("0-0", 0)]), "it ended"


def test_a_stream_keeps_no_session_open_and_ends_with_it(console: Console, person: Person) -> None:
    used = console.rest(person, timedelta(minutes=5))
    with _client(console, person) as client, client.stream("GET", LIVE) as response:
        events = _events(response)
        next(events)
        assert console.rest(person, timedelta(0)) == used, "nobody used the page"
        console.expire(person)
        assert list(events) == []
    with _client(console, person) as client:
        assert client.get(LIVE).status_code == 401


def test_many_streams_hold_up_no_page(console: Console) -> None:
    """More streams than a process has threads (40) or database connections."""
    people = [console.person("register", key=console.organization()) for _ in range(12)]
    with ExitStack() as opened:
        clients = [opened.enter_context(_client(console, person)) for person in people]
        streams = [opened.enter_context(client.stream("GET", LIVE)) for client in clients for _ in range(4)]
        assert [next(_events(stream))[1] for stream in streams] == [0] * 48
        began = time.monotonic()
        with _client(console, people[0]) as client:
            assert client.get("/console/entries").status_code == 200
        assert time.monotonic() - began < 3
