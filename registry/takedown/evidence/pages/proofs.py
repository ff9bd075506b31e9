"""Proofs of what is at a place: files that rows name, each looked up once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.media.service import uploads
from registry.console import documents
from registry.console.view import Page, as_uuid
from registry.core.errors import FakeprintError, TooMany, Unavailable
from registry.core.labels import file_label
from registry.matching.lookups.pages.lookups import lookups
from registry.matching.lookups.service.records import show_lookup
from registry.takedown.evidence.errors import FileNotSent, RepeatedFile
from registry.takedown.notices.schemas.notices import AddedNotices
from registry.takedown.notices.service.creation import AddressRow
from registry.takedown.notices.service.notices import find_unchecked
from registry.takedown.notices.service.preparation import attach_matches
from registry.takedown.recurrences.pages.recurrences import lookup_of

FILES: Final = 4
"""The files of a form together may be so many times the largest, as those of a registration."""
MOST: Final = 100
"""Proofs that one form asks for, or waits for."""
FIRST_PAUSE: Final = 3.0
LONGEST_PAUSE: Final = 60.0
ROUNDS: Final = 20
"""How often a page asks by itself what workers have found: for a quarter of an hour, seldom at the end."""
_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WAITING: Final = re.compile(rf"([0-9]{{1,9}}) ({_ID}) {_ID}")


class Proofs:
    """The files that came in the field `media`, by name."""

    def __init__(self, page: Page) -> None:
        self._page = page
        chosen = page.files("media")
        self._files = {file.filename: file for file in chosen}
        self._counts = Counter(file.filename for file in chosen)
        self._known: dict[str, UUID] = {}

    def has(self, name: str, otherwise: str = "") -> bool:
        """Whether there is what to ask for: the file that a row names, or what it names `otherwise`, a digest
        or a lookup."""
        return bool(otherwise) or file_label(name) in self._files

    def of(self, name: str, sha256: str = "", lookup: str = "") -> UUID:
        """The lookup of the file that a row names, where it came; else the one that the row names, else that
        of its digest. Raises `BadInput` (`missing_path`, `repeated_file`, `not_lookup`), and what a lookup
        raises."""
        page, name = self._page, file_label(name)
        if lookup and name not in self._files:
            return lookup_of(lookup)
        if sha256 and name not in self._files:
            found = lookups(page).sha256(page.request, page.service, page.caller, sha256)
            return as_uuid(str(found["lookup_id"]))
        if name not in self._known:
            self._known[name] = self._asked(name)
        return self._known[name]

    def _asked(self, name: str) -> UUID:
        page, file = self._page, self._files.get(name)
        if file is None:
            raise FileNotSent(f"The file {name[:100]!r} did not come.")
        if self._counts[name] > 1:
            raise RepeatedFile(f"Several files are called {name[:100]!r}.")
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
    return None if found is None else error


@dataclass(frozen=True, slots=True)
class Proved:
    """`told`, each: `line`, `notice_id`, and `verdict`, or `error`, or `proof`, which the form carries while
    it waits; of these, `MOST` at most. `left`: rows whose proofs were not asked for this time."""

    told: Sequence[dict[str, Any]] = ()
    left: int = 0


def attached(page: Page, campaign_id: UUID, rows: Sequence[AddressRow], report: AddedNotices) -> Proved:
    """Attach lookups of the files that rows name to their notices.

    Covers notices that `report` (`add_notices`) added, notices that existed and get their proof only now, and
    those that waited for workers (fields `proof`)."""
    told = followed(page, campaign_id)
    waits = {UUID(row["notice_id"]) for row in told if row["proof"]}
    proofs = Proofs(page)
    named = _named(page, campaign_id, rows, report, waits) if page.may("lookUp") else _Named()
    here = [item for item in named.added if proofs.has(item.file, item.sha256)]
    here += [item for item in named.again if proofs.has(item.file, item.sha256)]
    lacking = [item for item in named.added if not proofs.has(item.file, item.sha256)]
    left, room = max(len(lacking) - MOST, 0), MOST - len(waits)
    for number, row in enumerate(here[:room], 1):
        told.append(_proved(page, campaign_id, proofs, row))
        if isinstance(told[-1]["error"], TooMany | Unavailable):
            room = number
            break
    told += [_proved(page, campaign_id, proofs, item) for item in lacking[:MOST]]
    return Proved(told, left + max(len(here) - room, 0))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that names its proof, and the notice that it became."""

    line: int
    notice_id: UUID
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Named:
    """Rows whose proofs may be asked for, a notice once. `again`: of notices that were there already."""

    added: Sequence[_Row] = ()
    again: Sequence[_Row] = ()


def _named(
    page: Page, campaign_id: UUID, rows: Sequence[AddressRow], report: AddedNotices, waits: AbstractSet[UUID]
) -> _Named:
    """Of what is given again, only that of which no lookup has said anything, nor is about to (`waits`): what
    was proved stays so."""
    added = [
        _Row(notice.line, UUID(notice.notice_id), notice.file, notice.sha256)
        for notice in report.notices
        if notice.file or notice.sha256
    ]
    lines = Counter(row.line for row in rows)  # of a workbook's sheets, several may have it
    by_line = {row.line: row for row in rows if lines[row.line] == 1 and (row.file or row.sha256)}
    known = waits | {notice.notice_id for notice in added}
    repeats: dict[UUID, _Row] = {}
    for repeat in report.repeats:
        row = by_line.get(repeat.line)
        if row and (notice_id := UUID(repeat.notice_id)) not in known:
            repeats.setdefault(notice_id, _Row(row.line, notice_id, row.file, row.sha256))
    fresh = find_unchecked(page.service, page.caller, campaign_id, list(repeats)) if repeats else set()
    return _Named(added, [repeat for repeat in repeats.values() if repeat.notice_id in fresh])


def _proved(page: Page, campaign_id: UUID, proofs: Proofs, row: _Row) -> dict[str, Any]:
    try:
        lookup_id = proofs.of(row.file, row.sha256)
    except FakeprintError as error:
        if error.status >= 500 and not isinstance(error, Unavailable):
            raise
        return _told(row.line, str(row.notice_id), error=error)
    return _attach(page, campaign_id, row.line, row.notice_id, lookup_id)


def followed(page: Page, campaign_id: UUID) -> list[dict[str, Any]]:
    """What workers have found meanwhile, put with its notices: of the fields `proof`. As `Proved.told`."""
    found: list[dict[str, Any]] = []
    for item in page.typed.all("proof")[:MOST]:
        line, _, ids = item.partition(" ")
        notice_id, _, lookup_id = ids.partition(" ")
        number = int(line[:9]) if line.isdecimal() else 0
        found.append(_attach(page, campaign_id, number, as_uuid(notice_id), as_uuid(lookup_id)))
    return found


def waiting(page: Page) -> list[dict[str, Any]]:
    """The fields `proof` as they came, where a form is shown again. As `Proved.told`."""
    found = (_WAITING.fullmatch(item) for item in page.typed.all("proof")[:MOST])
    return [_told(int(row[1]), row[2], proof=row[0]) for row in found if row]


def rounds(page: Page) -> int:
    """How often the page has asked by itself (field `round`)."""
    asked = page.typed.text("round")
    return min(int(asked), ROUNDS) if asked.isdecimal() and len(asked) < 4 else 0


def pause(asked: int) -> float:
    """Seconds until a page that has asked so often asks again by itself; 0: it does so no more."""
    return round(min(FIRST_PAUSE * 1.5**asked, LONGEST_PAUSE), 1) if asked < ROUNDS else 0.0


def _attach(page: Page, campaign_id: UUID, line: int, notice_id: UUID, lookup_id: UUID) -> dict[str, Any]:
    try:
        (made,) = attach_matches(page.service, page.caller, campaign_id, [(notice_id, lookup_id)]).matches
    except FakeprintError as error:
        if error.status >= 500 or error.code in {"unknown_campaign", "campaign_closed"}:
            raise
        why = failed(page, lookup_id, error)
        waits = None if why else f"{line} {notice_id} {lookup_id}"
        return _told(line, str(notice_id), error=why, proof=waits)
    return _told(line, str(notice_id), verdict=made.verdict)


def _told(line: int, notice_id: str, **told: Any) -> dict[str, Any]:
    return {"line": line, "notice_id": notice_id, "verdict": None, "error": None, "proof": None} | told
