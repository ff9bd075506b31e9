"""The entry picker: an entry is found by words of its title or claim and chosen by picture, title and state.

Templates use `entries/picker.html`. Without a script it is a search form. With one it searches while the
reader types.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.pages.entries import area
from registry.catalogue.entries.schemas.registration import EntrySummary
from registry.catalogue.entries.service.entries import EntryFilter, list_entries, show_entry
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import NotFound

MOST: Final = 12
"""Most entries offered at once."""
MOST_CHOSEN: Final = 50
"""Most entries that a form can choose."""
_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def find(page: Page, sought: str, *, but: Collection[str] = ()) -> list[EntrySummary]:
    """Return entries that can be chosen, newest first. `sought`: words of title or claim, or the address of
    an entry's page. `but`: ids that are not offered."""
    if not sought.strip():
        return []
    found: list[EntrySummary] = []
    if address := _ID.search(sought):
        try:
            found = [show_entry(page.service, page.caller, UUID(address[0]))]
        except UnknownEntry:
            return []
    elif page.may("listEntries"):
        found = list_entries(page.service, page.caller, EntryFilter(text=sought), limit=MOST).entries
    return [entry for entry in found if entry.entry_id not in but and entry.status != "withdrawn"]


def chosen(page: Page, name: str) -> list[EntrySummary]:
    """Return the entries that a form has chosen, of those that the reader may see, for a form that is shown
    again."""
    return _entries(page, page.typed.all(name))


def _entries(page: Page, texts: Sequence[str]) -> list[EntrySummary]:
    entries: list[EntrySummary] = []
    for text in [text for text in dict.fromkeys(texts) if text][:MOST_CHOSEN]:
        with suppress(NotFound):
            entries.append(show_entry(page.service, page.caller, as_uuid(text)))
    return entries


def offered(page: Page, name: str, *, but: Collection[str] = ()) -> dict[str, Any]:
    """Return what the macros of `entries/picker.html` show in a form: the entries that it has chosen in the
    field `name`, and those that were searched for."""
    picked = [entry for entry in chosen(page, name) if entry.entry_id not in but]
    ids = [entry.entry_id for entry in picked]
    sought = page.typed.text("sought")
    return {"found": [*picked, *find(page, sought, but=[*but, *ids])], "sought": sought, "picked": ids}


@area.page("/entries/pick", operation="listEntries")
def picks(page: Page) -> Shown | Response:
    """Show what was found while the reader types. What is chosen already stays."""
    if not page.fragment:
        return page.go("/entries")
    query, sought, name = page.request.query_params, page.query("sought"), page.query("name", "entry")
    picked = _entries(page, query.getlist(name))
    ids = [entry.entry_id for entry in picked]
    return page.show(
        "entries/picks_part.html",
        name=name,
        kind="checkbox" if page.query("kind") == "checkbox" else "radio",
        found=[*picked, *find(page, sought, but=[*query.getlist("but"), *ids])],
        picked=ids,
        sought=sought,
    )
