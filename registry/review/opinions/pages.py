"""Lookups on which the reader can give an opinion, for contest/opinions_part.html."""

from __future__ import annotations

from uuid import UUID

from registry.console.view import Page, as_uuid
from registry.core.errors import NotFound
from registry.review.opinions.service import list_matches
from registry.review.opinions.store import FoundBy


def matches(page: Page, entry_id: UUID) -> list[FoundBy] | None:
    """Return lookups that found the entry, first the one named in the URL or form. None if the reader may not
    give opinions."""
    if not page.may("giveOpinion"):
        return None
    named = page.typed.text("lookup") or page.query("lookup")
    try:
        return list_matches(page.service, page.caller, entry_id, as_uuid(named) if named else None)
    except NotFound:  # only reviewers see a suspended entry; or the number is invalid
        return []
