"""Pages that change an entry: its description, and its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.pages.entries import CHANNELS, area
from registry.catalogue.entries.pages.fields import ROLES, languages, lines, place, sources_of
from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.entries.service.details import erase_details
from registry.catalogue.entries.service.entries import change_entry, show_entry
from registry.catalogue.entries.service.media import add_asset
from registry.catalogue.errors import ForeignBank
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.core.errors import BadInput
from registry.core.errors.http import NoFile

FILES: Final = 4
"""Size limit of all files of a form, as a multiple of the largest file, as in `POST /v1/entries`."""


def _own(page: Page) -> Entry:
    """Return the entry, if it is of the reader's organization. Raises `NotFound`, `Forbidden`."""
    entry = show_entry(page.service, page.caller, page.uuid("entry_id"))
    if entry.review is None:
        raise ForeignBank
    return entry


@area.page("/entries/{entry_id}/edit", operation="changeEntry")
def editing(page: Page) -> Shown:
    """Show the form for title, claim, language, fact-checks, people, places and evidence."""
    entry = _own(page)
    return page.show(
        "entries/edit.html",
        entry=entry,
        tongues=languages(page, entry.language or ""),
        channels=CHANNELS,
        mark=_mark,
    )


@area.form("/entries/{entry_id}/edit", operation="changeEntry", again=editing)
def edit(page: Page) -> Response:
    """Change what differs. Nothing is written or recorded if nothing does."""
    entry = _own(page)
    changes = _changes(page, entry)
    if changes:
        change_entry(page.service, page.caller, UUID(entry.entry_id), changes)
    return page.go(f"/entries/{entry.entry_id}", "changed" if changes else "")


@area.form("/entries/{entry_id}/erase", operation="eraseDetails", again=editing)
def erase(page: Page) -> Response:
    """Destroy the key of people, places and evidence, if the reader has confirmed it."""
    if not page.typed.given("sure"):
        message = page.words.text(N_("Confirm that you want this."))
        raise BadInput(message, extra={"errors": [{"where": "sure", "message": message}]})
    entry_id = page.uuid("entry_id")
    erase_details(page.service, page.caller, entry_id)
    return page.go(f"/entries/{entry_id}", "details_erased")


def _changes(page: Page, entry: Entry) -> dict[str, Any]:
    """Return the fields that differ from the entry."""
    typed = page.typed
    channel = typed.text("channel")
    public = {"public": True} if typed.given("public") else {}
    texts = {
        "title": typed.text("title").strip(),
        "claim": " ".join(typed.text("claim").split()),
        "language": typed.text("language"),
        "evidence": typed.text("evidence").replace("\r\n", "\n").strip(),
    }
    now = {name: getattr(entry, name) or "" for name in texts}
    now["claim"] = " ".join(now["claim"].split())
    changes: dict[str, Any] = {name: text or None for name, text in texts.items() if text != now[name]}
    if "title" in changes:
        changes["title"] = texts["title"]  # an empty one is refused
    added: dict[str, list[dict[str, Any]]] = {
        "references": [{"url": line} for line in lines(typed.text("references"))],
        "depicted": [{"name": line} | public for line in lines(typed.text("depicted"))],
        "seen": [dict(place(line, channel)) for line in lines(typed.text("seen"))],
    }
    for name, new in added.items():
        items: Sequence[Mapping[str, Any]] = getattr(entry, name)
        stays = [item for item in items if _mark(item) not in typed.all("drop")]
        if new or len(stays) < len(items):
            changes[name] = [*stays, *new]
    return changes


def _mark(item: Mapping[str, Any]) -> str:
    """Return the mark of an item by its content, so that a form removes what its reader saw."""
    return hashlib.sha256(json.dumps(item, sort_keys=True).encode()).hexdigest()[:20]


@area.page("/entries/{entry_id}/add", operation="addAsset")
def adding(page: Page) -> Shown:
    """Show the form for more files."""
    return page.show(
        "entries/add.html",
        entry=_own(page),
        most=page.service.settings.max_upload_bytes,
        altogether=FILES * page.service.settings.max_upload_bytes,
    )


@area.form("/entries/{entry_id}/add", operation="addAsset", again=adding, files=FILES)
def add(page: Page) -> Response:
    """Add the files. Those that the entry already has change nothing."""
    entry_id = page.uuid("entry_id")
    if not any(page.files(role) for role in ROLES):
        raise NoFile("Choose a file.")
    with sources_of(page) as sources:
        created = [
            add_asset(page.service, page.caller, entry_id, source, role).created
            for role in ROLES
            for source in sources[role]
        ]
    return page.go(f"/entries/{entry_id}", "added" if any(created) else "added_before")
