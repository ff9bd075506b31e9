"""The entry picker: an entry is found by words of its title or claim and chosen by picture, title and state.

Templates use `entries/picker.html`. Without a script it is a search form. With one it searches while the
reader types.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Final
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
    """Return the entry that a form has chosen, if the reader may see it, for a form that is shown again."""
    if not page.typed.given(name):
        return []
    try:
        return [show_entry(page.service, page.caller, as_uuid(page.typed.text(name)))]
    except NotFound:
        return []


@area.page("/entries/pick", operation="listEntries")
def picks(page: Page) -> Shown | Response:
    """Show what was found while the reader types."""
    if not page.fragment:
        return page.go("/entries")
    sought = page.query("sought")
    found = find(page, sought, but=page.request.query_params.getlist("but"))
    return page.show("entries/picks_part.html", name=page.query("name", "entry"), found=found, sought=sought)
