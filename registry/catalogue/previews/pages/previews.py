"""Pages that compare pictures of media at the same instants: blurred, or clear on request."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.media.model import Role
from registry.catalogue.previews.errors import BadInstant
from registry.catalogue.previews.pages import pictures
from registry.catalogue.previews.pages.pictures import Medium, Plan
from registry.catalogue.previews.schemas import Preview, PreviewsOriginal
from registry.catalogue.previews.service import request_poster, request_previews, reveal_previews
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
    the reason. `clear`: the clear picture's address, if it was just revealed. `mirrored`: shown mirrored."""

    at: float
    blurred: str | None
    waits: bool
    why: str
    clear: str | None = None
    mirrored: bool = False

    @property
    def picture(self) -> str | None:
        """The address of the clearest picture that may be shown."""
        return self.clear or self.blurred


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


@area.page("/previews/poster/{entry_id}", operation=SIGNED_IN)
def poster(page: Page) -> Shown:
    """Show the blurred picture that stands for an entry in a list or, with `role=original`, for its original.
    A fragment, empty if there is none."""
    entry_id = page.uuid("entry_id")
    role: Role = "original" if page.query("role") == "original" else "fake"
    preview: Preview | None = None
    if page.may("requestPreviews"):
        try:
            preview = request_poster(page.service, page.caller, entry_id, role)
        except FakeprintError as error:
            if error.status >= 500:
                raise
    return page.show("previews/poster.html", preview=preview, entry_id=entry_id, role=role)


@area.form("/previews", operation="revealPreviews", again=shown)
def reveal(page: Page) -> Shown | Response:
    """Reveal one clear picture, or `all` of the comparison. For htmx, return a fragment in place of what was
    blurred."""
    typed = page.typed
    if typed.given("all"):
        return _shown(page, _all_clear(page))
    entry_id, asset_id = as_uuid(typed.text("entry")), as_uuid(typed.text("asset"))
    try:
        at = float(typed.text("at"))
    except ValueError:
        raise BadInstant("The instant is not a number.") from None
    try:
        clear = _revealed(page, entry_id, asset_id, [at])
    except FakeprintError as error:
        if not page.fragment:
            raise
        return page.show("previews/refused.html", why=_why(error.code), code=error.code)
    if page.fragment:
        name = NAMES.get(typed.text("name"), NAMES["fake"])
        (source,) = clear.values()
        return page.show(
            "previews/clear.html",
            clear=source,
            name=name,
            time=_figures(page, at),
            mirrored=typed.given("mirrored"),
        )
    return _shown(page, clear)


def _all_clear(page: Page) -> dict[tuple[str, float], str]:
    """Reveal every picture of the comparison that is ready. Each medium is an event of its own."""
    clear: dict[tuple[str, float], str] = {}
    for column in _columns(page, pictures.read(page)[1], {}):
        ready = [cell.at for cell in column.cells if cell and cell.blurred]
        if ready and column.revealable:
            medium_ids = pictures.ids((column.medium.entry_id, column.medium.asset_id))
            clear |= _revealed(page, medium_ids[0], medium_ids[1], ready)
    return clear


def _revealed(
    page: Page, entry_id: UUID, asset_id: UUID, at: Sequence[float]
) -> dict[tuple[str, float], str]:
    revealed = reveal_previews(page.service, page.caller, entry_id, asset_id, at)
    return {
        (str(asset_id), preview.at): f"data:{preview.content_type};base64,{preview.picture}"
        for preview in revealed.previews
    }


def _shown(page: Page, clear: Mapping[tuple[str, float], str]) -> Shown:
    signed_text, plan = pictures.read(page)
    columns = _columns(page, plan, clear)
    cells = [cell for column in columns for cell in column.cells if cell]
    pictured = [column for column in columns if not column.code]
    waiting = any(cell.waits for cell in cells) or any(
        column.code == "too_many_previews" for column in columns
    )
    return page.show(
        "previews/part.html" if page.fragment else "previews/page.html",
        word=signed_text,
        mark=plan.media[0].asset_id[:8] + plan.media[-1].asset_id[:8],
        columns=columns,
        pictured=pictured,
        rows=range(len(plan.rows)),
        differences=_differences(pictured),
        query=plan.query,
        back=plan.back,
        waiting=waiting,
        revealable=not waiting
        and any(cell.blurred and not cell.clear for column in pictured for cell in column.cells if cell)
        and all(column.revealable for column in pictured),
        playable=bool(plan.spans) and len(pictured) == 2 and all(column.revealable for column in pictured),
        sounds=any(column.code == "no_picture" for column in columns)
        and all(column.revealable or column.code == "no_picture" for column in columns),
        clear=bool(clear),
        time=lambda second: _figures(page, second),
    )


def _columns(page: Page, plan: Plan, clear: Mapping[tuple[str, float], str]) -> list[Column]:
    columns: list[Column] = []
    for place, medium in enumerate(plan.media):
        mirrored = plan.mirrored if place or plan.query else ()
        column, original = _column(page, medium, [row[place] for row in plan.rows], clear, mirrored)
        columns.append(column)
        if original is not None and len(plan.media) == 1:
            original_medium = Medium("original", medium.entry_id, original.asset_id)
            columns.append(_column(page, original_medium, original.at, clear, mirrored)[0])
    return columns


def _differences(pictured: Sequence[Column]) -> list[tuple[Cell, Cell] | None]:
    """Return, for each row, the two pictures to subtract from each other. None unless two media are compared,
    and both pictures are of one size and equally clear."""
    if len(pictured) != 2:
        return []
    return [
        (first, second) if first and second and _comparable(first, second) else None
        for first, second in zip(pictured[0].cells, pictured[1].cells, strict=True)
    ]


def _comparable(first: Cell, second: Cell) -> bool:
    if not first.blurred or not second.blurred or (first.clear is None) != (second.clear is None):
        return False
    return _pixels(first.blurred) == _pixels(second.blurred)


def _pixels(blurred: str) -> bytes:
    """Return width and height of a PNG, as its header has them."""
    return base64.b64decode(blurred.partition(",")[2][:32])[16:24]


def _column(
    page: Page,
    medium: Medium,
    at: Sequence[float | None],
    clear: Mapping[tuple[str, float], str],
    mirrored: Sequence[int] = (),
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
    cells = [
        None if second is None else _cell(medium, previews_by_instant[second], clear, place in mirrored)
        for place, second in enumerate(at)
    ]
    original = requested.original if medium.name == "fake" else None
    return Column(medium, name, cells, requested.revealable, "", ""), original


def _cell(medium: Medium, preview: Preview, clear: Mapping[tuple[str, float], str], mirrored: bool) -> Cell:
    at, state = preview.at, preview.state
    why = _why(preview.error_code or "") if state == "failed" else ""
    return Cell(at, preview.blurred, state == "waiting", why, clear.get((medium.asset_id, at)), mirrored)


def _why(code: str) -> str:
    return MISSING.get(code, OTHERWISE)


def _figures(page: Page, second: float) -> str:
    clock_text = clock(second, fine=True)
    return "".join(
        page.words.number(int(character)) if character in "0123456789" else character
        for character in clock_text
    )
