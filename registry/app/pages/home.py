"""The first page: what waits for whoever is signed in, by their roles; and choices that need no account."""

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
    found = list_reviews(page.service, page.caller, limit=100)
    return Card(N_("Entries to review"), N_("Nothing to review."), "/review", len(found.items))


area = Area("home", waiting=(Waiting("listReviews", _reviews),))
_YEAR: Final = 365 * 86400


@area.page("/", operation=SIGNED_IN)
def first(page: Page) -> Shown:
    """What waits for me, as the areas say it."""
    asked = (_asked(page, item.ask) for item in page.waiting if page.may(item.operation))
    return page.show("home/first.html", cards=[card for card in asked if card is not None])


def _asked(page: Page, ask: Callable[[Page], Card]) -> Card | None:
    """None where it cannot be said now: the first page stands whatever is away."""
    try:
        return ask(page)
    except FakeprintError:
        return None


@area.form("/language", operation=EVERYBODY, again=first)
def choose_language(page: Page) -> Response:
    """Another language, kept in the browser."""
    language = page.typed.text("language")
    answered = page.go(page.typed.text("back", "/"))
    if language in LANGUAGES:
        guard.set_cookie(answered, guard.LANGUAGE, language, secure=page.secure, seconds=_YEAR)
    return answered


@area.form("/theme", operation=EVERYBODY, again=first)
def choose_theme(page: Page) -> Response:
    """Light, dark, or as the system has it."""
    theme = page.typed.text("theme")
    answered = page.go(page.typed.text("back", "/"))
    known = theme if theme in {"light", "dark"} else ""
    guard.set_cookie(answered, guard.THEME, known, secure=page.secure, seconds=_YEAR)
    return answered
