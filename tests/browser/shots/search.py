"""Search, as a page and as a palette."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.browser.shots import Shot
from tests.browser.shots.entries import made
from tests.browser.shots.takedown import campaign
from tests.support.browser.console import Console, Person


def _found(console: Console, person: Person) -> str:
    key = f"search {person.organization_id}"
    if key not in console.things:
        console.things[key] = made(console, person)
        campaign(console, person)
    return "/console/search?q=conc"


def _palette(page: Page, _: Console) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette input").fill("María")
    page.locator("#palette-people-1").wait_for()


SHOTS: Final = (
    Shot("search", _found),
    Shot("search-none", "/console/search?q=zzzzzz", once=True),
    Shot("palette", lambda console, person: _found(console, person) and "/console/account", then=_palette),
)
