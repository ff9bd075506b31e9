"""What had been removed is at many places again: a list with a file or a lookup a row."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.actions.reopen_notices import Again, reopen_notices
from registry.actions.show_campaign import show_campaign
from registry.domain import found_list
from registry.domain.found_list import FoundRow
from registry.domain.url_rows import Fault
from registry.errors import BadInput, FakeprintError
from registry.pages import problems
from registry.pages.areas.takedown import proofs
from registry.pages.areas.takedown.adding import BREAKS, corrected
from registry.pages.areas.takedown.frame import area
from registry.pages.view import Page, Shown, as_uuid

MOST: Final = 200
"""Rows of a list: each is looked up and told while the reader waits. More go by the command line."""
HEADER: Final = "url,file,lookup"


@area.page("/takedown/{campaign_id}/found", door="reopenNotice")
def ask(page: Page) -> Shown:
    """The list, and the files that it names."""
    return _shown(page, page.typed.text("list"))


@area.form("/takedown/{campaign_id}/found", door="reopenNotice", again=ask, most=4 << 20, files=proofs.FILES)
def take(page: Page) -> Shown:
    """Reopen what rows prove. Those that are done leave the list; those that wait for workers, or are
    refused, stay in it, with their lookups, to be corrected where they stand."""
    campaign_id, text = page.uuid("campaign_id"), corrected(page)
    files = [one.open().read() for one in page.files("file") if one.size <= 1 << 20]
    if files and not text.strip():
        text = files[0].decode("utf-8-sig", "replace").replace("\0", "")
    rows = list(found_list.read(io.BytesIO(text.encode()), most=MOST))
    if not rows:
        raise BadInput("There is no row in the list.", code="no_rows")
    known = proofs.Proofs(page)
    errors: dict[int, FakeprintError] = {}
    given: list[Again] = []
    for row in rows:
        if isinstance(row, Fault):
            errors[row.line] = BadInput(row.message, code=row.code, next_step=row.next_step)
            continue
        try:
            given.append(Again(row.line, row.url, known.of(row.file, lookup=row.lookup)))
        except FakeprintError as error:
            if error.status >= 500:
                raise
            errors[row.line] = error
    done, waiting = [], set()
    for one in reopen_notices(page.service, page.caller, campaign_id, given):
        if one.notice is not None:
            done.append(one.notice)
        elif one.error is not None and (why := proofs.failed(page, one.row.lookup_id, one.error)):
            errors[one.row.line] = why
        else:
            waiting.add(one.row.line)
    left = _left(text, rows, {one.line: one.lookup_id for one in given}, {*errors, *waiting})
    return _shown(page, "\n".join(row for _, row in left), done, left, errors, waits=len(waiting))


def _left(
    text: str, rows: Sequence[FoundRow | Fault], asked: dict[int, UUID], lines: set[int]
) -> list[tuple[int, str]]:
    """What stays of a list, with the line that each row had: those at `lines`. `asked`: their lookups."""
    raw = BREAKS.split(text)
    left = [(0, HEADER)]
    for row in rows:
        if row.line not in lines:
            continue
        if isinstance(row, Fault):
            left.append((row.line, raw[row.line - 1] if row.line <= len(raw) else row.given))
            continue
        written = io.StringIO()
        lookup = str(asked.get(row.line, row.lookup))
        csv.writer(written, lineterminator="").writerow([row.url, row.file, lookup])
        left.append((row.line, written.getvalue()))
    return left if len(left) > 1 else []


def _shown(
    page: Page,
    text: str,
    done: Sequence[dict[str, Any]] = (),
    left: Sequence[tuple[int, str]] = (),
    errors: dict[int, FakeprintError] | None = None,
    *,
    waits: int = 0,
) -> Shown:
    faults = [
        {"line": line, "row": row, "why": problems.explained(errors[was], page.words, area.explains)}
        for line, (was, row) in enumerate(left, 1)
        if errors and was in errors
    ]
    before = [one.partition(" ") for one in page.typed.all("done")[:MOST]]
    return page.show(
        "takedown/found.html",
        campaign=show_campaign(page.service, page.caller, page.uuid("campaign_id")),
        text=text,
        done=[{"notice_id": str(as_uuid(one)), "url": url} for one, _, url in before]
        + [{"notice_id": one["notice_id"], "url": one["url"]} for one in done],
        faults=faults,
        waits=waits,
        most=MOST,
    )
