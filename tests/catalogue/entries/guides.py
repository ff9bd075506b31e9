"""What the guides for fact-checks want of ClaimReview and MediaReview, as data, read in November 2026.

Google: https://developers.google.com/search/docs/appearance/structured-data/factcheck (its Fact Check
Explorer reads the markup; Google Search no longer does). Duke Reporters' Lab:
`public/json-schemas/media-review-schema.json` of github.com/TechAndCheck/zenodotus at 1136bd75, the schema of
its archive of fact-checks. A path names a property inside a property.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

GOOGLE_REQUIRED: Final = ("claimReviewed", "reviewRating", "reviewRating.alternateName", "url")
GOOGLE_RECOMMENDED: Final = (
    *("author", "author.name", "author.url", "datePublished"),
    *("itemReviewed", "itemReviewed.author", "itemReviewed.author.name", "itemReviewed.datePublished"),
    *("itemReviewed.appearance", "itemReviewed.firstAppearance"),
    *("reviewRating.ratingValue", "reviewRating.worstRating", "reviewRating.bestRating"),
)
LAB_REQUIRED: Final = (
    *("author", "author.name", "author.url", "datePublished", "mediaAuthenticityCategory", "url"),
    *("itemReviewed", "itemReviewed.creator", "itemReviewed.creator.name"),
    *("itemReviewed.interpretedAsClaim", "itemReviewed.interpretedAsClaim.description"),
    "itemReviewed.mediaItemAppearance",
)
LAB_OF_ITS_FACTS: Final = ("originalMediaLink", "originalMediaContextDescription")
"""Required or usual there. They are written where the registry knows them."""


def missing(node: Mapping[str, Any], paths: tuple[str, ...]) -> list[str]:
    """Return the paths at which the node has no value."""
    return [path for path in paths if not _at(node, path.split("."))]


def _at(value: Any, names: list[str]) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
