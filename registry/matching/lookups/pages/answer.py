"""The page of an answer, and its row in lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from starlette.responses import Response

from registry.catalogue.entries.service.entries import show_entry
from registry.catalogue.entries.service.visibility import hidden_cases
from registry.catalogue.fingerprints import browser_models
from registry.catalogue.previews.pages import pictures
from registry.console.guard import PREFIX
from registry.console.languages import aware
from registry.console.maps import Map
from registry.console.spans import Drawn, clock, contents, drawn
from registry.console.view import Page, Shown, as_uuid
from registry.core.errors import FakeprintError, NotFound
from registry.matching.lookups.model import Answer, Match
from registry.matching.lookups.pages import agreement, differing, verdicts
from registry.matching.lookups.pages.frame import area, figures
from registry.matching.lookups.pages.lookups import lookups
from registry.matching.lookups.service.records import get_lookup
from registry.matching.watches.service.watches import get_watch, longest_watch

MOST_PICTURED: Final = 5
"""Most matches for which the page shows pictures, and whether the original is registered."""
PERIODS: Final = (30, 90, 365)
"""Days for which the page offers to watch a lookup."""
WATCHABLE: Final = frozenset({"no_match", "related"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """A match as the page shows it. `original`: as `_original`. `plan`: the signed word of its pictures,
    empty without. `hidden`: a private case that the reader may not see. `map`: where fake and original
    differ."""

    match: Match
    drawing: Drawn | None
    rows: Sequence[agreement.Row]
    signs: Sequence[agreement.Sign] | None
    original: str
    plan: str
    hidden: bool
    map: Map | None


@area.page("/lookup/{lookup_id}", operation="showLookup")
def show(page: Page) -> Shown | Response:
    """Show the answer, or that it is still awaited."""
    lookup_id = page.uuid("lookup_id")
    full_answer = get_lookup(page.service, page.caller, lookup_id)
    if full_answer is None:
        waiting = page.show("lookup/waiting.html", lookup_id=str(lookup_id))
        return Response(status_code=204) if page.fragment else waiting
    answer = lookups(page).told(full_answer, page.caller)
    evidence = _evidence(page, answer, lookup_id)
    return page.show(
        "lookup/answer.html",
        answer=answer,
        evidence=evidence,
        contents=contents(answer["matches"]) if answer["mixed"] else (),
        sentence=verdicts.sentence(answer),
        why=verdicts.reasons(answer),
        rests=verdicts.rests_on(answer),
        reasons=verdicts.WHY,
        relations=verdicts.RELATIONS,
        linked=lambda reference: str(reference.get("url", "")).startswith("https://"),
        clock=lambda second, fine=False: figures(page, clock(second, fine=fine)),
        watch=_watch(page, answer),
        link=f"{page.origin}{PREFIX}/lookup/{lookup_id}",
        taken_down=next((item.match["entry_id"] for item in evidence if _can_be_taken_down(item)), None),
        **ways(page),
    )


def ways(page: Page) -> dict[str, Any]:
    """Return values for the form: limits, the face models that a browser downloads, and the periods for which
    a lookup may be watched."""
    settings = page.service.settings
    face_models = browser_models.installed(settings.face_files)
    most = longest_watch(page.service, page.caller)
    return {
        "longest": int(settings.max_seconds),
        "largest": settings.max_pixels,
        "faces": {name: browser_models.PARTS[name].sha256 for name in face_models},
        "megabytes": round(sum(path.stat().st_size for path in face_models.values()) / 1e6),
        "periods": [days for days in PERIODS if days <= most] or ([most] if most else []),
    }


@area.page("/lookup/{lookup_id}/row", operation="showLookup")
def awaited_row(page: Page) -> Shown:
    """Show a lookup as a row of a list, as a fragment: waiting, answered or failed."""
    return row(page, page.uuid("lookup_id"))


def row(page: Page, lookup_id: UUID) -> Shown:
    """Return the row of a lookup whose answer may not be there yet."""
    try:
        found = get_lookup(page.service, page.caller, lookup_id)
    except NotFound:
        raise
    except FakeprintError as error:
        page.error = error
        return page.show("lookup/row.html", state="failed", lookup_id=str(lookup_id))
    if found is None:
        return page.show("lookup/row.html", state="waiting", lookup_id=str(lookup_id))
    return row_of(page, found)


def row_of(page: Page, answer: Answer) -> Shown:
    """Return the row of an answer."""
    return page.show(
        "lookup/row.html",
        state="answered",
        lookup_id=answer["lookup_id"],
        verdict=answer["verdict"],
        sentence=verdicts.sentence(answer),
        rests=verdicts.rests_on(answer),
    )


def _evidence(page: Page, answer: Answer, lookup_id: UUID) -> list[Evidence]:
    matches = answer["matches"]
    ids = [as_uuid(match["entry_id"]) for match in matches if match["entry_id"]]
    hidden = {str(case) for case in hidden_cases(page.service, page.caller, ids)}
    words = page.words.within(area.name)
    return [
        Evidence(
            match,
            drawn(match),
            agreement.rows(match, words),
            agreement.signs(match["signals"], None, words) if match["signals"] else None,
            _original(page, match, matches),
            "" if match["entry_id"] in hidden else _pictures(page, match, matches, lookup_id),
            match["entry_id"] in hidden,
            differing.drawn(match),
        )
        for match in matches
    ]


def _can_be_taken_down(item: Evidence) -> bool:
    match = item.match
    return bool(match["verdict"] == "known_fake" and match["entry_id"] and match["title"]) and not item.hidden


def _watch(page: Page, answer: Answer) -> dict[str, Any]:
    """Return whether the lookup is watched (`until`, `watch_id`), and whether that can be offered."""
    watched = answer.get("watch")
    offered = answer["verdict"] in WATCHABLE
    if watched is None:
        return {"until": None, "offered": offered}
    try:
        get_watch(page.service, page.caller, as_uuid(watched["watch_id"]))
    except NotFound:
        return {"until": None, "offered": offered}
    until: datetime = aware(watched["expires_at"])
    return {"until": until, "offered": False, "watch_id": watched["watch_id"]}


def _pictures(page: Page, match: Match, matches: Sequence[Match], lookup_id: UUID) -> str:
    """Return the signed plan of the comparison of pictures. Empty after the first `MOST_PICTURED` matches."""
    is_first = any(first is match for first in matches[:MOST_PICTURED])
    return pictures.of_match(page, match, f"/lookup/{lookup_id}") if is_first else ""


def _original(page: Page, match: Match, matches: Sequence[Match]) -> str:
    """Return `here` if the original of a match's entry is one of the matches, `registered`, or empty."""
    entry_id = match["entry_id"]
    if match["relation"] == "original" or entry_id is None or match in matches[MOST_PICTURED:]:
        return ""
    if any(match["relation"] == "original" and match["entry_id"] == entry_id for match in matches):
        return "here"
    try:
        entry = show_entry(page.service, page.caller, as_uuid(entry_id))
    except FakeprintError:
        return ""
    return "registered" if any(asset.role == "original" for asset in entry.assets) else ""
