"""The page that takes a list of recurrences: one place a row, with a file or a lookup as its proof."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final
from uuid import UUID

from registry.console import problems
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput, FakeprintError, TooMany, Unavailable
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.errors import NoRows
from registry.takedown.evidence.pages import proofs
from registry.takedown.notices.pages.adding import BREAKS, corrected
from registry.takedown.notices.schemas.notices import NoticeWithHistory
from registry.takedown.recurrences.errors import ListTooLarge
from registry.takedown.recurrences.service.recurrences import FoundAgain, reopen_notices
from registry.takedown.url_lists.model import found_list
from registry.takedown.url_lists.model.found_list import HEADER, BadRow, FoundRow
from registry.takedown.url_lists.model.url_rows import Fault

MOST: Final = 200
"""Maximum number of rows handled in one request. The others stay in the list for the next one."""
LONGEST: Final = 10_000
LARGEST: Final = 1 << 20
"""Maximum number of rows and of bytes of a list."""


@area.page("/takedown/{campaign_id}/found", operation="reopenNotice")
def form(page: Page) -> Shown:
    """Show the form for the list and its files. After an error, it contains what was typed."""
    return _shown(page, corrected(page))


@area.form(
    "/takedown/{campaign_id}/found", operation="reopenNotice", again=form, most=4 << 20, files=proofs.FILES
)
def report(page: Page) -> Shown:
    """Reopen the notices that rows prove.

    Handled rows leave the list. Rows that wait for workers, are refused or are postponed stay in it, with
    their lookups.
    """
    texts = list(_texts(page))
    rows: list[FoundRow | BadRow] = []
    for text in texts:
        for row in found_list.read(io.BytesIO(text.encode()), most=LONGEST):
            if isinstance(row, FoundRow | BadRow):
                rows.append(row)
            else:
                return _unread(page, row, text, alone=len(texts) == 1)
    if not rows:
        raise NoRows("The list has no rows.")
    proved, errors, postponed = _proofs(page, rows)
    done, waiting = [], set()
    for result in reopen_notices(page.service, page.caller, page.uuid("campaign_id"), proved):
        if result.notice is not None:
            done.append(result.notice)
        elif result.error is not None and (
            problem := proofs.failed(page, result.row.lookup_id, result.error)
        ):
            errors[result.row.line] = problem
        else:
            waiting.add(result.row.line)
    lookups = {again.line: again.lookup_id for again in proved}
    places = [
        *sorted(postponed),
        *sorted({*errors, *waiting} - postponed),
    ]  # postponed rows are handled first
    lines = [_written(rows[place], lookups.get(place)) for place in places]
    faults = [
        (line, row, errors[place])
        for line, (place, row) in enumerate(zip(places, lines, strict=True), 2)
        if place in errors
    ]
    text = "\n".join([",".join(HEADER), *lines]) if lines else ""
    return _shown(page, text, done, faults, waits=len(waiting), left=len(postponed))


def _texts(page: Page) -> Iterator[str]:
    """Yield the typed list and the uploaded one. Raises `TooLarge` (`too_many_rows`), `BadInput`
    (`not_text`)."""
    typed = corrected(page)
    files = page.files("file")
    if len(typed.encode()) > LARGEST or any(file.size > LARGEST for file in files):
        raise ListTooLarge(f"A list has at most {LARGEST} bytes here.")
    for text in (typed, *(found_list.text_of(file.open().read()) for file in files)):
        if text.strip():
            yield text


def _proofs(
    page: Page, rows: Sequence[FoundRow | BadRow]
) -> tuple[list[FoundAgain], dict[int, FakeprintError], set[int]]:
    """Return the lookups of the first rows with a proof, the errors of others, and the postponed rows.

    Rows are named by their place in `rows`, also in `FoundAgain.line`.
    """
    available = proofs.Proofs(page)
    ready: list[tuple[int, FoundRow]] = []
    missing: list[tuple[int, FoundRow]] = []
    errors: dict[int, FakeprintError] = {}
    for place, row in enumerate(rows):
        if isinstance(row, BadRow):
            errors[place] = BadInput.of_code(row.code, row.message, next_step=row.next_step)
        else:
            (ready if available.has(row.file, row.lookup) else missing).append((place, row))
    proved: list[FoundAgain] = []
    postponed = {place for place, _ in (*ready[MOST:], *missing[MOST:])}
    for place, row in (*ready[:MOST], *missing[:MOST]):
        if place in postponed:
            continue
        try:
            proved.append(FoundAgain(place, row.url, available.of(row.file, lookup=row.lookup)))
        except FakeprintError as error:
            if error.status >= 500 and not isinstance(error, Unavailable):
                raise
            errors[place] = error
            if isinstance(error, TooMany | Unavailable):
                postponed |= {other for other, _ in ready if other > place}
    return proved, errors, postponed


def _written(row: FoundRow | BadRow, lookup_id: UUID | None) -> str:
    """Return a row as it stays in the list."""
    if isinstance(row, BadRow):
        return found_list.written(row.cells)
    return found_list.written([row.url, row.file, str(lookup_id or row.lookup)])


def _unread(page: Page, fault: Fault, text: str, *, alone: bool) -> Shown:
    """Show a list that cannot be read to its end: none of its rows is handled.

    `alone`: it is the only list, so its bad row can be corrected in the form. Otherwise raises the fault.
    """
    error = BadInput.of_code(fault.code, fault.message, next_step=fault.next_step)
    lines = BREAKS.split(text)
    if not alone or fault.code == "too_many_rows" or not 0 < fault.line <= len(lines):
        raise error
    return replace(_shown(page, text, (), [(fault.line, lines[fault.line - 1], error)]), status=error.status)


def _shown(
    page: Page,
    text: str,
    done: Sequence[NoticeWithHistory] = (),
    faults: Sequence[tuple[int, str, FakeprintError]] = (),
    *,
    waits: int = 0,
    left: int = 0,
) -> Shown:
    """Show the form and the results.

    `faults`: line, row and error of rows of `text`. `waits`, `left`: numbers of waiting and postponed rows.
    """
    before = [entry.partition(" ") for entry in page.typed.all("done")[-MOST:]]
    opened = page.typed.text("opened")
    earlier = int(opened) if opened.isdecimal() and len(opened) < 7 else len(before)
    round_ = proofs.rounds(page) + 1 if page.typed.given("round") and not done else 0
    return page.show(
        "takedown/recurrences/found.html",
        campaign=show_campaign(page.service, page.caller, page.uuid("campaign_id")),
        text=text,
        done=[{"notice_id": str(as_uuid(notice_id)), "url": url} for notice_id, _, url in before]
        + [{"notice_id": notice.notice_id, "url": notice.url} for notice in done],
        opened=earlier + len(done),
        refused=len(faults),
        faults=[
            {"line": line, "row": row, "why": problems.explained(error, page.words, area.explains)}
            for line, row, error in faults[:MOST]
        ],
        waits=waits,
        left=left,
        round=round_,
        pause=0 if faults or left or not waits else proofs.pause(round_),
        most=MOST,
    )
