"""Filters of a list: days where the reader is, and views that somebody keeps of the list under a name."""

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
from registry.identity.accounts.service.views import List, forget_view, keep_view, list_views

SAYS: Final[Mapping[str, str]] = {
    "view_kept": N_("The view is kept with your account."),
    "view_forgotten": N_("The view is gone."),
}
EXPLAINS: Final[Mapping[str, str]] = {
    "too_many_views": N_("You keep twenty views of this list. Forget one that you no longer use."),
}


def keep_views(
    area: Area, path: str, of: List, *, door: str, again: Show, filters: Callable[[Page], Mapping[str, str]]
) -> None:
    """Declare the two forms of the views of a list, for templates/frame/views.html. `filters`: what of the
    form is kept."""

    def keep(page: Page) -> Response:
        """Keep the filters under a name."""
        chosen = filters(page)
        keep_view(page.service, page.signed, of, page.typed.text("name"), chosen)
        return page.go(path, "view_kept", **chosen)

    def forget(page: Page) -> Response:
        """A view less."""
        forget_view(page.service, page.signed, of, page.typed.text("name"))
        return page.go(path, "view_forgotten")

    area.form(f"{path}/views", door=door, again=again)(keep)
    area.form(f"{path}/views/forget", door=door, again=again)(forget)


def views(page: Page, of: List) -> list[dict[str, str]]:
    """Those that the reader keeps."""
    return list_views(page.service, page.signed, of)


def asked(page: Page, *names: str) -> dict[str, str]:
    """What was asked for, of these filters: by the address, or by a form that is shown again."""
    found = {name: (page.typed.text(name) or page.query(name)).strip() for name in names}
    return {name: value for name, value in found.items() if value}


def keepable(chosen: Mapping[str, str]) -> dict[str, str]:
    """What of filters a view keeps: a person by id alone, since names are kept sealed or not at all."""
    return {name: value for name, value in chosen.items() if name != "person" or as_id(value)}


def days(page: Page, chosen: Mapping[str, str]) -> tuple[datetime | None, datetime | None]:
    """The filters `since` and `until`, days (2026-01-31) where the reader is, the second with its end: as two
    moments, of which the second is without. Raises `BadInput`."""
    until = _midnight(page, chosen.get("until", ""))
    return _midnight(page, chosen.get("since", "")), until and until + timedelta(days=1)


def _midnight(page: Page, day: str) -> datetime | None:
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time(), page.words.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadInput(f"{day[:40]!r} is no day.", next_step="Give it as 2026-01-31.") from None
