"""Proofs of what is at a place: files that rows name, each looked up once."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.actions.answer_sha256 import answer_sha256
from registry.actions.attach_matches import attach_matches
from registry.actions.keep_uploads import uploads
from registry.actions.show_lookup import show_lookup
from registry.domain.labels import file_label
from registry.errors import BadInput, FakeprintError
from registry.pages import documents
from registry.pages.areas.takedown.returns import lookup_of
from registry.pages.lookups import lookups
from registry.pages.view import Page, as_uuid

FILES: Final = 4
"""The files of a form together may be so many times the largest, as those of a registration."""
MOST: Final = 200
"""Proofs that wait with one form."""


class Proofs:
    """The files that came in the field `media`, by name."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._files = {one.filename: one for one in page.files("media")}
        self._known: dict[str, UUID] = {}

    def of(self, name: str, sha256: str = "", lookup: str = "") -> UUID:
        """The lookup of the file that a row names, where it came; else the one that the row names, else that
        of its digest. Raises `BadInput` (`missing_path`, `not_lookup`), and what a lookup raises."""
        name = file_label(name)
        if lookup and name not in self._files:
            return lookup_of(lookup)
        if not name:
            return UUID(answer_sha256(self._page.service, self._page.caller, sha256)["lookup_id"])
        if name not in self._known:
            self._known[name] = self._asked(name)
        return self._known[name]

    def _asked(self, name: str) -> UUID:
        page, file = self._page, self._files.get(name)
        if file is None:
            raise BadInput(f"The file {name[:100]!r} did not come.", code="missing_path")
        if documents.is_document(file):
            raw = documents.content(page, file)
            found = lookups(page).document(page.request, page.service, page.caller, raw)
            return as_uuid(str(found["lookup_id"]))
        with uploads(page.service, [file]) as (upload,):
            return lookups(page).file(page.service, page.caller, upload)


def failed(page: Page, lookup_id: UUID, error: FakeprintError) -> FakeprintError | None:
    """Why a lookup is no proof, where an action has refused it with `error`; None: a worker has yet to answer
    it."""
    if error.code != "not_answered" or not page.may("showLookup"):
        return error
    try:
        found = show_lookup(page.service, page.caller, lookup_id)
    except FakeprintError as why:
        return why
    return None if found.get("status") == "queued" else error


def attached(page: Page, campaign_id: UUID, report: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Put with their notices what was found of the files that rows name: of the rows that `report`
    (`add_notices`) has added, and of those that waited for workers (fields `proof`). Each: `line`,
    `notice_id`, and `verdict`, or `error`, or `proof`, which the form carries while it waits."""
    found: list[dict[str, Any]] = []
    for one in page.typed.all("proof")[:MOST]:
        line, _, ids = one.partition(" ")
        notice_id, _, lookup_id = ids.partition(" ")
        number = int(line[:9]) if line.isdecimal() else 0
        found.append(_attach(page, campaign_id, number, as_uuid(notice_id), as_uuid(lookup_id)))
    proofs = Proofs(page)
    named = [one for one in (report or {}).get("notices", ()) if one["file"] or one["sha256"]]
    for one in named if page.may("lookUp") else ():
        try:
            proof = proofs.of(one["file"], one["sha256"])
        except FakeprintError as error:
            if error.status >= 500:
                raise
            found.append(_told(one["line"], one["notice_id"], error=error))
            continue
        found.append(_attach(page, campaign_id, one["line"], UUID(one["notice_id"]), proof))
    return found


def _attach(page: Page, campaign_id: UUID, line: int, notice_id: UUID, lookup_id: UUID) -> dict[str, Any]:
    try:
        (made,) = attach_matches(page.service, page.caller, campaign_id, [(notice_id, lookup_id)])["matches"]
    except FakeprintError as error:
        if error.status >= 500 or error.code in {"unknown_campaign", "campaign_closed"}:
            raise
        why = failed(page, lookup_id, error)
        waits = None if why else f"{line} {notice_id} {lookup_id}"
        return _told(line, str(notice_id), error=why, proof=waits)
    return _told(line, str(notice_id), verdict=made["verdict"])


def _told(line: int, notice_id: str, **told: Any) -> dict[str, Any]:
    return {"line": line, "notice_id": notice_id, "verdict": None, "error": None, "proof": None} | told
