"""What had been removed is at many places again: a list with a file or a lookup a row."""

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
"""Rows that are looked up and told while the reader waits; the others stay in the list, for the next time."""
LONGEST: Final = 10_000
LARGEST: Final = 1 << 20
"""Rows and bytes of a list."""


@area.page("/takedown/{campaign_id}/found", operation="reopenNotice")
def ask(page: Page) -> Shown:
    """The list, and the files that it names. After an error, all that was typed is there."""
    return _shown(page, corrected(page))


@area.form(
    "/takedown/{campaign_id}/found", operation="reopenNotice", again=ask, most=4 << 20, files=proofs.FILES
)
def take(page: Page) -> Shown:
    """Reopen what rows prove. Those that are done leave the list; those that wait for workers, are refused,
    or have not had their turn, stay in it, with their lookups, to be corrected where they stand."""
    texts = list(_texts(page))
    rows: list[FoundRow | BadRow] = []
    for text in texts:
        for row in found_list.read(io.BytesIO(text.encode()), most=LONGEST):
            if isinstance(row, FoundRow | BadRow):
                rows.append(row)
            else:
                return _unread(page, row, text, alone=len(texts) == 1)
    if not rows:
        raise NoRows("There is no row in the list.")
    given, errors, left = _asked(page, rows)
    done, waiting = [], set()
    for item in reopen_notices(page.service, page.caller, page.uuid("campaign_id"), given):
        if item.notice is not None:
            done.append(item.notice)
        elif item.error is not None and (why := proofs.failed(page, item.row.lookup_id, item.error)):
            errors[item.row.line] = why
        else:
            waiting.add(item.row.line)
    lookups = {again.line: again.lookup_id for again in given}
    kept = [*sorted(left), *sorted({*errors, *waiting} - left)]  # so that these have their turn first
    written = [_written(rows[place], lookups.get(place)) for place in kept]
    faults = [
        (line, row, errors[place])
        for line, (place, row) in enumerate(zip(kept, written, strict=True), 2)
        if place in errors
    ]
    text = "\n".join([",".join(HEADER), *written]) if written else ""
    return _shown(page, text, done, faults, waits=len(waiting), left=len(left))


def _texts(page: Page) -> Iterator[str]:
    """The list that was typed, and the one that came as a file. Raises `TooLarge` (`too_many_rows`),
    `BadInput` (`not_text`)."""
    typed = corrected(page)
    files = page.files("file")
    if len(typed.encode()) > LARGEST or any(file.size > LARGEST for file in files):
        raise ListTooLarge(f"A list has at most {LARGEST} bytes here.")
    for text in (typed, *(found_list.text_of(file.open().read()) for file in files)):
        if text.strip():
            yield text


def _asked(
    page: Page, rows: Sequence[FoundRow | BadRow]
) -> tuple[list[FoundAgain], dict[int, FakeprintError], set[int]]:
    """The lookups of the first rows whose proofs are there, what was wrong with others, and which had no
    turn; `FoundAgain.line` and the others: places in `rows`."""
    known = proofs.Proofs(page)
    here: list[tuple[int, FoundRow]] = []
    lacking: list[tuple[int, FoundRow]] = []
    errors: dict[int, FakeprintError] = {}
    for place, row in enumerate(rows):
        if isinstance(row, BadRow):
            errors[place] = BadInput.of_code(row.code, row.message, next_step=row.next_step)
        else:
            (here if known.has(row.file, row.lookup) else lacking).append((place, row))
    given: list[FoundAgain] = []
    left = {place for place, _ in (*here[MOST:], *lacking[MOST:])}
    for place, row in (*here[:MOST], *lacking[:MOST]):
        if place in left:
            continue
        try:
            given.append(FoundAgain(place, row.url, known.of(row.file, lookup=row.lookup)))
        except FakeprintError as error:
            if error.status >= 500 and not isinstance(error, Unavailable):
                raise
            errors[place] = error
            if isinstance(error, TooMany | Unavailable):
                left |= {other for other, _ in here if other > place}
    return given, errors, left


def _written(row: FoundRow | BadRow, lookup_id: UUID | None) -> str:
    """A row as it stays in the list."""
    if isinstance(row, BadRow):
        return found_list.written(row.cells)
    return found_list.written([row.url, row.file, str(lookup_id or row.lookup)])


def _unread(page: Page, fault: Fault, text: str, *, alone: bool) -> Shown:
    """A list that cannot be read to its end: nothing of it is taken, and it stays as it is. Where it is the
    only one, the row can be corrected where it stands."""
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
    """`faults`: line and row of `text`, and what is wrong with it. `waits`, `left`: rows of `text`."""
    before = [item.partition(" ") for item in page.typed.all("done")[-MOST:]]
    opened = page.typed.text("opened")
    earlier = int(opened) if opened.isdecimal() and len(opened) < 7 else len(before)
    asked = proofs.rounds(page) + 1 if page.typed.given("round") and not done else 0
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
        round=asked,
        pause=0 if faults or left or not waits else proofs.pause(asked),
        most=MOST,
    )
