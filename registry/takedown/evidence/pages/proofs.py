"""Proofs of the content at a place: files that rows name, each looked up once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.media.service.uploads import uploads
from registry.console import documents
from registry.console.view import Page, as_uuid
from registry.core.errors import FakeprintError, TooMany, Unavailable
from registry.core.labels import file_label
from registry.matching.lookups.pages.lookups import lookups
from registry.matching.lookups.service.records import get_lookup
from registry.takedown.evidence.errors import FileNotSent, RepeatedFile
from registry.takedown.notices.schemas.notices import AddedNotices
from registry.takedown.notices.service.creation import AddressRow
from registry.takedown.notices.service.notices import find_unchecked
from registry.takedown.notices.service.preparation import attach_matches
from registry.takedown.recurrences.pages.recurrences import lookup_of

FILES: Final = 4
"""Maximum size of all files of a form together, as a multiple of the largest file."""
MOST: Final = 100
"""Maximum number of proofs that one form looks up or waits for."""
FIRST_PAUSE: Final = 3.0
LONGEST_PAUSE: Final = 60.0
ROUNDS: Final = 20
"""Maximum number of reloads of a page by itself: over a quarter of an hour, with growing pauses."""
_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WAITING: Final = re.compile(rf"([0-9]{{1,9}}) ({_ID}) {_ID}")


class Proofs:
    """The files of the field `media`, by name. Each is looked up once."""

    def __init__(self, page: Page) -> None:
        self._page = page
        chosen = page.files("media")
        self._files = {file.filename: file for file in chosen}
        self._counts = Counter(file.filename for file in chosen)
        self._lookups: dict[str, UUID] = {}

    def has(self, name: str, otherwise: str = "") -> bool:
        """Return whether a row has a proof: a file that was sent, or a digest or lookup (`otherwise`)."""
        return bool(otherwise) or file_label(name) in self._files

    def of(self, name: str, sha256: str = "", lookup: str = "") -> UUID:
        """Return the lookup of the row's file if it was sent, else the named lookup, else that of the digest.

        Raises `BadInput` (`missing_path`, `repeated_file`, `not_lookup`), and the errors of a lookup.
        """
        page, name = self._page, file_label(name)
        if lookup and name not in self._files:
            return lookup_of(lookup)
        if sha256 and name not in self._files:
            answer = lookups(page).sha256(page.request, page.service, page.caller, sha256)
            return as_uuid(str(answer["lookup_id"]))
        if name not in self._lookups:
            self._lookups[name] = self._look_up(name)
        return self._lookups[name]

    def _look_up(self, name: str) -> UUID:
        page, file = self._page, self._files.get(name)
        if file is None:
            raise FileNotSent(f"The file {name[:100]!r} was not sent.")
        if self._counts[name] > 1:
            raise RepeatedFile(f"Several files are called {name[:100]!r}.")
        if documents.is_document(file):
            raw = documents.content(page, file)
            answer = lookups(page).document(page.request, page.service, page.caller, raw)
            return as_uuid(str(answer["lookup_id"]))
        with uploads(page.service, [file]) as (upload,):
            return lookups(page).file(page.service, page.caller, upload)


def failed(page: Page, lookup_id: UUID, error: FakeprintError) -> FakeprintError | None:
    """Return why a lookup, refused with `error`, is no proof. None: a worker has not answered it yet."""
    if error.code != "not_answered" or not page.may("showLookup"):
        return error
    try:
        answer = get_lookup(page.service, page.caller, lookup_id)
    except FakeprintError as problem:
        return problem
    return None if answer is None else error


@dataclass(frozen=True, slots=True)
class Proved:
    """The results of proofs.

    `results`: each with `line`, `notice_id`, and one of `verdict`, `error` and `proof` (a field of the form
    while a worker has not answered; at most `MOST`). `left`: number of rows that were postponed.
    """

    results: Sequence[dict[str, Any]] = ()
    left: int = 0


def attached(page: Page, campaign_id: UUID, rows: Sequence[AddressRow], report: AddedNotices) -> Proved:
    """Attach lookups of the files that rows name to their notices.

    Covers notices that `report` (`add_notices`) added, notices that existed without a proof, and those that
    waited for workers (fields `proof`).
    """
    results = followed(page, campaign_id)
    waits = {UUID(row["notice_id"]) for row in results if row["proof"]}
    proofs = Proofs(page)
    rows_ = _named(page, campaign_id, rows, report, waits) if page.may("lookUp") else _Named()
    ready = [candidate for candidate in rows_.added if proofs.has(candidate.file, candidate.sha256)]
    ready += [candidate for candidate in rows_.again if proofs.has(candidate.file, candidate.sha256)]
    missing = [candidate for candidate in rows_.added if not proofs.has(candidate.file, candidate.sha256)]
    postponed, room = max(len(missing) - MOST, 0), MOST - len(waits)
    for number, row in enumerate(ready[:room], 1):
        results.append(_proved(page, campaign_id, proofs, row))
        if isinstance(results[-1]["error"], TooMany | Unavailable):
            room = number
            break
    results += [_proved(page, campaign_id, proofs, candidate) for candidate in missing[:MOST]]
    return Proved(results, postponed + max(len(ready) - room, 0))


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that names its proof, and the notice that it became."""

    line: int
    notice_id: UUID
    file: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Named:
    """Rows whose proofs may be looked up, once per notice. `again`: rows of notices that existed already."""

    added: Sequence[_Row] = ()
    again: Sequence[_Row] = ()


def _named(
    page: Page, campaign_id: UUID, rows: Sequence[AddressRow], report: AddedNotices, waits: AbstractSet[UUID]
) -> _Named:
    """Return the rows that name a proof.

    Of notices that existed already, only those that no lookup has checked and that do not wait (`waits`).
    """
    added = [
        _Row(notice.line, UUID(notice.notice_id), notice.file, notice.sha256)
        for notice in report.notices
        if notice.file or notice.sha256
    ]
    lines = Counter(row.line for row in rows)  # of a workbook's sheets, several may have it
    by_line = {row.line: row for row in rows if lines[row.line] == 1 and (row.file or row.sha256)}
    covered = waits | {notice.notice_id for notice in added}
    repeats: dict[UUID, _Row] = {}
    for repeat in report.repeats:
        row = by_line.get(repeat.line)
        if row and (notice_id := UUID(repeat.notice_id)) not in covered:
            repeats.setdefault(notice_id, _Row(row.line, notice_id, row.file, row.sha256))
    fresh = find_unchecked(page.service, page.caller, campaign_id, list(repeats)) if repeats else set()
    return _Named(added, [repeat for repeat in repeats.values() if repeat.notice_id in fresh])


def _proved(page: Page, campaign_id: UUID, proofs: Proofs, row: _Row) -> dict[str, Any]:
    try:
        lookup_id = proofs.of(row.file, row.sha256)
    except FakeprintError as error:
        if error.status >= 500 and not isinstance(error, Unavailable):
            raise
        return _result(row.line, str(row.notice_id), error=error)
    return _attach(page, campaign_id, row.line, row.notice_id, lookup_id)


def followed(page: Page, campaign_id: UUID) -> list[dict[str, Any]]:
    """Attach the lookups of the fields `proof` that workers have answered. Returns `Proved.results`."""
    results: list[dict[str, Any]] = []
    for field in page.typed.all("proof")[:MOST]:
        line, _, ids = field.partition(" ")
        notice_id, _, lookup_id = ids.partition(" ")
        number = int(line[:9]) if line.isdecimal() else 0
        results.append(_attach(page, campaign_id, number, as_uuid(notice_id), as_uuid(lookup_id)))
    return results


def waiting(page: Page) -> list[dict[str, Any]]:
    """Return the fields `proof` unchanged, for a form that is shown again, as `Proved.results`."""
    matches = (_WAITING.fullmatch(field) for field in page.typed.all("proof")[:MOST])
    return [_result(int(row[1]), row[2], proof=row[0]) for row in matches if row]


def rounds(page: Page) -> int:
    """Return how often the page has reloaded by itself (field `round`)."""
    text = page.typed.text("round")
    return min(int(text), ROUNDS) if text.isdecimal() and len(text) < 4 else 0


def pause(rounds_: int) -> float:
    """Return the seconds until the next reload of a page that has reloaded so often; 0: no further reload."""
    return round(min(FIRST_PAUSE * 1.5**rounds_, LONGEST_PAUSE), 1) if rounds_ < ROUNDS else 0.0


def _attach(page: Page, campaign_id: UUID, line: int, notice_id: UUID, lookup_id: UUID) -> dict[str, Any]:
    try:
        (match,) = attach_matches(page.service, page.caller, campaign_id, [(notice_id, lookup_id)]).matches
    except FakeprintError as error:
        if error.status >= 500 or error.code in {"unknown_campaign", "campaign_closed"}:
            raise
        problem = failed(page, lookup_id, error)
        waits = None if problem else f"{line} {notice_id} {lookup_id}"
        return _result(line, str(notice_id), error=problem, proof=waits)
    return _result(line, str(notice_id), verdict=match.verdict)


def _result(line: int, notice_id: str, **fields: Any) -> dict[str, Any]:
    return {"line": line, "notice_id": notice_id, "verdict": None, "error": None, "proof": None} | fields
