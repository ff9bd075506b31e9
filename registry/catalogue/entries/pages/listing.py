"""The list of entries: search, order, columns, saved views, and the list as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, get_args
from urllib.parse import urlencode

from starlette.responses import Response, StreamingResponse

from registry.catalogue.banks.model import TIERS
from registry.catalogue.entries.model.entry import Order
from registry.catalogue.entries.pages.bulk import actions_of
from registry.catalogue.entries.pages.entries import (
    MANIPULATIONS,
    STATUSES,
    TIER_NAMES,
    area,
    language_name,
    own_banks,
)
from registry.catalogue.entries.schemas.registration import EntryPage, EntrySummary
from registry.catalogue.entries.service.entries import EntryFilter, list_entries
from registry.console import filters
from registry.console.languages import N_
from registry.console.view import Page, Shown, home
from registry.core.documents.safe_tables import Value, csv_lines

COLUMNS: Final = {
    "bank": N_("Bank"),
    "kind": N_("Kind"),
    "claim": N_("Claim"),
    "language": N_("Language"),
    "tier": N_("Trust level"),
    "state": N_("State"),
    "registered": N_("Registered"),
    "found_since": N_("Answers lookups since"),
}
"""Columns that a reader can choose, in their order. The title is always shown."""
USUAL: Final = ("bank", "kind", "tier", "state", "registered")
ORDERS: Final[Mapping[Order, str]] = {
    "newest": N_("Newest first"),
    "oldest": N_("Oldest first"),
    "title": N_("By title"),
}
CONDITIONS: Final = ("text", "person", "bank", "tier", "status", "since", "until")
PAGE: Final = 50
MOST_ROWS: Final = 10_000
"""Most rows of a table for spreadsheets."""
BATCH: Final = 1_000


@dataclass(frozen=True, slots=True)
class Heading:
    """A column's heading. `order`: what the link sorts by, if the column can be sorted. `sorted`: as
    `aria-sort`."""

    code: str
    label: str
    order: str = ""
    sorted: str = ""


@area.page("/entries", operation="listEntries")
def listed(page: Page) -> Shown:
    """List the entries of the reader's organization."""
    chosen = _filters(page)
    entries_page = _entries(page, chosen, limit=PAGE, after=page.query("after"))
    columns = _columns(chosen)
    return page.show(
        "entries/list.html",
        entries=entries_page.entries,
        next=None if page.error else entries_page.next,
        asked=chosen,
        conditions=[name for name in CONDITIONS if name in chosen],
        headings=[Heading(code, COLUMNS[code], *_sorting(code, chosen)) for code in columns],
        title=Heading("title", "", *_sorting("title", chosen)),
        columns=columns,
        choices=COLUMNS,
        order=chosen.get("order", "newest"),
        orders=ORDERS,
        kept_of=_saved_filters(page),
        views=filters.views(page, "entries"),
        banks=own_banks(page),
        tiers=[(code, page.words.text(label)) for code, label in TIER_NAMES.items()],
        statuses=[(code, page.words.text(label)) for code, label in STATUSES.items()],
        manipulations=MANIPULATIONS,
        language=lambda tag: language_name(page, tag),
        actions=actions_of(page),
        table=f"/entries.csv?{urlencode(chosen)}",
        most_rows=MOST_ROWS,
    )


def _entries(page: Page, chosen: Mapping[str, str], *, limit: int, after: str) -> EntryPage:
    since, until = filters.days(page, chosen)
    return list_entries(
        page.service,
        page.caller,
        EntryFilter(
            bank=chosen.get("bank"),
            status=chosen.get("status"),
            text=chosen.get("text"),
            tier=next((tier for tier in TIERS if tier == chosen.get("tier")), None),
            since=since,
            until=until,
            person=chosen.get("person"),
            order=_order(chosen),
        ),
        limit=limit,
        after=after or None,
    )


def _filters(page: Page) -> dict[str, str]:
    """Return the requested filters, order and columns that have a known value."""
    chosen = filters.chosen_filters(page, *CONDITIONS, "order", "columns")
    choices: dict[str, Container[str]] = {"status": STATUSES, "tier": TIERS, "order": ORDERS}
    chosen = {name: value for name, value in chosen.items() if value in choices.get(name, (value,))}
    ticked = page.request.query_params.getlist("column")
    columns = [code for code in COLUMNS if code in (ticked or chosen.get("columns", "").split("."))]
    chosen.pop("columns", None)
    if columns and tuple(columns) != USUAL:
        chosen["columns"] = ".".join(columns)
    if chosen.get("order") == "newest":
        del chosen["order"]
    return chosen


def _saved_filters(page: Page) -> dict[str, str]:
    return filters.savable(_filters(page))


def _order(chosen: Mapping[str, str]) -> Order:
    return next((order for order in get_args(Order) if order == chosen.get("order")), "newest")


def _columns(chosen: Mapping[str, str]) -> Sequence[str]:
    return chosen["columns"].split(".") if "columns" in chosen else USUAL


def _sorting(column: str, chosen: Mapping[str, str]) -> tuple[str, str]:
    """Return the query that sorts by this column, or sorts the other way, and how it is sorted now."""
    order = _order(chosen)
    ways: dict[str, tuple[Order, str]] = {}
    if column == "title":
        ways = {"title": ("newest", "ascending")}
        target, state = ways.get(order, ("title", ""))
    elif column == "registered":
        ways = {"newest": ("oldest", "descending"), "oldest": ("newest", "ascending")}
        target, state = ways.get(order, ("newest", ""))
    else:
        return "", ""
    return urlencode({**chosen, "order": target}), state


filters.register_views(
    area, "/entries", "entries", operation="listEntries", again=listed, filters=_saved_filters
)


@area.page("/entries.csv", operation="listEntries")
def table(page: Page) -> Response:
    """Export the listed entries, in the chosen columns and order. No cell is run as a formula."""
    chosen = _filters(page)
    columns = _columns(chosen)
    first = _entries(page, chosen, limit=BATCH, after="")  # refuses a wrong filter before anything is sent
    headers = {
        "Content-Disposition": 'attachment; filename="entries.csv"',
        "Cache-Control": "private, no-cache",
    }
    lines = csv_lines(_rows(page, chosen, columns, first))
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


def _rows(
    page: Page, chosen: Mapping[str, str], columns: Sequence[str], entries_page: EntryPage
) -> Iterator[Sequence[Value]]:
    text = page.words.text
    yield (text(N_("Title")), *(text(COLUMNS[code]) for code in columns), text(N_("Address")))
    for _ in range(MOST_ROWS // BATCH):
        for entry in entries_page.entries:
            address = f"{page.origin}{home(f'/entries/{entry.entry_id}')}"
            yield (entry.title, *(_cell(page, entry, code) for code in columns), address)
        if entries_page.next is None:
            return
        entries_page = _entries(page, chosen, limit=BATCH, after=entries_page.next)


def _cell(page: Page, entry: EntrySummary, column: str) -> Value:
    text = page.words.text
    values: dict[str, Value] = {
        "bank": entry.bank,
        "kind": text(MANIPULATIONS[entry.manipulation]) if entry.manipulation else "",
        "claim": entry.claim,
        "language": language_name(page, entry.language),
        "tier": text(TIER_NAMES[entry.tier]),
        "state": text(STATUSES[entry.status]),
        "registered": entry.created_at,
        "found_since": entry.matchable_at,
    }
    return values[column]
