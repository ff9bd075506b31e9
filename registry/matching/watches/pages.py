"""Pages of watched lookups: new matches, the lookups themselves, and the organization's rules."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from registry.console.area import Area
from registry.console.fields import parse_number, wrong
from registry.console.languages import N_, aware
from registry.console.view import Card, Nav, Page, Shown, Waiting, as_uuid
from registry.core.errors import BadInput
from registry.matching.watches.model import LONGEST_DAYS
from registry.matching.watches.service.matches import count_matches, list_matches, mark_seen
from registry.matching.watches.service.watches import (
    change_watch_rules,
    end_watch,
    get_watch,
    list_watches,
)


def _new(page: Page) -> Card:
    return Card(
        N_("New matches of watched lookups"),
        N_("No new matches."),
        "/watches",
        count_matches(page.service, page.caller),
        N_("A file that you looked up earlier matches an entry that was registered or reviewed since."),
    )


area = Area(
    "watches",
    nav=(
        Nav("/watches", N_("Watched"), "listWatches", N_("Lookups that are repeated for new entries."), 15),
    ),
    waiting=(Waiting("listWatches", _new),),
    says={
        "matches_seen": N_("Marked as seen for your organization."),
        "watch_ended": N_("The watch has ended. Its fingerprint is deleted."),
        "watch_rules_changed": N_("The rules are saved. They apply to the next lookups."),
    },
    explains={
        "unknown_watch": N_("This watch has ended, or somebody has ended it."),
    },
)


@area.page("/watches", operation="listWatches")
def matches(page: Page) -> Shown:
    """List matches of watched lookups: new ones, or all."""
    seen = page.query("state") == "all"
    found = list_matches(page.service, page.caller, seen=seen, after=page.query("after") or None)
    return page.show(
        "watches/matches.html",
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


@area.page("/watches/lookups", operation="listWatches")
def watches(page: Page) -> Shown:
    """List the lookups that are watched now."""
    found = list_watches(page.service, page.caller, after=page.query("after") or None)
    return page.show("watches/list.html", watches=found.watches, next=found.next)


@area.page("/watches/lookups/{watch_id}", operation="showWatch")
def watch(page: Page) -> Shown:
    """Show a watched lookup and what it has found since."""
    watch_id = page.uuid("watch_id")
    shown = get_watch(page.service, page.caller, watch_id)
    found = list_matches(
        page.service, page.caller, seen=True, watch_id=watch_id, after=page.query("after") or None
    )
    return page.show(
        "watches/watch.html", watch=shown, matches=found.matches, next=found.next, now=datetime.now(UTC)
    )


@area.form("/watches/lookups/{watch_id}/end", operation="endWatch", again=watch)
def end(page: Page) -> Response:
    """End a watch and delete its fingerprint."""
    end_watch(page.service, page.caller, page.uuid("watch_id"))
    return page.go("/watches/lookups", "watch_ended")


@area.page("/watches/rules", operation="changeWatchRules")
def rules(page: Page) -> Shown:
    """Show the organization's rules."""
    return page.show("watches/rules.html", rules=change_watch_rules(page.service, page.caller, {}))


@area.form("/watches/rules", operation="changeWatchRules", again=rules)
def change_rules(page: Page) -> Response:
    """Change the rules. An empty number of days means the limit of the service."""
    days = parse_number(page, "watch_days_most", "bad_input")
    if days is not None and not (days.is_integer() and 0 <= days <= LONGEST_DAYS):
        message = page.words.text("Enter a whole number of days, up to %(most)s.", most=LONGEST_DAYS)
        raise wrong("bad_input", "watch_days_most", message)
    changes: dict[str, Any] = {"watch_days_most": None if days is None else int(days)}
    changes |= {name: page.typed.given(name) for name in ("tells_matches", "reports_places")}
    change_watch_rules(page.service, page.caller, changes)
    return page.go("/watches/rules", "watch_rules_changed")
