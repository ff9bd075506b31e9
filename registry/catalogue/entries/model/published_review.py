"""Write an entry as ClaimReview and MediaReview of schema.org, as JSON-LD.

The properties are those that Google's guide for fact checks and the MediaReview schema of the Duke
Reporters' Lab require or recommend (decision record 0108). `accessedOnUrl`, the page on which a medium was
found, is the Lab's own term and not of schema.org. `url` has the same value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import urlsplit

from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.model.reference import ORIGINAL

TRANSFORMED: Final = "https://schema.org/TransformedContent"
EDITED: Final = "https://schema.org/EditedOrCroppedContent"
_CATEGORY: Final = {
    "face_swap": TRANSFORMED,
    "lip_sync": TRANSFORMED,
    "synthetic": TRANSFORMED,
    "audio": TRANSFORMED,
    "voice_clone": TRANSFORMED,
    "spliced": EDITED,
    "edited": EDITED,
}
"""Values of MediaManipulationRatingEnumeration. `TransformedContent` includes synthesised media and
deepfakes."""
_RATINGS: Final = {
    "unreviewed": "Registered as fake, not reviewed",
    "reviewed": "Fake",
    "court_order": "Fake, by court order",
}
_UNKNOWN: Final = {"@type": "Person", "name": "Unknown"}
"""Who made the claim or the media. A registry does not record it. The guides want a name."""
_REVIEWS: Final = frozenset({"ClaimReview", "MediaReview"})
_PROPERTIES: Final = {"url": "url", "title": "name", "language": "inLanguage", "date": "datePublished"}

Node = dict[str, Any]


def write(entry: Mapping[str, Any], details: Details, publisher: str, url: str) -> Node:
    """Return an entry as JSON-LD: its claim, its media, and the fact-checks that it refers to.

    `entry`: the answer of `show_entry`. `details`: only the details that the reader may see. `publisher`: the
    name of the organization that owns the entry. `url`: the page of the entry.
    """
    parts = urlsplit(url)
    name = f"urn:fakeprint:entry:{entry['entry_id']}"
    shared = {
        "url": url,
        "datePublished": str(entry["created_at"])[:10],
        "author": {"@type": "Organization", "name": publisher, "url": f"{parts.scheme}://{parts.netloc}/"},
    }
    if details.language:
        shared["inLanguage"] = details.language
    claim, media = _claim_review(entry, details), _media_review(entry, details)
    linked = {"associatedMediaReview": {"@id": f"{name}:media"}}, {"associatedClaimReview": {"@id": name}}
    return {
        "@context": "https://schema.org",
        "@graph": [
            {"@type": "ClaimReview", "@id": name} | shared | claim | linked[0],
            {"@type": "MediaReview", "@id": f"{name}:media"} | shared | media | linked[1],
        ],
    }


def _claim_review(entry: Mapping[str, Any], details: Details) -> Node:
    works = [_work(place) for place in details.seen]
    claim: Node = {"@type": "Claim", "author": _UNKNOWN}
    if works:
        claim["appearance"] = works
    dated = [work for work in works if "datePublished" in work]
    if dated:
        claim["firstAppearance"] = min(dated, key=lambda work: _moment(work["datePublished"]))
        claim["datePublished"] = claim["firstAppearance"]["datePublished"]
    if people := [_person(person) for person in details.depicted if person.get("public")]:
        claim["about"] = people
    node: Node = {
        "name": entry["title"],
        "claimReviewed": _claim(entry),
        "reviewRating": _rating(str(entry["tier"])),
        "itemReviewed": claim,
    }
    cited = [_cited(reference) for reference in entry["references"] if reference.get("type") != ORIGINAL]
    return node | {"citation": cited} if cited else node


def _media_review(entry: Mapping[str, Any], details: Details) -> Node:
    node: Node = {
        "mediaAuthenticityCategory": _CATEGORY.get(str(entry["manipulation"]), TRANSFORMED),
        "itemReviewed": {
            "@type": "MediaReviewItem",
            "creator": _UNKNOWN,
            "interpretedAsClaim": {"@type": "Claim", "description": _claim(entry)},
            "mediaItemAppearance": _appearances(entry["assets"], details.seen),
        },
    }
    if details.evidence:
        node["originalMediaContextDescription"] = details.evidence
    links: list[Any] = [row["url"] for row in entry["references"] if row.get("type") == ORIGINAL]
    links = links or [_object(asset) for asset in entry["assets"] if asset["role"] == "original"]
    if links:
        node["originalMediaLink"] = links[0] if len(links) == 1 else links
    return node


def _claim(entry: Mapping[str, Any]) -> str:
    return str(entry["claim"] or entry["title"])


def _rating(tier: str) -> Node:
    return {
        "@type": "Rating",
        "ratingValue": "1",
        "worstRating": "1",
        "bestRating": "5",
        "alternateName": _RATINGS[tier],
    }


def _work(place: Mapping[str, Any]) -> Node:
    work = {"@type": "CreativeWork", "url": place.get("url"), "datePublished": place.get("at")}
    if place.get("platform"):
        work["publisher"] = {"@type": "Organization", "name": place["platform"]}
    return {name: value for name, value in work.items() if value}


def _moment(at: str) -> datetime:
    moment = datetime.fromisoformat(at)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _person(person: Mapping[str, Any]) -> Node:
    node = {"@type": "Person", "name": person["name"], "sameAs": person.get("url")}
    return {name: value for name, value in node.items() if value}


def _appearances(assets: Iterable[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]]) -> list[Node]:
    """Return the fakes, then the pages on which they were seen. Which of several fakes a page shows is not
    recorded; pages have the type of the first."""
    fakes = [_object(asset) for asset in assets if asset["role"] == "fake"]
    kind = fakes[0]["@type"] if fakes else "MediaObject"
    pages = [
        _work(place) | {"@type": kind, "accessedOnUrl": place["url"]} for place in seen if place.get("url")
    ]
    return fakes + pages


def _object(asset: Mapping[str, Any]) -> Node:
    kinds = {"video": "VideoObject", "image": "ImageObject", "audio": "AudioObject"}
    node: Node = {
        "@type": kinds.get(str(asset["kind"]), "MediaObject"),
        "identifier": f"urn:fakeprint:asset:{asset['asset_id']}",
    }
    if asset.get("duration"):
        node["duration"] = f"PT{float(asset['duration']):.3f}S"
    return node


def _cited(reference: Mapping[str, str]) -> Node:
    kind = reference.get("type", "")
    node: Node = {"@type": kind if kind in _REVIEWS else "ClaimReview"}
    node |= {name: reference[field] for field, name in _PROPERTIES.items() if field in reference}
    if "publisher" in reference:
        node["author"] = {"@type": "Organization", "name": reference["publisher"]}
    if "rating" in reference:
        node["reviewRating"] = {"@type": "Rating", "alternateName": reference["rating"]}
    return node
