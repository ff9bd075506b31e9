"""The page of new matches of watched lookups."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.responses import Response

from registry.console.languages import N_, aware
from registry.console.view import Card, Page, Shown, Waiting, as_uuid
from registry.core.errors import BadInput
from registry.matching.lookups.pages.lookup import area
from registry.matching.watches.service.matches import count_matches, list_matches, mark_seen


def _new(page: Page) -> Card:
    return Card(
        N_("New matches of watched lookups"),
        N_("No new matches."),
        "/watches",
        count_matches(page.service, page.caller),
        N_("A file that you looked up earlier matches an entry that was registered or reviewed since."),
    )


area.waiting += (Waiting("listWatches", _new),)


@area.page("/watches", operation="listWatches")
def matches(page: Page) -> Shown:
    """List matches of watched lookups: new ones, or all."""
    seen = page.query("state") == "all"
    found = list_matches(page.service, page.caller, seen=seen, after=page.query("after") or None)
    return page.show(
        "lookup/watches.html",
        matches=found.matches,
        next=found.next,
        seen=seen,
        now=datetime.now(UTC),
    )


@area.form("/watches", operation="listWatches", again=matches)
def mark(page: Page) -> Response:
    """Mark one match, or all that the page showed, as seen."""
    typed = page.typed
    try:
        until = aware(typed.text("until"))
    except ValueError:
        raise BadInput("The time of the page is missing.") from None
    of = (as_uuid(typed.text("watch")), as_uuid(typed.text("entry"))) if typed.given("watch") else None
    mark_seen(page.service, page.caller, until, of)
    return page.go("/watches", "matches_seen")
