"""What is compared, and at which instants: carried in an address from the page that knows it to the part that
shows its pictures. Signed, so that nobody lets a reader's browser ask for others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.previews import model as blurring
from registry.console import guard
from registry.console.view import Page, as_uuid
from registry.core.errors import BadInput
from registry.identity.accounts.service.sessions import form_secret

MOST_ROWS: Final = 4
"""Instants of a comparison: stretches of which the middle is shown."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of a comparison. `name` says what it is to the reader: a word of
    `catalogue.previews.pages.previews.NAMES`."""

    name: str
    entry_id: str
    asset_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A comparison of media. `rows`: one instant of each medium. `query`: instants of the reader's own file,
    empty without one. `back`: the page that the comparison belongs to."""

    media: tuple[Medium, ...]
    rows: tuple[tuple[float, ...], ...]
    query: tuple[float, ...]
    back: str


def word(page: Page, plan: Plan) -> str:
    """The plan, for an address; empty where there is no instant to be shown."""
    if not plan.rows:
        return ""
    value = {
        "media": [[medium.name, medium.entry_id, medium.asset_id] for medium in plan.media],
        "rows": [[round(second, 3) for second in row] for row in plan.rows],
        "query": [round(second, 3) for second in plan.query],
        "back": plan.back,
    }
    return guard.signed(form_secret(page.service), value)


def read(page: Page) -> tuple[str, Plan]:
    """The word that a page or a form brought, and its plan. Raises `BadInput`."""
    said = page.query("of") or page.typed.text("of")
    found = guard.verified(form_secret(page.service), said)
    if "media" not in found:
        raise BadInput("That is no comparison.")
    return said, Plan(
        media=tuple(Medium(*medium) for medium in found["media"]),
        rows=tuple(tuple(row) for row in found["rows"]),
        query=tuple(found["query"]),
        back=found["back"],
    )


def of_match(page: Page, match: Mapping[str, Any], back: str) -> str:
    """The word for a match of a lookup."""
    if match.get("entry_id") is None or match.get("asset_id") is None:
        return ""
    pairs = blurring.middles(match["spans"], "query", "asset", most=MOST_ROWS)
    name = "original" if match["relation"] == "original" else "fake"
    medium = Medium(name, str(match["entry_id"]), str(match["asset_id"]))
    rows = tuple((there,) for _, there in pairs)
    return word(page, Plan((medium,), rows, tuple(here for here, _ in pairs), back))


def ids(asked: Sequence[str]) -> tuple[UUID, ...]:
    """Ids out of a form. Raises `NotFound`."""
    return tuple(as_uuid(item) for item in asked)
