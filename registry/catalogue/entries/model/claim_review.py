"""Read ClaimReview and MediaReview of schema.org from JSON-LD (https://schema.org/ClaimReview, /MediaReview).

Only the names of types and properties are read, and `@context` is ignored. Publishers' pages rarely satisfy a
JSON-LD processor, and nothing is fetched. `published_review` writes them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from registry.catalogue.entries.errors import BadClaimReview, NotAFake
from registry.catalogue.entries.model.details import is_language
from registry.catalogue.entries.model.reference import ORIGINAL, is_address

MOST_NODES: Final = 200
DEEPEST: Final = 6
_UNALTERED: Final = frozenset({"OriginalMediaContent", "OriginalContent", "DecontextualizedContent"})
"""Ratings of media that nobody altered: genuine, or genuine under a wrong claim. `OriginalContent` is of a
draft."""
_CUT: Final = frozenset({"EditedOrCroppedContent"})
_INNER: Final = ("@graph", "associatedMediaReview", "associatedClaimReview", "itemReviewed", "citation")
_REVIEWS: Final = frozenset({"ClaimReview", "MediaReview"})


@dataclass(frozen=True, slots=True)
class Review:
    """Content of imported reviews, unchecked, in the form that `register_entry` accepts."""

    claim: str | None
    language: str | None
    manipulation: str | None
    evidence: str | None
    references: tuple[dict[str, str], ...]
    seen: tuple[dict[str, str], ...]


def read(document: object) -> Review:
    """Read a JSON-LD object, a list of objects or a `@graph`.

    Raises `BadInput`: `bad_claim_review` if there is no ClaimReview and no MediaReview, `not_a_fake` if the
    media is rated as original or only as shown out of context.
    """
    nodes = [node for node in _nodes(document, DEEPEST) if _types(node) & _REVIEWS]
    if not nodes:
        raise BadClaimReview(
            "This holds no ClaimReview and no MediaReview of schema.org.",
            next_step='Send the JSON-LD of the page: {"@type": "ClaimReview", …}.',
        )
    ratings = {rating for node in nodes for rating in _categories(node)}
    if ratings and ratings <= _UNALTERED:
        raise NotAFake
    return Review(
        claim=next((value for node in nodes if (value := _text(node.get("claimReviewed")))), None),
        language=next((value for node in nodes if (value := _tag(node.get("inLanguage")))), None),
        manipulation="edited" if ratings and ratings <= _CUT else None,
        evidence=next(
            (value for node in nodes if (value := _text(node.get("originalMediaContextDescription")))), None
        ),
        references=_joined(_references(nodes)),
        seen=_joined(place for node in nodes for place in _places(node.get("itemReviewed"))),
    )


def _references(nodes: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, str]]:
    for node in nodes:
        url = _text(node.get("url"))
        if not url or not is_address(url):
            continue
        author, rating = node.get("author"), node.get("reviewRating")
        reference = {
            "url": url,
            "title": _text(node.get("name")) or _text(node.get("headline")),
            "publisher": _name(author) or _name(node.get("publisher")),
            "rating": _rated(rating) or min(_categories(node), default=""),
            "language": _text(node.get("inLanguage")),
            "type": min(_types(node) & _REVIEWS),
            "date": _text(node.get("datePublished")),
        }
        yield {name: value[:500] if name != "url" else value for name, value in reference.items() if value}
    for link in (link for node in nodes for link in _listed(node.get("originalMediaLink"))):
        yield from ({"url": place["url"], "type": ORIGINAL} for place in _place(link) if "url" in place)


def _places(work: object) -> Iterator[dict[str, str]]:
    """Yield the places where the claim or the media appeared."""
    for node in _nodes(work, DEEPEST):
        for name in ("appearance", "firstAppearance", "mediaItemAppearance"):
            for element in _listed(node.get(name)):
                yield from _place(element)


def _place(work: object) -> Iterator[dict[str, str]]:
    if isinstance(work, str):
        if is_address(work):
            yield {"url": work}
        return
    if not isinstance(work, Mapping):
        return
    urls = [_text(work.get(name)) for name in ("accessedOnUrl", "url", "contentUrl", "@id")]
    url = next((url for url in urls if url and is_address(url)), None)
    platform = _name(work.get("publisher"))
    place = {"url": url, "platform": platform, "at": _day(_text(work.get("datePublished")))}
    if url or platform:
        yield {name: value for name, value in place.items() if value}


def _day(text: str) -> str:
    """Return a date, or a time with a UTC offset. A time without an offset is cut to its date.

    Returns an empty string for text that is not a date, which is common on publishers' pages.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text if len(text) == len("2026-01-31") or at.tzinfo else at.date().isoformat()


def _tag(value: object) -> str:
    """Return the language tag, given as text or in a `Language` object. Empty if it is not a valid tag."""
    if isinstance(value, Mapping):
        return next((tag for name in ("alternateName", "name") if (tag := _tag(value.get(name)))), "")
    text = _text(value)
    return text if is_language(text) else ""


def _categories(node: Mapping[str, Any]) -> frozenset[str]:
    """Return the names of the values of `mediaAuthenticityCategory`, without a prefix."""
    values = _listed(node.get("mediaAuthenticityCategory"))
    texts = [_text(value.get("@id")) if isinstance(value, Mapping) else _text(value) for value in values]
    return frozenset(text.rpartition("/")[2].rpartition(":")[2] for text in texts if text)


def _rated(rating: object) -> str:
    if not isinstance(rating, Mapping):
        return _text(rating)
    value = rating.get("ratingValue")
    return _text(rating.get("alternateName")) or (
        str(value) if isinstance(value, (int, float)) else _text(value)
    )


def _name(value: object) -> str:
    first = next(iter(_listed(value)), None)
    return _text(first.get("name")) if isinstance(first, Mapping) else _text(first)


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _listed(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _types(node: Mapping[str, Any]) -> frozenset[str]:
    kinds = [kind for kind in _listed(node.get("@type")) if isinstance(kind, str)]
    return frozenset(kind.rpartition("/")[2].rpartition(":")[2] for kind in kinds)


def _nodes(document: object, depth: int) -> Iterator[Mapping[str, Any]]:
    """Yield the objects, including those in lists and in `@graph`, up to a limit of depth and number."""
    waiting = deque([(document, depth)])
    for _ in range(MOST_NODES):
        if not waiting:
            return
        node, levels = waiting.popleft()
        if isinstance(node, Mapping):
            yield node
            inner = [node.get(name) for name in _INNER if levels]
        else:
            inner = node[:MOST_NODES] if isinstance(node, list) and levels else []
        waiting.extend((child, levels - 1) for child in inner if isinstance(child, (list, Mapping)))


def _joined(rows: Iterable[dict[str, str]]) -> tuple[dict[str, str], ...]:
    """Return the references or places, each URL once, with what later mentions of it add to the first."""
    joined: dict[object, dict[str, str]] = {}
    for row in rows:
        key = row.get("url") or tuple(sorted(row.items()))
        joined[key] = row | joined.get(key, {})
    return tuple(joined.values())
