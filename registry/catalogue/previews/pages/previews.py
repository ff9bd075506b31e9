"""Pictures side by side at the same instant: blurred, and clear where somebody asks, which is on record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from registry.catalogue.previews.errors import BadInstant
from registry.catalogue.previews.pages import pictures
from registry.catalogue.previews.pages.pictures import Medium
from registry.catalogue.previews.schemas import Preview, PreviewsOriginal
from registry.catalogue.previews.service import request_previews, reveal_previews
from registry.console.area import SIGNED_IN, Area
from registry.console.languages import N_
from registry.console.spans import clock
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import FakeprintError

NAMES: Final[Mapping[str, str]] = {
    "fake": N_("Registered fake"),
    "original": N_("Original"),
    "related": N_("Similar entry"),
}
MISSING: Final[Mapping[str, str]] = {
    "forbidden": N_("Your account is not shown pictures of what is registered."),
    "not_shown": N_("Your account is not shown pictures of what is registered."),
    "unknown_asset": N_("You have no access to this file."),
    "media_not_kept": N_("No picture: only the fingerprint of the file is stored here."),
    "media_gone": N_("No picture: the file is no longer stored."),
    "entry_withdrawn": N_("The entry was withdrawn: nothing of it is shown."),
    "not_fingerprinted": N_("The file has not been read yet."),
    "minor_protection": N_("This file is not shown because it may show a minor sexually."),
    "no_picture": N_("No picture: the file is sound only."),
    "truncated_media": N_("No picture: the file ends before that moment."),
    "too_far_in": N_("No picture: the file cannot be read near that moment."),
    "bad_instant": N_("No picture: the moment is outside the file."),
    "too_many_previews": N_("Waiting for other pictures to be made first."),
}
"""Why there is no picture, by stable code."""
OTHERWISE: Final = N_("No picture: it could not be created.")

area = Area(
    "previews",
    explains={
        "preview_not_ready": N_("That picture is not ready yet. Try again in a few seconds."),
        "reveal_refused": N_("Clear pictures are shown to reviewers, and to those who work on the entry."),
        "media_not_kept": MISSING["media_not_kept"],
    },
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A medium at an instant: `blurred`, a picture's address; or none, `waits` or `why`. `clear`: a picture's
    address, where it was just asked for."""

    at: float
    blurred: str | None
    waits: bool
    why: str
    clear: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A medium at all instants; None where it does not show what the others do then. `why`: of all of it."""

    medium: Medium
    name: str
    cells: Sequence[Cell | None]
    revealable: bool
    why: str
    code: str


@area.page("/previews", operation=SIGNED_IN)
def shown(page: Page) -> Shown:
    """A comparison; or, for htmx, the part of a page that it is."""
    return _shown(page, {})


@area.form("/previews", operation="revealPreviews", again=shown)
def reveal(page: Page) -> Shown | Response:
    """One picture, clearly. What htmx asks for takes the place of the blurred one, or says what was wrong."""
    typed = page.typed
    entry_id, asset_id = as_uuid(typed.text("entry")), as_uuid(typed.text("asset"))
    try:
        at = float(typed.text("at"))
    except ValueError:
        raise BadInstant("The instant is no number.") from None
    try:
        found = reveal_previews(page.service, page.caller, entry_id, asset_id, [at])
    except FakeprintError as error:
        if not page.fragment:
            raise
        return page.show("previews/refused.html", why=_why(error.code), code=error.code)
    (preview,) = found.previews
    clear = f"data:{preview.content_type};base64,{preview.picture}"
    if page.fragment:
        name = NAMES.get(typed.text("name"), NAMES["fake"])
        return page.show("previews/clear.html", clear=clear, name=name, time=_figures(page, at))
    return _shown(page, {(str(asset_id), at): clear})


def _shown(page: Page, clear: Mapping[tuple[str, float], str]) -> Shown:
    said, plan = pictures.read(page)
    columns: list[Column] = []
    for place, medium in enumerate(plan.media):
        column, original = _column(page, medium, [row[place] for row in plan.rows], clear)
        columns.append(column)
        known = {medium.asset_id for medium in plan.media} | {column.medium.asset_id for column in columns}
        if original is not None and original.asset_id not in known:
            beside = Medium("original", medium.entry_id, original.asset_id)
            columns.append(_column(page, beside, original.at, clear)[0])
    cells = [cell for column in columns for cell in column.cells if cell]
    template = "previews/part.html" if page.fragment else "previews/page.html"
    return page.show(
        template,
        word=said,
        mark=plan.media[0].asset_id[:8] + plan.media[-1].asset_id[:8],
        columns=columns,
        pictured=[column for column in columns if not column.code],
        rows=range(len(plan.rows)),
        query=plan.query,
        back=plan.back,
        waiting=any(cell.waits for cell in cells)
        or any(column.code == "too_many_previews" for column in columns),
        time=lambda second: _figures(page, second),
    )


def _column(
    page: Page, medium: Medium, at: Sequence[float | None], clear: Mapping[tuple[str, float], str]
) -> tuple[Column, PreviewsOriginal | None]:
    """A medium's pictures, and where its original shows the same."""
    name = NAMES.get(medium.name, NAMES["fake"])
    wanted = [second for second in at if second is not None]
    try:
        if not page.may("requestPreviews"):
            return Column(medium, name, (), False, MISSING["forbidden"], "forbidden"), None
        entry_id, asset_id = pictures.ids((medium.entry_id, medium.asset_id))
        found = request_previews(page.service, page.caller, entry_id, asset_id, wanted)
    except FakeprintError as error:
        if error.status >= 500:
            raise
        return Column(medium, name, (), False, _why(error.code), error.code), None
    told = {preview.at: preview for preview in found.previews}
    cells = [None if second is None else _cell(medium, told[second], clear) for second in at]
    original = found.original if medium.name == "fake" else None
    return Column(medium, name, cells, found.revealable, "", ""), original


def _cell(medium: Medium, told: Preview, clear: Mapping[tuple[str, float], str]) -> Cell:
    at, state = told.at, told.state
    why = _why(told.error_code or "") if state == "failed" else ""
    return Cell(at, told.blurred, state == "waiting", why, clear.get((medium.asset_id, at)))


def _why(code: str) -> str:
    return MISSING.get(code, OTHERWISE)


def _figures(page: Page, second: float) -> str:
    said = clock(second, fine=True)
    return "".join(page.words.number(int(item)) if item in "0123456789" else item for item in said)
