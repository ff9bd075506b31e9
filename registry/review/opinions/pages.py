"""Lookups of which the reader can say whether they are right, for contest/opinions_part.html."""

from __future__ import annotations

from uuid import UUID

from registry.console.view import Page, as_uuid
from registry.core.errors import NotFound
from registry.review.opinions.service import list_matches
from registry.review.opinions.store import FoundBy


def matches(page: Page, entry_id: UUID) -> list[FoundBy] | None:
    """Those that found the entry; the one that the address or a form names is first. None for who gives no
    opinions."""
    if not page.may("giveOpinion"):
        return None
    named = page.typed.text("lookup") or page.query("lookup")
    try:
        return list_matches(page.service, page.caller, entry_id, as_uuid(named) if named else None)
    except NotFound:  # an entry that is suspended is shown to reviewers alone; a number that is none
        return []
