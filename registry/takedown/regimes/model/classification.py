"""What a notice is about in the words of the DSA transparency database, so that whoever receives it can file
it: a category, further ones, keywords, kinds of content, and what kind of notice it is. Pure.

Nothing is guessed. What counts is how the fake was made, as its entry says, what a person has answered to the
regime's questions (`intimate`, `consent`, `minor`), and what was said outright for the campaign or the notice
by the elements `intimate`, `against_women`, `election`, `defamation` (true: it is so). The first line that
holds gives the category, the others further ones:

- It shows a minor: PROTECTION_OF_MINORS, and nothing else.
- It is intimate, or made by a machine without consent: CYBER_VIOLENCE. Keyword: made by a machine
  NON_CONSENSUAL_MATERIAL_DEEPFAKE, edited NON_CONSENSUAL_IMAGE_SHARING, not known none.
- The same of a woman: CYBER_VIOLENCE_AGAINST_WOMEN, these keywords ending in _AGAINST_WOMEN. Only that it is
  against women is known: this category without a keyword.
- It is to move an election: NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS, before violence where it is not
  intimate. Keyword: MISINFORMATION_DISINFORMATION, and FEMALE_GENDERED_DISINFORMATION against women.
- Defamation: ILLEGAL_OR_HARMFUL_SPEECH. Keyword: DEFAMATION.
- A data protection authority is asked: DATA_PROTECTION_AND_PRIVACY_VIOLATIONS.
- None of these: OTHER_VIOLATION_TC under a platform's own rules, else NOT_SPECIFIED_NOTICE.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final

STATED: Final = ("intimate", "against_women", "election", "defamation")
"""Elements by which a person says outright what the fake is."""
_MADE: Final = frozenset({"face_swap", "lip_sync", "synthetic", "audio"})
"""Made by a machine; `edited`, or not known, is not."""
_AUTHORITIES: Final = frozenset({"aepd"})
_OWN_RULES: Final = frozenset({"platform_policy"})
_KINDS: Final[Mapping[str, str]] = {
    "video": "CONTENT_TYPE_VIDEO",
    "image": "CONTENT_TYPE_IMAGE",
    "audio": "CONTENT_TYPE_AUDIO",
}


@dataclass(frozen=True, slots=True)
class Classification:
    """As the transparency database names it; `keywords` in alphabetical order."""

    category: str
    additions: tuple[str, ...]
    keywords: tuple[str, ...]
    content_types: tuple[str, ...]
    source_type: str

    def record(self) -> dict[str, Any]:
        """As JSON, by the database's own names."""
        return {
            "category": self.category,
            "category_addition": list(self.additions),
            "category_specification": list(self.keywords),
            "content_type": list(self.content_types),
            "source_type": self.source_type,
        }


def classify(
    *,
    regime: str,
    manipulation: str | None,
    kinds: Collection[str] = (),
    answers: Mapping[str, Any],
    elements: Mapping[str, Any],
) -> Classification:
    """The table above. `kinds`: of the entry's media. `elements`: of campaign and notice, with `capacity`."""
    said = {name: elements.get(name) is True for name in STATED}
    intimate = said["intimate"] or answers.get("intimate") == "yes"
    unwanted = answers.get("consent") == "no" or elements.get("no_consent") is True
    made = manipulation in _MADE
    violent = intimate or (unwanted and made)
    women = said["against_women"]
    found: list[str] = []
    words: set[str] = set()
    if answers.get("minor") == "yes":
        return _as(["PROTECTION_OF_MINORS"], (), regime, manipulation, kinds, elements)
    if violent or women:
        found.append("CYBER_VIOLENCE_AGAINST_WOMEN" if women else "CYBER_VIOLENCE")
    if violent:
        suffix = "_AGAINST_WOMEN" if women else ""
        if made:
            words.add(f"NON_CONSENSUAL_MATERIAL_DEEPFAKE{suffix}")
        elif manipulation == "edited":
            words.add(f"NON_CONSENSUAL_IMAGE_SHARING{suffix}")
    if said["election"]:
        found.insert(len(found) if intimate else 0, "NEGATIVE_EFFECTS_ON_CIVIC_DISCOURSE_OR_ELECTIONS")
        words |= {"MISINFORMATION_DISINFORMATION"} | ({"FEMALE_GENDERED_DISINFORMATION"} if women else set())
    if said["defamation"]:
        found.append("ILLEGAL_OR_HARMFUL_SPEECH")
        words.add("DEFAMATION")
    if regime in _AUTHORITIES:
        found.append("DATA_PROTECTION_AND_PRIVACY_VIOLATIONS")
    if not found:
        found.append("OTHER_VIOLATION_TC" if regime in _OWN_RULES else "NOT_SPECIFIED_NOTICE")
    return _as(found, words, regime, manipulation, kinds, elements)


def _as(
    found: list[str],
    words: Collection[str],
    regime: str,
    manipulation: str | None,
    kinds: Collection[str],
    elements: Mapping[str, Any],
) -> Classification:
    types = {_KINDS[kind] for kind in kinds if kind in _KINDS}
    if manipulation in _MADE:
        types.add("CONTENT_TYPE_SYNTHETIC_MEDIA")
    source = "SOURCE_TYPE_OTHER_NOTIFICATION"
    if elements.get("capacity") == "trusted_flagger":
        source = "SOURCE_TRUSTED_FLAGGER"
    elif regime == "dsa16":
        source = "SOURCE_ARTICLE_16"
    named = [f"STATEMENT_CATEGORY_{item}" for item in found]
    keywords = tuple(sorted(f"KEYWORD_{word}" for word in words))
    return Classification(named[0], tuple(named[1:]), keywords, tuple(sorted(types)), source)
