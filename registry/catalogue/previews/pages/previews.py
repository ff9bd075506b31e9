"""Pages that compare pictures of media at the same instants: blurred, or clear on request."""

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
"""Why there is no picture, by error code."""
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
    """A medium at an instant. `blurred`: the picture's address. Without it, the picture `waits`, or `why` is
    the reason. `clear`: the clear picture's address, if it was just revealed."""

    at: float
    blurred: str | None
    waits: bool
    why: str
    clear: str | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A medium at all instants. A cell is None if it does not show what the others show. `why`: why it has no
    pictures at all."""

    medium: Medium
    name: str
    cells: Sequence[Cell | None]
    revealable: bool
    why: str
    code: str


@area.page("/previews", operation=SIGNED_IN)
def shown(page: Page) -> Shown:
    """Show a comparison, as a page or as a fragment for htmx."""
    return _shown(page, {})


@area.form("/previews", operation="revealPreviews", again=shown)
def reveal(page: Page) -> Shown | Response:
    """Reveal one clear picture. For htmx, return a fragment in place of the blurred picture."""
    typed = page.typed
    entry_id, asset_id = as_uuid(typed.text("entry")), as_uuid(typed.text("asset"))
    try:
        at = float(typed.text("at"))
    except ValueError:
        raise BadInstant("The instant is not a number.") from None
    try:
        revealed = reveal_previews(page.service, page.caller, entry_id, asset_id, [at])
    except FakeprintError as error:
        if not page.fragment:
            raise
        return page.show("previews/refused.html", why=_why(error.code), code=error.code)
    (preview,) = revealed.previews
    clear = f"data:{preview.content_type};base64,{preview.picture}"
    if page.fragment:
        name = NAMES.get(typed.text("name"), NAMES["fake"])
        return page.show("previews/clear.html", clear=clear, name=name, time=_figures(page, at))
    return _shown(page, {(str(asset_id), at): clear})


def _shown(page: Page, clear: Mapping[tuple[str, float], str]) -> Shown:
    signed_text, plan = pictures.read(page)
    columns: list[Column] = []
    for place, medium in enumerate(plan.media):
        column, original = _column(page, medium, [row[place] for row in plan.rows], clear)
        columns.append(column)
        shown_ids = {medium.asset_id for medium in plan.media} | {
            column.medium.asset_id for column in columns
        }
        if original is not None and original.asset_id not in shown_ids:
            original_medium = Medium("original", medium.entry_id, original.asset_id)
            columns.append(_column(page, original_medium, original.at, clear)[0])
    cells = [cell for column in columns for cell in column.cells if cell]
    template = "previews/part.html" if page.fragment else "previews/page.html"
    return page.show(
        template,
        word=signed_text,
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
    """Return a medium's pictures, and where its original shows the same."""
    name = NAMES.get(medium.name, NAMES["fake"])
    instants = [second for second in at if second is not None]
    try:
        if not page.may("requestPreviews"):
            return Column(medium, name, (), False, MISSING["forbidden"], "forbidden"), None
        entry_id, asset_id = pictures.ids((medium.entry_id, medium.asset_id))
        requested = request_previews(page.service, page.caller, entry_id, asset_id, instants)
    except FakeprintError as error:
        if error.status >= 500:
            raise
        return Column(medium, name, (), False, _why(error.code), error.code), None
    previews_by_instant = {preview.at: preview for preview in requested.previews}
    cells = [None if second is None else _cell(medium, previews_by_instant[second], clear) for second in at]
    original = requested.original if medium.name == "fake" else None
    return Column(medium, name, cells, requested.revealable, "", ""), original


def _cell(medium: Medium, preview: Preview, clear: Mapping[tuple[str, float], str]) -> Cell:
    at, state = preview.at, preview.state
    why = _why(preview.error_code or "") if state == "failed" else ""
    return Cell(at, preview.blurred, state == "waiting", why, clear.get((medium.asset_id, at)))


def _why(code: str) -> str:
    return MISSING.get(code, OTHERWISE)


def _figures(page: Page, second: float) -> str:
    clock_text = clock(second, fine=True)
    return "".join(
        page.words.number(int(character)) if character in "0123456789" else character
        for character in clock_text
    )
