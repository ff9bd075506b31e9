"""Classifies a notice in terms of the DSA transparency database, so that the recipient can file it. Pure.

The result is a category, further categories, keywords, content types and the kind of notice.

Nothing is guessed. There are three inputs. The entry says how the fake was made. A person answers the
regime's questions (`intimate`, `consent`, `minor`). The campaign or the notice has the elements
`intimate`, `against_women`, `election` and `defamation` (True: it applies). The first line that applies
gives the category; the others give further categories:

- It shows a minor: PROTECTION_OF_MINORS, and nothing else.
- It is intimate, or machine-made without consent: CYBER_VIOLENCE. Keyword if machine-made:
  NON_CONSENSUAL_MATERIAL_DEEPFAKE; if edited: NON_CONSENSUAL_IMAGE_SHARING; if unknown: none.
- The same of a woman: CYBER_VIOLENCE_AGAINST_WOMEN, with these keywords ending in _AGAINST_WOMEN. If it is
  only known to be against women: this category without a keyword.
- It is meant to influence an election: NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS. It precedes violence
  unless the fake is intimate. Keywords: MISINFORMATION_DISINFORMATION, and FEMALE_GENDERED_DISINFORMATION
  against women.
- Defamation: ILLEGAL_OR_HARMFUL_SPEECH. Keyword: DEFAMATION.
- The recipient is a data protection authority: DATA_PROTECTION_AND_PRIVACY_VIOLATIONS.
- None of these: OTHER_VIOLATION_TC under a platform's own rules, else NOT_SPECIFIED_NOTICE.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

STATED: Final = ("intimate", "against_women", "election", "defamation")
"""Elements by which a person states the nature of the fake."""
_SYNTHETIC: Final = frozenset({"face_swap", "lip_sync", "synthetic", "audio", "voice_clone"})
"""Machine-made manipulations. `edited`, `spliced` and unknown ones are not."""
_AUTHORITIES: Final = frozenset({"aepd"})
_OWN_RULES: Final = frozenset({"platform_policy"})
_KINDS: Final[Mapping[str, str]] = {
    "video": "CONTENT_TYPE_VIDEO",
    "image": "CONTENT_TYPE_IMAGE",
    "audio": "CONTENT_TYPE_AUDIO",
}


@dataclass(frozen=True, slots=True)
class Classification:
    """A classification in terms of the transparency database. `keywords`: in alphabetical order."""

    category: str
    additions: tuple[str, ...]
    keywords: tuple[str, ...]
    content_types: tuple[str, ...]
    source_type: str

    def record(self) -> dict[str, Any]:
        """Return it as JSON, with the database's field names."""
        return {
            "category": self.category,
            "category_addition": list(self.additions),
            "category_specification": list(self.keywords),
            "content_type": list(self.content_types),
            "source_type": self.source_type,
        }


@dataclass(frozen=True, slots=True)
class FakeMedia:
    """How a fake was made (None: unknown), and the kinds of its media."""

    manipulation: str | None
    kinds: Sequence[str] = ()


def classify(
    regime: str, media: FakeMedia, answers: Mapping[str, str], elements: Mapping[str, str | bool | None]
) -> Classification:
    """Classify a notice by the rules of this module. `elements`: of campaign and notice, with `capacity`."""
    stated = {name: elements.get(name) is True for name in STATED}
    intimate = stated["intimate"] or answers.get("intimate") == "yes"
    unwanted = answers.get("consent") == "no" or elements.get("no_consent") is True
    synthetic = media.manipulation in _SYNTHETIC
    violent = intimate or (unwanted and synthetic)
    women = stated["against_women"]
    categories: list[str] = []
    keywords: set[str] = set()
    if answers.get("minor") == "yes":
        return _classification(["PROTECTION_OF_MINORS"], (), regime, media, elements)
    if violent or women:
        categories.append("CYBER_VIOLENCE_AGAINST_WOMEN" if women else "CYBER_VIOLENCE")
    if violent:
        suffix = "_AGAINST_WOMEN" if women else ""
        if synthetic:
            keywords.add(f"NON_CONSENSUAL_MATERIAL_DEEPFAKE{suffix}")
        elif media.manipulation == "edited":
            keywords.add(f"NON_CONSENSUAL_IMAGE_SHARING{suffix}")
    if stated["election"]:
        categories.insert(
            len(categories) if intimate else 0, "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS"
        )
        keywords |= {"MISINFORMATION_DISINFORMATION"} | (
            {"FEMALE_GENDERED_DISINFORMATION"} if women else set()
        )
    if stated["defamation"]:
        categories.append("ILLEGAL_OR_HARMFUL_SPEECH")
        keywords.add("DEFAMATION")
    if regime in _AUTHORITIES:
        categories.append("DATA_PROTECTION_AND_PRIVACY_VIOLATIONS")
    if not categories:
        categories.append("OTHER_VIOLATION_TC" if regime in _OWN_RULES else "NOT_SPECIFIED_NOTICE")
    return _classification(categories, keywords, regime, media, elements)


def _classification(
    categories: list[str],
    keywords: Collection[str],
    regime: str,
    media: FakeMedia,
    elements: Mapping[str, str | bool | None],
) -> Classification:
    types = {_KINDS[kind] for kind in media.kinds if kind in _KINDS}
    if media.manipulation in _SYNTHETIC:
        types.add("CONTENT_TYPE_SYNTHETIC_MEDIA")
    source = "SOURCE_TYPE_OTHER_NOTIFICATION"
    if elements.get("capacity") == "trusted_flagger":
        source = "SOURCE_TRUSTED_FLAGGER"
    elif regime == "dsa16":
        source = "SOURCE_ARTICLE_16"
    named = [f"STATEMENT_CATEGORY_{category}" for category in categories]
    sorted_keywords = tuple(sorted(f"KEYWORD_{word}" for word in keywords))
    return Classification(named[0], tuple(named[1:]), sorted_keywords, tuple(sorted(types)), source)
