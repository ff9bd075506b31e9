"""What a notice is about, by the table of `takedown.regimes.model.classification`: nothing is guessed."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from registry.takedown.regimes.model import dsa_terms
from registry.takedown.regimes.model.classification import STATED, Classification, FakeMedia, classify


def of(**known: Any) -> Classification:
    media = FakeMedia(known.pop("manipulation", None), known.pop("kinds", ()))
    elements = known.get("elements", {})
    return classify(known.get("regime", "dsa16"), media, known.get("answers", {}), elements)


def short(found: Classification) -> tuple[list[str], list[str]]:
    names = [item.removeprefix("STATEMENT_CATEGORY_") for item in (found.category, *found.additions)]
    return names, [keyword.removeprefix("KEYWORD_") for keyword in found.keywords]


CYBER, WOMEN = "CYBER_VIOLENCE", "CYBER_VIOLENCE_AGAINST_WOMEN"
CIVIC = "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
DEEPFAKE = "NON_CONSENSUAL_MATERIAL_DEEPFAKE"
SWAP = {"manipulation": "face_swap"}
UNWANTED = {"answers": {"consent": "no"}}
INTIMATE = {"answers": {"intimate": "yes", "consent": "no"}}


@pytest.mark.parametrize(
    ("known", "categories", "keywords"),
    [
        ({}, ["NOT_SPECIFIED_NOTICE"], []),
        (SWAP, ["NOT_SPECIFIED_NOTICE"], []),
        (UNWANTED, ["NOT_SPECIFIED_NOTICE"], []),
        ({"regime": "platform_policy"}, ["OTHER_VIOLATION_TC"], []),
        ({"regime": "aepd"}, ["DATA_PROTECTION_AND_PRIVACY_VIOLATIONS"], []),
        (SWAP | UNWANTED, [CYBER], [DEEPFAKE]),
        (SWAP | {"elements": {"no_consent": True}}, [CYBER], [DEEPFAKE]),
        (INTIMATE, [CYBER], []),
        (INTIMATE | {"manipulation": "edited"}, [CYBER], ["NON_CONSENSUAL_IMAGE_SHARING"]),
        (INTIMATE | SWAP | {"elements": {"against_women": True}}, [WOMEN], [f"{DEEPFAKE}_AGAINST_WOMEN"]),
        ({"elements": {"against_women": True}}, [WOMEN], []),
        ({"elements": {"against_women": "yes"}}, ["NOT_SPECIFIED_NOTICE"], []),
        ({"elements": {"election": True}}, [CIVIC], ["MISINFORMATION_DISINFORMATION"]),
        (
            SWAP | UNWANTED | {"elements": {"election": True}},
            [CIVIC, CYBER],
            ["MISINFORMATION_DISINFORMATION", DEEPFAKE],
        ),
        (
            SWAP | INTIMATE | {"elements": {"election": True, "against_women": True}},
            [WOMEN, CIVIC],
            [
                "FEMALE_GENDERED_DISINFORMATION",
                "MISINFORMATION_DISINFORMATION",
                f"{DEEPFAKE}_AGAINST_WOMEN",
            ],
        ),
        ({"elements": {"defamation": True}}, ["ILLEGAL_OR_HARMFUL_SPEECH"], ["DEFAMATION"]),
        (SWAP | {"answers": {"minor": "yes", "intimate": "yes"}}, ["PROTECTION_OF_MINORS"], []),
    ],
)
def test_the_table(known: dict[str, Any], categories: list[str], keywords: list[str]) -> None:
    assert short(of(**known)) == (categories, keywords)


def test_kinds_and_sources() -> None:
    assert of(manipulation="lip_sync", kinds=["video"]).content_types == (
        "CONTENT_TYPE_SYNTHETIC_MEDIA",
        "CONTENT_TYPE_VIDEO",
    )
    assert of(manipulation="edited", kinds=["image"]).content_types == ("CONTENT_TYPE_IMAGE",)
    assert of().source_type == "SOURCE_ARTICLE_16"
    assert of(elements={"capacity": "trusted_flagger"}).source_type == "SOURCE_TRUSTED_FLAGGER"
    assert of(regime="court_order").source_type == "SOURCE_TYPE_OTHER_NOTIFICATION"


def test_all_that_can_come_is_of_the_database_and_its_keywords_belong_to_a_category() -> None:
    ways = (None, "face_swap", "lip_sync", "synthetic", "edited", "audio")
    answers: tuple[dict[str, Any], ...] = ({}, {"intimate": "yes"}, {"consent": "no"}, {"minor": "yes"})
    said = [dict(zip(STATED, flags, strict=True)) for flags in product((True, False), repeat=len(STATED))]
    for regime, way, answered, stated in product(("dsa16", "aepd", "platform_policy"), ways, answers, said):
        found = of(regime=regime, manipulation=way, answers=answered, elements=stated)
        categories = [found.category, *found.additions]
        assert set(categories) <= dsa_terms.CATEGORIES
        assert len(categories) == len(set(categories))
        assert set(found.keywords) <= {
            word for category in categories for word in dsa_terms.keywords_of(category)
        }
        assert set(found.content_types) <= dsa_terms.CONTENT_TYPES
        assert found.source_type in dsa_terms.SOURCES
