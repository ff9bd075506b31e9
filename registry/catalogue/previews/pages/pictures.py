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
MOST_ALONE: Final = 4
"""Media of an entry that are shown by themselves."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of a comparison. `name` says what it is to the reader: a word of
    `catalogue.previews.pages.previews.NAMES`."""

    name: str
    entry_id: str
    asset_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A comparison: its media, the instants of each (a row an instant, a medium a place), of the reader's own
    file those of `query`, empty where there is none; and the page that it belongs to."""

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
    found = guard.opened(form_secret(page.service), said)
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


def of_review(
    page: Page, entry_id: UUID, review: Mapping[str, Any], near: Mapping[str, Any] | None
) -> dict[str, list[Any]]:
    """The words for an entry that is reviewed: `near`, beside each of its relatives; `derived`, each of its
    fakes beside the original that it was made from; `alone`, pairs of a medium and the word for what is in no
    other comparison."""
    back = f"/review/{entry_id}"
    relatives = near["related"] if near else ()
    pairs = review.get("derived", ())
    beside = {relative["asset_id"] for relative in relatives} | {
        pair[side] for pair in pairs for side in ("fake_id", "original_id")
    }
    alone = [
        medium for medium in review["media"] if medium["asset_id"] not in beside and medium["media_kept"]
    ]
    return {
        "near": [_relative(page, str(entry_id), relative, back) for relative in relatives],
        "derived": [_derived(page, str(entry_id), pair, back) for pair in pairs],
        "alone": [(item, _medium(page, str(entry_id), item, back)) for item in alone[:MOST_ALONE]],
    }


def _relative(page: Page, entry_id: str, near: Mapping[str, Any], back: str) -> str:
    pairs = blurring.middles(near["spans"], "entry", "related", most=MOST_ROWS - 1)
    media = (
        Medium(near["role"], entry_id, near["asset_id"]),
        Medium("related", near["entry_id"], near["related_asset_id"]),
    )
    return word(page, Plan(media, tuple(pairs), (), back))


def _derived(page: Page, entry_id: str, pair: Mapping[str, Any], back: str) -> str:
    pairs = blurring.middles(pair["spans"], "fake", "original", most=MOST_ROWS - 1)
    media = (
        Medium("fake", entry_id, pair["fake_id"]),
        Medium("original", entry_id, pair["original_id"]),
    )
    return word(page, Plan(media, tuple(pairs), (), back))


def _medium(page: Page, entry_id: str, medium: Mapping[str, Any], back: str) -> str:
    lasts = medium["duration"] or 0.0
    rows = tuple((lasts * share,) for share in ((0.2, 0.5, 0.8) if lasts else (0.0,)))
    return word(page, Plan((Medium(medium["role"], entry_id, medium["asset_id"]),), rows, (), back))


def ids(asked: Sequence[str]) -> tuple[UUID, ...]:
    """Ids out of a form. Raises `NotFound`."""
    return tuple(as_uuid(item) for item in asked)
