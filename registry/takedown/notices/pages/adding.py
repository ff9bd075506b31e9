"""Pages that add lists of addresses to a campaign, with the files found there."""

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
"""Maximum number of refused rows shown for correction."""
BREAKS: Final = re.compile(r"\r\n|\r|\n")


@area.page("/takedown/{campaign_id}/add", operation="addNotices")
def add(page: Page) -> Shown:
    """Show the form for addresses. After an error, it contains what was typed."""
    return _adding(page, None, corrected(page), Proved(proofs.waiting(page)))


def _adding(
    page: Page, report: AddedNotices | None, text: str, proved: Proved, *, editable: bool = True
) -> Shown:
    campaign = show_campaign(page.service, page.caller, page.uuid("campaign_id"))
    lines = BREAKS.split(text)
    faults: list[dict[str, Any]] = []
    for fault in report.faults if report else ():
        correctable = editable and not fault.sheet and 0 < fault.line <= len(lines)
        row = lines[fault.line - 1] if correctable else None
        if not (correctable and faults and faults[-1]["row"] == row == fault.given):
            faults.append({**dict(fault), "row": row})
    return page.show(
        "takedown/notices/add.html",
        campaign=campaign,
        regimes=regimes_of(page, campaign),
        report=report,
        faults=faults[:FAULTS],
        more=max(len(faults) - FAULTS, 0),
        unread_shown=FAULTS,
        text=text,
        editable=editable,
        marked=_marked(report, lines if editable else []),
        looked=False,
        left=proved.left,
        **_proofs(page, proved.results),
    )


def _proofs(page: Page, rows: Sequence[dict[str, Any]], round_: int = 0) -> dict[str, Any]:
    """Return the variables of the part that reloads by itself. `round_`: the number of reloads so far."""
    return {
        "proofs": rows,
        "round": round_,
        "pause": proofs.pause(round_),
        "longest": proofs.LONGEST_PAUSE,
        "explained": lambda error: problems.explained(error, page.words, area.explains),
    }


def _marked(report: AddedNotices | None, lines: list[str]) -> list[dict[str, Any]]:
    """Return accepted rows whose address a person has to confirm, with the row's text if it is known."""
    return [
        {**dict(remark), "row": lines[remark.line - 1] if 0 < remark.line <= len(lines) else None}
        for remark in (report.remarks if report else ())
        if looked_at(remark.codes)
    ][:FAULTS]


@area.form("/takedown/{campaign_id}/add", operation="addNotices", again=add, most=4 << 20, files=proofs.FILES)
def add_list(page: Page) -> Shown:
    """Add the rows and show the result of each.

    Refused rows are shown for correction. The whole list is then sent again; accepted rows change nothing.
    """
    return _add(page)


def _add(page: Page) -> Shown:
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
            text, editable = typed, False  # the typed list differs from the file, and is kept
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
    """Show the waiting part unchanged. After an error, it does not reload by itself."""
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
    """Show what workers have found meanwhile in the files that rows name. Adds nothing.

    For htmx, returns the waiting part of the page; otherwise a page of its own.
    """
    campaign_id = page.uuid("campaign_id")
    context = _proofs(page, proofs.followed(page, campaign_id), proofs.rounds(page) + 1)
    context["campaign"] = show_campaign(page.service, page.caller, campaign_id)
    return page.show(f"takedown/notices/{'proofs_part' if page.fragment else 'following'}.html", **context)


@area.form(
    "/takedown/{campaign_id}/add/looked", operation="confirmAddresses", again=add, most=4 << 20, files=1
)
def looked(page: Page) -> Shown | Response:
    """Confirm the chosen addresses.

    The list is added again, so that corrections made meanwhile are not lost. Existing rows do not change.
    """
    confirm_addresses(
        page.service,
        page.caller,
        page.uuid("campaign_id"),
        [as_uuid(notice_id) for notice_id in page.typed.all("notice")],
    )
    if page.typed.given("list") or page.files("file"):
        shown = _add(page)
    elif rows := proofs.followed(page, page.uuid("campaign_id")):
        shown = _adding(page, None, "", Proved(rows))
    else:
        return page.go(f"/takedown/{page.uuid('campaign_id')}/notices", "notices_confirmed")
    return replace(shown, context={**shown.context, "looked": True})


def corrected(page: Page) -> str:
    """Return the list with corrected rows in their places, or at the end if the place has changed."""
    lines = BREAKS.split(page.typed.text("list"))
    for name, value in page.typed.pairs:
        number = name.removeprefix("row-")
        if name == number or not (number.isascii() and number.isdigit()):
            continue
        original, row, place = page.typed.text(f"was-{number}"), BREAKS.sub(" ", value), int(number[:9]) - 1
        if 0 <= place < len(lines) and lines[place] == original:
            lines[place] = row
        elif row != original:
            lines.append(row)
    return "\n".join(lines)


def _as_text(raw: bytes) -> tuple[str, bool]:
    """Return a list as text, and whether it can be corrected in a page. Workbooks and long lists cannot."""
    try:
        text = raw.decode("utf-8-sig")
    except ValueError:
        return "", False
    return (text, True) if len(raw) < 2 << 20 and "\0" not in text else ("", False)
