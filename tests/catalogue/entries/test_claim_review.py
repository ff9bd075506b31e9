"""ClaimReview and MediaReview, in and out; and what else is said of an entry."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.entries.model import claim_review, published_review
from registry.catalogue.entries.model.details import Details, details
from registry.catalogue.entries.model.reference import references
from registry.core.errors import BadInput

PAGE: dict[str, Any] = {
    "@context": "https://schema.org",
    "@graph": [
        {"@type": "NewsArticle", "headline": "No, the mayor did not resign"},
        {
            "@type": ["ClaimReview"],
            "url": "https://checker.example/es/1",
            "claimReviewed": "La alcaldesa dimite",
            "inLanguage": "es",
            "datePublished": "2026-01-31",
            "author": {"@type": "Organization", "name": "Maldita"},
            "reviewRating": {"@type": "Rating", "ratingValue": 1, "alternateName": "Falso"},
            "itemReviewed": {
                "@type": "Claim",
                "appearance": [
                    "https://video.example/1",
                    {"@type": "CreativeWork", "url": "https://v.example/2"},
                ],
                "firstAppearance": {
                    "@type": "CreativeWork",
                    "publisher": {"name": "Telegram"},
                    "datePublished": "2026-01-30T22:10:00",
                },
            },
            "associatedMediaReview": {
                "@type": "MediaReview",
                "url": "https://checker.example/es/1#media",
                "mediaAuthenticityCategory": "https://schema.org/TransformedContent",
                "originalMediaContextDescription": "Footage of 2024, another face.",
                "itemReviewed": {
                    "@type": "MediaReviewItem",
                    "mediaItemAppearance": [
                        {"@type": "VideoObject", "contentUrl": "https://cdn.example/a.mp4"}
                    ],
                },
            },
        },
    ],
}


def test_a_review_page_fills_in_a_registration() -> None:
    review = claim_review.read(PAGE)
    assert (review.claim, review.language, review.manipulation) == ("La alcaldesa dimite", "es", None)
    assert review.evidence == "Footage of 2024, another face."
    assert review.references[0] == {
        "url": "https://checker.example/es/1",
        "publisher": "Maldita",
        "rating": "Falso",
        "language": "es",
        "type": "ClaimReview",
        "date": "2026-01-31",
    }
    assert review.references[1]["rating"] == "TransformedContent"
    assert {tuple(sorted(item.items())) for item in review.seen} == {
        (("url", "https://video.example/1"),),
        (("url", "https://v.example/2"),),
        (("at", "2026-01-30"), ("platform", "Telegram")),
        (("url", "https://cdn.example/a.mp4"),),
    }
    checked = details(review.language, seen=review.seen, evidence=review.evidence)
    assert [item["channel"] for item in checked.seen] == ["public", "public", "other", "public"]
    assert references(review.references)


@pytest.mark.parametrize(
    "category",
    [
        "OriginalContent",
        "https://schema.org/OriginalMediaContent",
        ["OriginalMediaContent", {"@id": "schema:DecontextualizedContent"}],
        "DecontextualizedContent",
    ],
)
def test_media_that_nobody_altered_is_no_fake(category: Any) -> None:
    page = {"@type": "MediaReview", "mediaAuthenticityCategory": category}
    with pytest.raises(BadInput) as caught:
        claim_review.read(page)
    assert caught.value.code == "not_a_fake"


def test_edited_media_out_of_context_are_a_fake() -> None:
    both = ["EditedOrCroppedContent", "DecontextualizedContent"]
    page = {"@type": "MediaReview", "mediaAuthenticityCategory": both}
    assert claim_review.read(page).manipulation is None
    cropped = {"@type": "MediaReview", "mediaAuthenticityCategory": {"@id": "schema:EditedOrCroppedContent"}}
    assert claim_review.read(cropped).manipulation == "edited"


def test_the_page_of_an_original_is_no_place_of_the_fake() -> None:
    genuine = {"@type": "WebPage", "url": "https://news.example/speech"}
    page = {
        "@type": "MediaReview",
        "url": "https://checker.example/2",
        "mediaAuthenticityCategory": "TransformedContent",
        "originalMediaLink": genuine,
        "itemReviewed": {
            "@type": "MediaReviewItem",
            "mediaItemAppearance": [
                {"@type": "VideoObjectSnapshot", "description": "A video of a speech"},
                {"@type": "VideoObjectSnapshot", "accessedOnUrl": "https://social.example/p/1"},
                {"@type": "VideoObject", "contentUrl": "https://social.example/p/1"},
            ],
        },
    }
    review = claim_review.read([page, {**page, "originalMediaLink": genuine["url"]}])
    assert review.seen == ({"url": "https://social.example/p/1"},)
    assert review.references[-1] == {"url": genuine["url"], "type": "original"}
    assert len(review.references) == 2


@pytest.mark.parametrize(
    "given_", [None, 1, "text", [], {}, {"@type": "Article"}, [[[[{}]]]], {"@graph": [1]}]
)
def test_pages_without_a_review_are_refused(given_: Any) -> None:
    with pytest.raises(BadInput) as caught:
        claim_review.read(given_)
    assert caught.value.code == "bad_claim_review"


@pytest.mark.slow
@given(
    st.recursive(
        st.none() | st.text(max_size=5) | st.integers(),
        lambda integer: (
            st.lists(integer, max_size=4)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "@type",
                        "@graph",
                        "itemReviewed",
                        "url",
                        "author",
                        "appearance",
                        "claimReviewed",
                        "reviewRating",
                    ]
                ),
                integer | st.sampled_from(["ClaimReview", "https://a.example/"]),
                max_size=5,
            )
        ),
        max_leaves=30,
    )
)
def test_anything_is_read_or_refused(anything: Any) -> None:
    for page in (
        anything,
        {"@type": "ClaimReview", "itemReviewed": anything, "author": anything, "url": anything},
    ):
        try:
            review = claim_review.read(page)
        except BadInput:
            continue
        references(review.references)
        assert all(review.seen)


_text = st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=20)
_url = st.from_regex(r"https://[a-z]{1,8}\.example/[a-z0-9]{0,8}", fullmatch=True)
_reference = st.fixed_dictionaries(
    {"url": _url},
    optional={
        "title": _text,
        "publisher": _text,
        "rating": _text,
        "language": st.just("es"),
        "date": st.just("2026-01-31"),
    },
).map(lambda item: {**item, "type": "ClaimReview"})
_seen = st.fixed_dictionaries(
    {"url": _url, "channel": st.just("public")}, optional={"platform": _text, "at": st.just("2026-01-31")}
)


@pytest.mark.slow
@given(
    _text,
    st.sampled_from(["face_swap", "edited", None]),
    st.lists(_reference, max_size=4, unique_by=lambda row: row["url"]),
    st.lists(_seen, max_size=4, unique_by=lambda row: row["url"]),
    _text,
)
def test_exported_reviews_can_be_imported(
    claim: str, manipulation: str | None, refs: Any, seen: Any, evidence: str
) -> None:
    entry = {
        "entry_id": "e",
        "title": "T",
        "claim": claim,
        "created_at": "2026-01-31T09:30:00+00:00",
        "tier": "reviewed",
        "manipulation": manipulation,
        "references": refs,
        "assets": [{"asset_id": "a", "role": "fake", "kind": "video", "duration": 8.0}],
    }
    exported = details("es", seen=seen, evidence=evidence)
    page = "https://fakes.example/console/public/e"
    back = claim_review.read(published_review.write(entry, exported, "Newsroom", page))
    assert (back.claim, back.language, back.evidence) == (claim, "es", exported.evidence)
    assert [row for row in back.references if row["url"] != page] == refs
    assert details("es", seen=back.seen).seen == exported.seen
    assert back.manipulation == ("edited" if manipulation == "edited" else None)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"language": "español"}, "bad_language"),
        ({"depicted": ["Name"]}, "bad_detail"),
        ({"depicted": [{"name": " "}]}, "bad_label"),
        ({"depicted": [{"name": "A", "face": [1]}]}, "bad_detail"),
        ({"depicted": [{"name": "A", "url": "javascript:1"}]}, "bad_detail"),
        ({"depicted": [{"name": "A", "public": "yes"}]}, "bad_detail"),
        ({"depicted": [{"name": "A"}] * 51}, "bad_detail"),
        ({"seen": [{}]}, "bad_detail"),
        ({"seen": [{"url": "https://a.example", "channel": "secret"}]}, "bad_detail"),
        ({"seen": [{"url": "https://a.example", "at": "2026-01-31T09:30"}]}, "bad_detail"),
        ({"seen": [{"url": "https://a.example", "at": "yesterday"}]}, "bad_detail"),
        ({"evidence": "a\x00b"}, "bad_label"),
        ({"evidence": "x" * 20_001}, "bad_label"),
    ],
)
def test_invalid_reviews_are_refused(said: Any, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        details(**said)
    assert caught.value.code == code


def test_strangers_see_public_names_alone() -> None:
    exported = details(
        "ar",
        [{"name": "مريم", "public": True}, {"name": "Dolores Ibáñez"}],
        [{"platform": "WhatsApp", "channel": "messaging"}],
        "Two\r\nlines",
    )
    assert exported.evidence == "Two\nlines"
    assert exported.shown(own=False) == {
        "depicted": [{"name": "مريم", "public": True}],
        "seen": [],
        "evidence": None,
    }
    assert Details.of("ar", exported.sealed) == exported


@pytest.mark.parametrize(
    ("said", "language", "at"),
    [
        ({"inLanguage": "English"}, None, None),
        ({"inLanguage": {"@type": "Language", "name": "Spanish", "alternateName": "es"}}, "es", None),
        ({"date": "Jan 31, 2026"}, None, None),
        ({"date": "2026-01-30T22:10"}, None, "2026-01-30"),
        ({"date": "2026-01-30T22:10:00+01:00"}, None, "2026-01-30T22:10:00+01:00"),
        ({"date": "2026-13-99"}, None, None),
    ],
)
def test_unusual_dates_and_languages_of_a_page_are_read(
    said: dict[str, Any], language: str | None, at: str | None
) -> None:
    appearance = {"url": "https://v.example/1", "datePublished": said.get("date")}
    page = {
        "@type": "ClaimReview",
        "url": "https://checker.example/1",
        "inLanguage": said.get("inLanguage"),
        "itemReviewed": {"@type": "Claim", "appearance": appearance},
    }
    review = claim_review.read(page)
    kept = details(review.language, seen=review.seen)
    assert (kept.language, kept.seen[0].get("at")) == (language, at)
