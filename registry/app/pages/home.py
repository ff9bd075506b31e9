"""The first page: pending work of the signed-in person. Also language and theme, which need no account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from registry.console import guard
from registry.console.area import EVERYBODY, SIGNED_IN, Area
from registry.console.languages import N_
from registry.console.view import Card, Page, Shown, Waiting
from registry.core.errors import FakeprintError
from registry.identity.accounts.model import LANGUAGES
from registry.review.queue.service.queue import list_reviews


def _reviews(page: Page) -> Card:
    reviews = list_reviews(page.service, page.caller, limit=100)
    return Card(N_("Entries to review"), N_("Nothing to review."), "/review", len(reviews.items))


area = Area("home", waiting=(Waiting("listReviews", _reviews),))
_YEAR: Final = 365 * 86400


@area.page("/", operation=SIGNED_IN)
def first(page: Page) -> Shown:
    """Show the cards of pending work."""
    cards = (_card_or_none(page, source.ask) for source in page.waiting if page.may(source.operation))
    return page.show("home/first.html", cards=[card for card in cards if card is not None])


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
