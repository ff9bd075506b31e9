"""Import and export ClaimReview and MediaReview of schema.org as JSON-LD (https://schema.org/ClaimReview,
/MediaReview).

The import looks only at the names of types and properties and ignores `@context`. Publishers' pages rarely
satisfy a JSON-LD processor, and nothing is fetched.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from registry.catalogue.entries.errors import BadClaimReview, NotAFake
from registry.catalogue.entries.model.details import Details, is_language
from registry.catalogue.entries.model.reference import is_address

MOST_NODES: Final = 200
DEEPEST: Final = 6
TRANSFORMED: Final = "https://schema.org/TransformedContent"
EDITED: Final = "https://schema.org/EditedOrCroppedContent"
_CATEGORY: Final = {
    "face_swap": TRANSFORMED,
    "lip_sync": TRANSFORMED,
    "synthetic": TRANSFORMED,
    "audio": TRANSFORMED,
    "edited": EDITED,
}
"""Values of MediaManipulationRatingEnumeration. `TransformedContent` includes synthesised media and
deepfakes."""
_INNER: Final = ("@graph", "associatedMediaReview", "associatedClaimReview", "itemReviewed")
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
    media is rated as original content.
    """
    nodes = [node for node in _nodes(document, DEEPEST) if _types(node) & _REVIEWS]
    if not nodes:
        raise BadClaimReview(
            "This holds no ClaimReview and no MediaReview of schema.org.",
            next_step='Send the JSON-LD of the page: {"@type": "ClaimReview", …}.',
        )
    ratings = {rating for node in nodes if (rating := _category(node))}
    if ratings and all(rating.endswith("OriginalContent") for rating in ratings):
        raise NotAFake
    return Review(
        claim=next((value for node in nodes if (value := _text(node.get("claimReviewed")))), None),
        language=next((value for node in nodes if (value := _tag(node.get("inLanguage")))), None),
        manipulation="edited"
        if ratings and all(rating.endswith("CroppedContent") for rating in ratings)
        else None,
        evidence=next(
            (value for node in nodes if (value := _text(node.get("originalMediaContextDescription")))), None
        ),
        references=tuple(_unique(_references(nodes))),
        seen=tuple(_unique(place for node in nodes for place in _places(node.get("itemReviewed")))),
    )


def write(entry: Mapping[str, Any], details: Details, publisher: str) -> dict[str, Any]:
    """Return an entry as JSON-LD: its claim, its media and the reviews that it refers to.

    `entry`: the answer of `show_entry`. `details`: only the details that the reader may see. `publisher`: the
    name of the organization that owns the entry.
    """
    claim_node = {
        "@type": "ClaimReview",
        "@id": f"urn:fakeprint:entry:{entry['entry_id']}",
        "name": entry["title"],
        "datePublished": entry["created_at"],
        "author": {"@type": "Organization", "name": publisher},
        "reviewRating": _rating(str(entry["tier"])),
        "itemReviewed": {"@type": "Claim", "appearance": [_work(place) for place in details.seen]},
    }
    if entry["claim"]:
        claim_node["claimReviewed"] = entry["claim"]
    if details.language:
        claim_node["inLanguage"] = details.language
    media: dict[str, Any] = {
        "@type": "MediaReview",
        "@id": f"urn:fakeprint:entry:{entry['entry_id']}:media",
        "mediaAuthenticityCategory": _CATEGORY.get(str(entry["manipulation"]), TRANSFORMED),
        "itemReviewed": {
            "@type": "MediaReviewItem",
            "mediaItemAppearance": [_object(asset) for asset in entry["assets"] if asset["role"] == "fake"],
        },
    }
    if details.evidence:
        media["originalMediaContextDescription"] = details.evidence
    reference_nodes = [_referred(reference) for reference in entry["references"]]
    return {"@context": "https://schema.org", "@graph": [claim_node, media, *reference_nodes]}


_RATINGS: Final = {
    "unreviewed": "Registered as fake, not reviewed",
    "reviewed": "Fake",
    "court_order": "Fake, by court order",
}


def _rating(tier: str) -> dict[str, Any]:
    return {
        "@type": "Rating",
        "ratingValue": 1,
        "worstRating": 1,
        "bestRating": 5,
        "alternateName": _RATINGS[tier],
    }


def _work(place: Mapping[str, Any]) -> dict[str, Any]:
    work = {"@type": "CreativeWork", "url": place.get("url"), "datePublished": place.get("at")}
    if place.get("platform"):
        work["publisher"] = {"@type": "Organization", "name": place["platform"]}
    return {name: value for name, value in work.items() if value}


def _object(asset: Mapping[str, Any]) -> dict[str, Any]:
    kind = {"video": "VideoObject", "image": "ImageObject"}.get(str(asset["kind"]), "MediaObject")
    node: dict[str, Any] = {"@type": kind, "identifier": f"urn:fakeprint:asset:{asset['asset_id']}"}
    if asset.get("duration"):
        node["duration"] = f"PT{float(asset['duration']):.3f}S"
    return node


_PROPERTIES: Final = {"url": "url", "title": "name", "language": "inLanguage", "date": "datePublished"}


def _referred(reference: Mapping[str, str]) -> dict[str, Any]:
    kind = reference.get("type", "")
    node: dict[str, Any] = {"@type": kind if kind in _REVIEWS else "ClaimReview"}
    node |= {name: reference[field] for field, name in _PROPERTIES.items() if field in reference}
    if "publisher" in reference:
        node["author"] = {"@type": "Organization", "name": reference["publisher"]}
    if "rating" in reference:
        node["reviewRating"] = {"@type": "Rating", "alternateName": reference["rating"]}
    return node


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
            "rating": _rated(rating) or _category(node).rpartition("/")[2],
            "language": _text(node.get("inLanguage")),
            "type": min(_types(node) & _REVIEWS),
            "date": _text(node.get("datePublished")),
        }
        yield {name: value[:500] if name != "url" else value for name, value in reference.items() if value}


def _places(work: object) -> Iterator[dict[str, str]]:
    """Yield the places where the claim or the media appeared."""
    for node in _nodes(work, DEEPEST):
        for name in ("appearance", "firstAppearance", "mediaItemAppearance", "originalMediaLink"):
            for element in _listed(node.get(name)):
                yield from _place(element)


def _place(work: object) -> Iterator[dict[str, str]]:
    if isinstance(work, str):
        if is_address(work):
            yield {"url": work}
        return
    if not isinstance(work, Mapping):
        return
    urls = [_text(work.get(name)) for name in ("url", "contentUrl", "@id")]
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


def _category(node: Mapping[str, Any]) -> str:
    value = node.get("mediaAuthenticityCategory")
    return _text(value.get("@id")) if isinstance(value, Mapping) else _text(value)


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


def _unique(rows: Iterable[dict[str, str]]) -> Iterator[dict[str, str]]:
    seen = set()
    for row in rows:
        key = tuple(sorted(row.items()))
        if key not in seen:
            seen.add(key)
            yield row
