"""The plan of a picture comparison: media and instants, passed in an address between two pages.

The plan is signed, so that other sites cannot make a reader's browser request other pictures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.schemas.registration import Entry
from registry.catalogue.previews import model as blurring
from registry.console import guard
from registry.console.view import Page, as_uuid
from registry.core.errors import BadInput
from registry.identity.accounts.service.sessions import form_secret

MOST_PLAYED: Final = 30
"""Most spans along which two players are kept together."""
MOST_FRAMES: Final = 6
"""Most instants of a filmstrip, of a lookup or in review."""


@dataclass(frozen=True, slots=True)
class Medium:
    """A medium of a comparison. `name`: a key of `catalogue.previews.pages.previews.NAMES`."""

    name: str
    entry_id: str
    asset_id: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A comparison of media. `rows`: one instant of each medium. `query`: instants of the reader's own file,
    empty without one. `back`: the page that the comparison belongs to. `mirrored`: places of rows in
    which the media are shown mirrored, as the reader's own file shows them; without one, only the second
    medium, as the first one shows it. `spans`: where both show the
    same, for players: begin and end in the first medium, then in the second (swapped if it runs backwards),
    and whether it is mirrored."""

    media: tuple[Medium, ...]
    rows: tuple[tuple[float, ...], ...]
    query: tuple[float, ...]
    back: str
    mirrored: tuple[int, ...] = ()
    spans: tuple[tuple[float, float, float, float, bool], ...] = ()


def word(page: Page, plan: Plan) -> str:
    """Return the signed plan, for an address. Empty if there is no instant to show."""
    if not plan.rows:
        return ""
    value = {
        "media": [[medium.name, medium.entry_id, medium.asset_id] for medium in plan.media],
        "rows": [[round(second, 3) for second in row] for row in plan.rows],
        "query": [round(second, 3) for second in plan.query],
        "back": plan.back,
        "mirrored": plan.mirrored,
        "spans": plan.spans,
    }
    return guard.signed(form_secret(page.service), value)


def read(page: Page) -> tuple[str, Plan]:
    """Return the signed text of a page or form, and its plan. Raises `BadInput`."""
    signed_text = page.query("of") or page.typed.text("of")
    fields = guard.verified(form_secret(page.service), signed_text)
    if "media" not in fields:
        raise BadInput("This is not a comparison.")
    return signed_text, Plan(
        media=tuple(Medium(*medium) for medium in fields["media"]),
        rows=tuple(tuple(row) for row in fields["rows"]),
        query=tuple(fields["query"]),
        back=fields["back"],
        mirrored=tuple(fields["mirrored"]),
        spans=tuple(tuple(span) for span in fields["spans"]),
    )


def of_match(page: Page, match: Mapping[str, Any], back: str) -> str:
    """Return the signed plan for a match of a lookup."""
    if match.get("entry_id") is None or match.get("asset_id") is None:
        return ""
    frames = blurring.spread(match["spans"], "query", "asset", most=MOST_FRAMES)
    name = "original" if match["relation"] == "original" else "fake"
    medium = Medium(name, str(match["entry_id"]), str(match["asset_id"]))
    rows = tuple((in_asset,) for _, in_asset, _ in frames)
    query = tuple(in_query for in_query, _, _ in frames)
    mirrored = tuple(place for place, (_, _, mirrored) in enumerate(frames) if mirrored)
    return word(page, Plan((medium,), rows, query, back, mirrored))


def of_entry(page: Page, entry: Entry) -> str:
    """Return the signed plan for the picture that stands for an entry: the middle of its first fake that has
    pictures."""
    fakes = [asset for asset in entry.assets if asset.role == "fake"]
    if not fakes:
        return ""
    fake = next((asset for asset in fakes if asset.media_kept), fakes[0])
    medium = Medium("fake", entry.entry_id, fake.asset_id)
    return word(page, Plan((medium,), (((fake.duration or 0.0) / 2,),), (), f"/entries/{entry.entry_id}"))


def of_spans(
    page: Page,
    media: tuple[Medium, Medium],
    spans: Sequence[Mapping[str, Any]],
    sides: tuple[str, str],
    back: str,
) -> str:
    """Return the signed plan of a filmstrip: two aligned media, one over the other. `sides` names them in the
    spans."""
    frames = blurring.spread(spans, *sides, most=MOST_FRAMES)
    mirrored = tuple(place for place, (_, _, mirrored) in enumerate(frames) if mirrored)
    rows = tuple((first, second) for first, second, _ in frames)
    return word(page, Plan(media, rows, (), back, mirrored, _played(spans, sides)))


def _played(
    spans: Sequence[Mapping[str, Any]], sides: tuple[str, str]
) -> tuple[tuple[float, float, float, float, bool], ...]:
    item, other = sides
    played = []
    for span in sorted(spans, key=lambda span: span[item][0])[:MOST_PLAYED]:
        start, stop = reversed(span[other]) if span["speed"] < 0 else span[other]
        begin, end = span[item]
        if end > begin:
            times = (round(second, 2) for second in (begin, end, start, stop))
            played.append((*times, span["mirrored"]))
    return tuple(played)


def ids(texts: Sequence[str]) -> tuple[UUID, ...]:
    """Parse ids of a form. Raises `NotFound`."""
    return tuple(as_uuid(text) for text in texts)
