"""Actions on several marked entries: confirmed first, then reported entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.errors import UnknownEntry
from registry.catalogue.entries.pages.entries import area
from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.registration import retry_entry
from registry.console.languages import N_
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import BadInput, FakeprintError, NotFound

MOST: Final = 50
"""Most entries of one action: those of a page of the list."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the reader chooses for all marked entries, such as a reason. `options`: value and text. `none`:
    shown if there is no option."""

    name: str
    label: str
    options: Sequence[tuple[str, str]]
    none: str = ""


@dataclass(frozen=True, slots=True)
class Action:
    """An action on each marked entry. `act` raises `FakeprintError` for an entry that it does not change.

    `consequence`: what happens, shown before. `done`: shown with each entry after.
    """

    code: str
    label: str
    operation: str
    consequence: str
    done: str
    act: Callable[[Page, UUID], object]
    choose: Callable[[Page], Choice] | None = None


def _retry(page: Page, entry_id: UUID) -> None:
    retry_entry(page.service, page.caller, entry_id)


RETRY: Final = Action(
    "retry",
    N_("Read the failed files again"),
    "retryEntry",
    N_("The files that could not be read are read again."),
    N_("Its files are being read again."),
    _retry,
)
ACTIONS: Final[list[Action]] = [RETRY]
"""Actions in the order of the list. Filled in `registry/app/pages/entries.py`."""


@dataclass(frozen=True, slots=True)
class Report:
    """What happened to an entry. `error`: why nothing did."""

    entry: Entry
    error: FakeprintError | None = None


def actions_of(page: Page) -> list[Action]:
    """Return the actions that the reader may do."""
    return [action for action in ACTIONS if page.may(action.operation)]


@area.page("/entries/marked", operation="listEntries")
def confirm(page: Page) -> Shown | Response:
    """Show the marked entries and what would happen to them."""
    action = _action(page, page.query("action") or page.typed.text("action"))
    return page.show(
        "entries/marked.html",
        action=action,
        marked=list(_marked(page)),
        choice=action.choose(page) if action.choose else None,
        back=_back(page),
    )


@area.form("/entries/marked", operation="listEntries", again=confirm)
def act(page: Page) -> Shown | Response:
    """Do the action with each marked entry, and report each. One that fails does not stop the others."""
    action = _action(page, page.typed.text("action"))
    if action.choose and not page.typed.given(action.choose(page).name):
        raise BadInput("Choose one.", next_step="Choose, and send it again.")
    reports = [_report(page, action, entry) for entry in _marked(page)]
    if not reports:
        return confirm(page)
    return page.show("entries/reports.html", action=action, reports=reports, back=_back(page))


def _report(page: Page, action: Action, entry: Entry) -> Report:
    try:
        action.act(page, UUID(entry.entry_id))
    except FakeprintError as error:
        if error.status >= 500:
            raise
        return Report(entry, error)
    return Report(entry)


def _action(page: Page, code: str) -> Action:
    """Return an action that the reader may do. Raises `NotFound`."""
    for action in actions_of(page):
        if action.code == code:
            return action
    raise NotFound("There is no such action for you.")


def _marked(page: Page) -> Iterator[Entry]:
    """Yield the marked entries that the reader may see."""
    texts = page.typed.all("entry") or page.request.query_params.getlist("entry")
    for text in list(dict.fromkeys(texts))[:MOST]:
        try:
            yield show_entry(page.service, page.caller, as_uuid(text))
        except UnknownEntry:
            continue


def _back(page: Page) -> str:
    """Return the query of the list from which the reader came."""
    return page.typed.text("list") or page.query("list")
