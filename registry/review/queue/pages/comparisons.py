"""Pictures on the page of a review: which media are compared, and at which instants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final
from uuid import UUID

from registry.catalogue.previews.pages.pictures import Medium, Plan, of_spans, word
from registry.console.view import Page
from registry.lineage.schemas import RelatedEntry
from registry.review.queue.schemas import Derived, EntryReview, ReviewedMedium

MOST_ALONE: Final = 4
"""Media of an entry that are shown by themselves."""


def comparisons(
    page: Page, entry_id: UUID, review: EntryReview, relatives: Sequence[RelatedEntry]
) -> dict[str, list[Any]]:
    """Return the words (`previews.pages.pictures.word`) of all comparisons of an entry under review.

    `near`: a medium beside that of each relative. `derived`: each fake beside its original. `alone`: pairs of
    a medium that is in no other comparison, and its word.
    """
    back = f"/review/{entry_id}"
    beside = {relative.asset_id for relative in relatives}
    beside |= {asset_id for pair in review.derived for asset_id in (pair.fake_id, pair.original_id)}
    alone = [medium for medium in review.media if medium.asset_id not in beside and medium.media_kept]
    return {
        "near": [_relative(page, str(entry_id), relative, back) for relative in relatives],
        "derived": [_derived(page, str(entry_id), pair, back) for pair in review.derived],
        "alone": [(medium, _alone(page, str(entry_id), medium, back)) for medium in alone[:MOST_ALONE]],
    }


def _relative(page: Page, entry_id: str, near: RelatedEntry, back: str) -> str:
    spans = [span.model_dump() for span in near.spans]
    media = (
        Medium(near.role, entry_id, near.asset_id),
        Medium("related", near.entry_id, near.related_asset_id),
    )
    return of_spans(page, media, spans, ("entry", "related"), back)


def _derived(page: Page, entry_id: str, pair: Derived, back: str) -> str:
    spans = [span.model_dump() for span in pair.spans]
    media = (Medium("fake", entry_id, pair.fake_id), Medium("original", entry_id, pair.original_id))
    return of_spans(page, media, spans, ("fake", "original"), back)


def _alone(page: Page, entry_id: str, medium: ReviewedMedium, back: str) -> str:
    duration = medium.duration or 0.0
    rows = tuple((duration * share,) for share in ((0.2, 0.5, 0.8) if duration else (0.0,)))
    return word(page, Plan((Medium(medium.role, entry_id, medium.asset_id),), rows, (), back))
