"""The list of earlier lookups of the reader's organization."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from registry.catalogue.entries.model.verdict import Verdict
from registry.console import filters
from registry.console.languages import N_
from registry.console.view import Page, Shown
from registry.matching.lookups.model import BYS, LookupFilter
from registry.matching.lookups.pages.frame import area
from registry.matching.lookups.service.history import list_lookups

FOUND: Final = "found"
"""Value of the filter `verdict` for everything but `no_match`."""
VIEWS: Final = (
    ("", N_("All")),
    ("verdict=known_fake", N_("Known fakes")),
    ("verdict=related", N_("For a person to decide")),
    ("by=me", N_("Mine")),
)
INPUTS: Final[Mapping[str, str]] = {
    "document": N_("Fingerprint"),
    "file": N_("File"),
    "sha256": N_("Checksum"),
    "md5": N_("Checksum"),
    "hash": N_("Hash of one picture"),
}


@area.page("/lookup/history", operation="showLookup")
def listed(page: Page) -> Shown:
    """List the lookups of the reader's organization, the newest first."""
    chosen = filters.chosen_filters(page, "verdict", "by", "since", "until")
    since, until = filters.days(page, chosen)
    found = list_lookups(
        page.service,
        page.caller,
        LookupFilter(
            verdict=next((code for code in get_args(Verdict) if code == chosen.get("verdict")), None),
            found=chosen.get("verdict") == FOUND,
            by=next((by for by in BYS if by == chosen.get("by")), None),
            since=since,
            until=until,
        ),
        after=page.query("after") or None,
    )
    return page.show(
        "lookup/history.html",
        lookups=found.lookups,
        next=found.next,
        chosen=chosen,
        standing=VIEWS,
        inputs=INPUTS,
    )
