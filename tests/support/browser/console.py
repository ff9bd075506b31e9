"""A running console for tests, with people who sign in to it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx2
from playwright.sync_api import Browser, BrowserContext, Page

from registry.console.languages import Words
from tests.support.service.api import NOBODY, Api

PASSWORD: Final = "four words nobody guesses"
_WORD: Final = re.compile(r'name="csrf" value="([^"]+)"')


@dataclass(frozen=True, slots=True)
class Person:
    """A person with an account. `key`: the API key of an administrator of the same organization."""

    sign_in_name: str
    account_id: str
    organization_id: str
    key: str
    cookies: Mapping[str, str]


@dataclass(frozen=True)
class Site:
    """Address of a console, and the first administrator's key."""

    url: str
    key: str

    def api(self, key: str | None = None) -> httpx2.Client:
        """Return a client of the API."""
        headers = {"Authorization": f"Bearer {key or self.key}"}
        return httpx2.Client(base_url=self.url, headers=headers, timeout=60, trust_env=False, verify=NOBODY)

    def invited(self, *roles: str, key: str | None = None, name: str = "Ana Ruiz") -> dict[str, Any]:
        """Create an account in a new organization, or in that of `key`. Its invitation is not accepted
        yet."""
        key = key or self.organization()
        with self.api(key) as client:
            body = {"sign_in_name": f"{uuid4().hex[:12]}@example.org", "name": name, "roles": list(roles)}
            made = client.post("/v1/accounts", json=body)
            assert made.status_code == 201, made.text
            me = client.get("/v1/callers/me").json()
        return {**made.json(), "key": key, "organization_id": me["organization"]["organization_id"]}

    def organization(self, name: str = "") -> str:
        """Create an organization and return the key of an administrator with every role."""
        roles = ["lookup", "register", "review", "takedown", "admin", "signals"]
        body = {"organization": name or f"Example {uuid4().hex[:6]}", "name": "keys", "roles": roles}
        with self.api() as client:
            made = client.post("/v1/callers", json=body)
        assert made.status_code == 201, made.text
        key: str = made.json()["key"]
        return key

    def person(
        self, *roles: str, key: str | None = None, name: str = "Ana Ruiz", password: bool = False
    ) -> Person:
        """Create a person who has accepted the invitation and is signed in. `password`: with PASSWORD, else
        without one, as whoever adds a passkey: a hash of a password costs a fifth of a second of CPU."""
        made = self.invited(*roles, key=key, name=name)
        with httpx2.Client(base_url=self.url, timeout=60, trust_env=False, verify=NOBODY) as client:
            word = form_word(client.get(made["invitation"]).text)
            means = {"new": PASSWORD, "new_again": PASSWORD} if password else {"by": "passkey"}
            sent = {"csrf": word, **means}
            done = client.post(made["invitation"], data=sent, headers={"Origin": self.url})
            assert done.status_code == 303, done.text
            cookies = dict(client.cookies)
        return Person(made["sign_in_name"], made["account_id"], made["organization_id"], made["key"], cookies)

    def context(self, browser: Browser, person: Person | None = None, **options: Any) -> BrowserContext:
        """Open a separate browser context, in which the person is signed in."""
        context = browser.new_context(base_url=self.url, **options)
        context.set_default_timeout(60_000)
        self.sign_in(context, person)
        return context

    def sign_in(self, context: BrowserContext, person: Person | None) -> None:
        """Sign the person in to a context."""
        for name, value in (person.cookies if person else {}).items():
            context.add_cookies([{"name": name, "value": value, "url": self.url}])


@dataclass(frozen=True)
class Console(Site):
    """A console whose database the test can access."""

    started: Api
    things: dict[str, Any] = field(default_factory=dict)
    """Data that tests create once for all pages."""

    def expire(self, person: Person) -> None:
        """Let all sessions of a person expire, as after a day without use."""
        self.rest(person, timedelta(days=1))

    def rest(self, person: Person, time: timedelta) -> datetime:
        """Let all sessions of a person be unused for that time. Return when the latest was used."""
        with self.started.service() as service, service.pool.transaction() as connection:
            rows = connection.execute(
                "UPDATE account_session SET seen_at = seen_at - %(time)s WHERE account_id = %(it)s "
                "RETURNING seen_at",
                {"it": person.account_id, "time": time},
            ).fetchall()
        used: datetime = max(row["seen_at"] for row in rows)
        return used


def sign_in(page: Page, person: Person, words: Words) -> None:
    """Sign in through the page's form, with the keyboard only."""
    page.get_by_label(words.text("Name or email address")).focus()
    page.keyboard.type(person.sign_in_name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")


def walked(scenes: Mapping[str, str], first: str) -> list[str]:
    """Return the languages in which to test a day: `first`, or all languages under `make test-days`."""
    return list(scenes) if os.environ.get("DAYS") == "all" else [first]


def form_word(page: str) -> str:
    """Return the CSRF token of a page's forms."""
    found = _WORD.search(page)
    assert found, page
    return found[1]
