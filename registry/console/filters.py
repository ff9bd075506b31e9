"""Filters of a list: dates in the reader's time zone, and saved views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from starlette.responses import Response

from registry.console.area import Area, Show
from registry.console.languages import N_
from registry.console.view import Page
from registry.core.errors import BadInput
from registry.core.identifiers import as_id
from registry.identity.accounts.service.views import List, delete_view, list_views, save_view

SAYS: Final[Mapping[str, str]] = {
    "view_kept": N_("The view is saved with your account."),
    "view_forgotten": N_("The view is deleted."),
}
EXPLAINS: Final[Mapping[str, str]] = {
    "too_many_views": N_("You have twenty views of this list, the limit. Delete one that you no longer use."),
}


def register_views(
    area: Area,
    path: str,
    of: List,
    *,
    operation: str,
    again: Show,
    filters: Callable[[Page], Mapping[str, str]],
) -> None:
    """Register the two forms of a list's saved views, for templates/frame/views.html. `filters` selects what
    is saved."""

    def save(page: Page) -> Response:
        """Save the filters under a name."""
        chosen = filters(page)
        save_view(page.service, page.signed, of, page.typed.text("name"), chosen)
        return page.go(path, "view_kept", **chosen)

    def delete(page: Page) -> Response:
        """Delete a view."""
        delete_view(page.service, page.signed, of, page.typed.text("name"))
        return page.go(path, "view_forgotten")

    area.form(f"{path}/views", operation=operation, again=again)(save)
    area.form(f"{path}/views/forget", operation=operation, again=again)(delete)


def views(page: Page, of: List) -> list[dict[str, str]]:
    """Return the reader's views."""
    return list_views(page.service, page.signed, of)


def chosen_filters(page: Page, *names: str) -> dict[str, str]:
    """Return the values of these filters, from the URL or from a form that is shown again."""
    filters = {name: (page.typed.text(name) or page.query(name)).strip() for name in names}
    return {name: value for name, value in filters.items() if value}


def savable(chosen: Mapping[str, str]) -> dict[str, str]:
    """Return the filters that a view stores. A person is stored only by id, because names are encrypted or
    not stored."""
    return {name: value for name, value in chosen.items() if name != "person" or as_id(value)}


def days(page: Page, chosen: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """Return the filters `since` and `until` as two times in UTC. Both are dates (2026-01-31) in the
    reader's time zone; `until` is inclusive, so the second time is the end of that day, exclusive. Raises
    `BadInput`."""
    until = _midnight(page, chosen.get("until", ""))
    return _midnight(page, chosen.get("since", "")), until and until + timedelta(days=1)


def _midnight(page: Page, day: str) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), page.words.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{day[:40]!r} is no day.", next_step="Give it as 2026-01-31.") from None
