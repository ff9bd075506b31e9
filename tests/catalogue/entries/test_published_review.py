"""An entry as ClaimReview and MediaReview: complete by the guides, and true."""

from __future__ import annotations

from typing import Any

import pytest

from registry.catalogue.entries.model.details import Details, details
from registry.catalogue.entries.model.published_review import write
from tests.catalogue.entries import guides

PAGE = "https://fakes.example/console/public/5a1e"
FULL = details(
    "es",
    [{"name": "Dolores Ibáñez", "url": "https://d.example", "public": True}, {"name": "A private person"}],
    [
        {"url": "https://social.example/p/2", "platform": "X", "at": "2026-02-01"},
        {"url": "https://social.example/p/1", "at": "2026-01-30T23:10:00+01:00"},
        {"platform": "Telegram", "channel": "messaging"},
    ],
    "Footage of 2024, another face.",
)


def entry(**more: Any) -> dict[str, Any]:
    return {
        "entry_id": "5a1e",
        "title": "The balcony speech",
        "claim": "The mayor resigns",
        "created_at": "2026-02-02T09:30:00+00:00",
        "tier": "reviewed",
        "manipulation": "face_swap",
        "references": [
            {
                "url": "https://checker.example/1",
                "publisher": "Maldita",
                "rating": "Falso",
                "date": "2026-02-01",
            },
            {"url": "https://news.example/speech", "type": "original"},
        ],
        "assets": [
            {"asset_id": "a", "role": "fake", "kind": "video", "duration": 8.0},
            {"asset_id": "b", "role": "original", "kind": "video", "duration": 60.0},
        ],
    } | more


def reviews(said: Details = FULL, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    claim, media = write(entry(**more), said, "Newsroom", PAGE)["@graph"]
    assert (claim["@type"], media["@type"]) == ("ClaimReview", "MediaReview")
    return claim, media


def test_they_have_what_the_guides_want() -> None:
    claim, media = reviews()
    assert guides.missing(claim, guides.GOOGLE_REQUIRED + guides.GOOGLE_RECOMMENDED) == []
    assert guides.missing(media, guides.LAB_REQUIRED + guides.LAB_OF_ITS_FACTS) == []


def test_an_entry_of_which_little_is_known_has_what_is_required() -> None:
    claim, media = reviews(Details(), claim=None, references=[], manipulation=None, tier="unreviewed")
    assert guides.missing(claim, guides.GOOGLE_REQUIRED) == []
    assert guides.missing(media, guides.LAB_REQUIRED) == []
    assert claim["claimReviewed"] == "The balcony speech"
    assert claim["reviewRating"]["alternateName"] == "Registered as fake, not reviewed"
    assert "citation" not in claim
    assert "firstAppearance" not in claim["itemReviewed"]


def test_both_have_page_publisher_and_day() -> None:
    author = {"@type": "Organization", "name": "Newsroom", "url": "https://fakes.example/"}
    for review in reviews():
        assert (review["url"], review["author"], review["datePublished"]) == (PAGE, author, "2026-02-02")


def test_fact_checks_of_others_are_cited_and_do_not_stand_beside() -> None:
    claim, _ = reviews()
    (cited,) = claim["citation"]
    assert (cited["@type"], cited["url"]) == ("ClaimReview", "https://checker.example/1")
    assert cited["author"]["name"] == "Maldita"


def test_the_earliest_place_is_the_first() -> None:
    claim, _ = reviews()
    first = claim["itemReviewed"]["firstAppearance"]
    assert first["url"] == "https://social.example/p/1"
    assert claim["itemReviewed"]["datePublished"] == "2026-01-30T23:10:00+01:00"
    assert len(claim["itemReviewed"]["appearance"]) == 3


def test_only_public_names_are_written() -> None:
    claim, _ = reviews()
    assert claim["itemReviewed"]["about"] == [
        {"@type": "Person", "name": "Dolores Ibáñez", "sameAs": "https://d.example"}
    ]
    assert "A private person" not in str(write(entry(), FULL, "Newsroom", PAGE))


def test_the_genuine_footage_is_the_original_and_never_an_appearance() -> None:
    _, media = reviews()
    assert media["originalMediaLink"] == "https://news.example/speech"
    appearances = media["itemReviewed"]["mediaItemAppearance"]
    assert [place.get("accessedOnUrl") for place in appearances] == [
        None,
        "https://social.example/p/2",
        "https://social.example/p/1",
    ]
    assert {place["@type"] for place in appearances} == {"VideoObject"}
    _, without_link = reviews(references=[])
    assert without_link["originalMediaLink"]["identifier"] == "urn:fakeprint:asset:b"
    assert "asset:b" not in str(without_link["itemReviewed"])


@pytest.mark.parametrize(
    ("manipulation", "category"),
    [
        ("face_swap", "TransformedContent"),
        ("lip_sync", "TransformedContent"),
        ("synthetic", "TransformedContent"),
        ("audio", "TransformedContent"),
        ("edited", "EditedOrCroppedContent"),
        (None, "TransformedContent"),
    ],
)
def test_the_category_follows_the_manipulation(manipulation: str | None, category: str) -> None:
    _, media = reviews(manipulation=manipulation)
    assert media["mediaAuthenticityCategory"] == f"https://schema.org/{category}"
