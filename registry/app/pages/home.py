"""The first page: tasks of the signed-in person, and numbers over time.

Also language, theme and density, which need no account.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response

from registry.app.pages.numbers import TRENDS
from registry.console import guard
from registry.console.area import EVERYBODY, SIGNED_IN, Area
from registry.console.view import Card, Page, Shown
from registry.core.errors import FakeprintError
from registry.core.tally import MOST
from registry.identity.accounts.model import LANGUAGES

area = Area("home")
_YEAR: Final = 365 * 86400


@area.page("/", operation=SIGNED_IN)
def first(page: Page) -> Shown:
    """Show what waits for the reader, the most urgent first."""
    asked = (_card_or_none(page, source.ask) for source in page.waiting if page.may(source.operation))
    cards = [card for card in asked if card is not None]
    now = datetime.now(UTC)
    tasks = sorted((card for card in cards if card.count), key=lambda card: card.place(now))
    return page.show(
        "home/first.html",
        tasks=tasks,
        idle=[card for card in cards if not card.count],
        now=now,
        most=MOST,
        numbers=any(page.may(operation) for trend in TRENDS for operation in trend.operations),
    )


@area.page("/numbers", operation=SIGNED_IN)
def numbers(page: Page) -> Shown:
    """Show numbers over time as charts and tables: as a page, or for htmx as a part of the first page."""
    trends = [
        shown for trend in TRENDS if any(map(page.may, trend.operations)) and (shown := trend.draw(page))
    ]
    return page.show(f"home/numbers{'_part' if page.fragment else ''}.html", trends=trends)


def _card_or_none(page: Page, ask: Callable[[Page], Card]) -> Card | None:
    """Return the card, or None on an error: the first page is shown even if parts of the service are away."""
    try:
        return ask(page)
    except FakeprintError:
        return None


@area.form("/language", operation=EVERYBODY, again=first)
def choose_language(page: Page) -> Response:
    """Set the language, stored in the browser."""
    language = page.typed.text("language")
    response = page.go(page.typed.text("back", "/"))
    if language in LANGUAGES:
        guard.set_cookie(response, guard.LANGUAGE, language, secure=page.secure, seconds=_YEAR)
    return response


@area.form("/theme", operation=EVERYBODY, again=first)
def choose_theme(page: Page) -> Response:
    """Set the theme: light, dark or the system's."""
    theme = page.typed.text("theme")
    response = page.go(page.typed.text("back", "/"))
    valid = theme if theme in {"light", "dark"} else ""
    guard.set_cookie(response, guard.THEME, valid, secure=page.secure, seconds=_YEAR)
    return response


@area.form("/density", operation=EVERYBODY, again=first)
def choose_density(page: Page) -> Response:
    """Set the density of tables: comfortable or compact, stored in the browser."""
    response = page.go(page.typed.text("back", "/"))
    valid = "compact" if page.typed.text("density") == "compact" else ""
    guard.set_cookie(response, guard.DENSITY, valid, secure=page.secure, seconds=_YEAR)
    return response
