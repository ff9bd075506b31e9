"""Addresses of a campaign, added by the list, with the files that were found there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from starlette.responses import Response

from registry.console import problems
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import TooLarge
from registry.takedown.campaigns.pages.campaigns import regimes_of
from registry.takedown.campaigns.pages.frame import area
from registry.takedown.campaigns.service.campaigns import show_campaign
from registry.takedown.evidence.pages import proofs
from registry.takedown.evidence.pages.proofs import Proved
from registry.takedown.notices.schemas.notices import AddedNotices
from registry.takedown.notices.service.creation import add_notices, read_addresses
from registry.takedown.notices.service.preparation import confirm_addresses
from registry.takedown.url_lists.model.url_list import looked_at

FAULTS: Final = 100
"""Refused rows that can be corrected in one page."""
BREAKS: Final = re.compile(r"\r\n|\r|\n")


@area.page("/takedown/{campaign_id}/add", operation="addNotices")
def add(page: Page) -> Shown:
    """Paste addresses, or upload a list of them. After an error, all that was typed is there."""
    return _adding(page, None, corrected(page), Proved(proofs.waiting(page)))


def _adding(
    page: Page, report: AddedNotices | None, text: str, proved: Proved, *, editable: bool = True
) -> Shown:
    found = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    lines = BREAKS.split(text)
    faults: list[dict[str, Any]] = []
    for fault in report.faults if report else ():
        here = editable and not fault.sheet and 0 < fault.line <= len(lines)
        row = lines[fault.line - 1] if here else None
        if not (here and faults and faults[-1]["row"] == row == fault.given):
            faults.append({**dict(fault), "row": row})
    return page.show(
        "takedown/notices/add.html",
        campaign=found,
        regimes=regimes_of(page, found),
        report=report,
        faults=faults[:FAULTS],
        more=max(len(faults) - FAULTS, 0),
        unread_shown=FAULTS,
        text=text,
        editable=editable,
        marked=_marked(report, lines if editable else []),
        looked=False,
        left=proved.left,
        **_proofs(page, proved.told),
    )


def _proofs(page: Page, told: Sequence[dict[str, Any]], asked: int = 0) -> dict[str, Any]:
    """What the part of a page shows that follows by itself. `asked`: how often it has."""
    return {
        "proofs": told,
        "round": asked,
        "pause": proofs.pause(asked),
        "longest": proofs.LONGEST_PAUSE,
        "explained": lambda error: problems.explained(error, page.words, area.explains),
    }


def _marked(report: AddedNotices | None, lines: list[str]) -> list[dict[str, Any]]:
    """What was taken, and whose address a person has to look at, with its row where that is known."""
    return [
        {**dict(remark), "row": lines[remark.line - 1] if 0 < remark.line <= len(lines) else None}
        for remark in (report.remarks if report else ())
        if looked_at(remark.codes)
    ][:FAULTS]


@area.form("/takedown/{campaign_id}/add", operation="addNotices", again=add, most=4 << 20, files=proofs.FILES)
def take(page: Page) -> Shown:
    """What became of each row. Rows that were refused come back to be corrected where they stand; what was
    taken is given again with them and changes nothing."""
    return _taken(page)


def _taken(page: Page) -> Shown:
    campaign_id = page.uuid("campaign_id")
    text = corrected(page)
    raw, editable = text.encode(), True
    for file in page.files("file"):
        most = page.service.settings.max_document_bytes
        if file.size > most:
            raise TooLarge(f"A list of addresses has at most {most} bytes.")
        raw = file.open().read()
        typed, (text, editable) = text, _as_text(raw)
        if typed.strip() and typed.splitlines() != text.splitlines():
            text, editable = typed, False  # what was typed is not the file's, and stays
    entry = page.typed.text("entry")
    rows = read_addresses(
        raw,
        "auto",
        zone=page.words.zone.key,
        entry_id=as_uuid(entry) if entry else None,
        regime=page.typed.text("regime") or None,
    )
    report = add_notices(page.service, page.caller, campaign_id, rows)
    proved = proofs.attached(page, campaign_id, rows, report)
    return _adding(page, report, text, proved, editable=editable)


def _stopped(page: Page) -> Shown:
    """The part of the page that waits, as it was; after an error, it does not ask by itself."""
    context = _proofs(page, proofs.waiting(page), proofs.rounds(page)) | {"pause": 0}
    return page.show(
        "takedown/notices/proofs_part.html", campaign={"campaign_id": page.path("campaign_id")}, **context
    )


@area.form(
    "/takedown/{campaign_id}/add/media",
    operation="attachMatches",
    again=add,
    part=_stopped,
    most=4 << 20,
    files=proofs.FILES,
)
def follow(page: Page) -> Shown:
    """What workers have found meanwhile in the files that rows name: nothing is added. For htmx, the part of
    the page that waits; else a page of its own, beside that of the list."""
    campaign_id = page.uuid("campaign_id")
    context = _proofs(page, proofs.followed(page, campaign_id), proofs.rounds(page) + 1)
    context["campaign"] = show_campaign(page.service, page.caller, campaign_id)
    return page.show(f"takedown/notices/{'proofs_part' if page.fragment else 'following'}.html", **context)


@area.form(
    "/takedown/{campaign_id}/add/looked", operation="confirmAddresses", again=add, most=4 << 20, files=1
)
def looked(page: Page) -> Shown | Response:
    """The addresses that were chosen are right. The list is given again, so that nothing that was corrected
    meanwhile is lost: what is in stays as it is."""
    confirm_addresses(
        page.service,
        page.caller,
        page.uuid("campaign_id"),
        [as_uuid(item) for item in page.typed.all("notice")],
    )
    if page.typed.given("list") or page.files("file"):
        shown = _taken(page)
    elif told := proofs.followed(page, page.uuid("campaign_id")):
        shown = _adding(page, None, "", Proved(told))
    else:
        return page.go(f"/takedown/{page.uuid('campaign_id')}/notices", "notices_confirmed")
    return replace(shown, context={**shown.context, "looked": True})


def corrected(page: Page) -> str:
    """The list with each row that was corrected in its place; where that has changed too, at the end."""
    lines = BREAKS.split(page.typed.text("list"))
    for name, value in page.typed.pairs:
        number = name.removeprefix("row-")
        if name == number or not (number.isascii() and number.isdigit()):
            continue
        was, row, at = page.typed.text(f"was-{number}"), BREAKS.sub(" ", value), int(number[:9]) - 1
        if 0 <= at < len(lines) and lines[at] == was:
            lines[at] = row
        elif row != was:
            lines.append(row)
    return "\n".join(lines)


def _as_text(raw: bytes) -> tuple[str, bool]:
    """A list as text that can be corrected in a page; a workbook, or what is too long, cannot."""
    try:
        text = raw.decode("utf-8-sig")
    except ValueError:
        return "", False
    return (text, True) if len(raw) < 2 << 20 and "\0" not in text else ("", False)
