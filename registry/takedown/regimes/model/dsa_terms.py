"""Terms of a statement of reasons in the DSA transparency database, read from `dsa_terms.toml`. Pure."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date
from importlib.resources import files
from typing import Any, Final

_LIST: Final[Mapping[str, Any]] = tomllib.loads(
    files(__package__).joinpath("dsa_terms.toml").read_text(encoding="utf-8")
)
AS_OF: Final[date] = _LIST["as_of"]
"""The day on which the list was compared with the database's."""


def _all(prefix: str, words: str) -> frozenset[str]:
    return frozenset(f"{prefix}_{part}" for part in words.split())


def _terms(prefix: str) -> frozenset[str]:
    return _all(prefix, _LIST["terms"][prefix])


VISIBILITY: Final = _terms("DECISION_VISIBILITY")
MONETARY: Final = _terms("DECISION_MONETARY")
PROVISION: Final = _terms("DECISION_PROVISION")
ACCOUNT: Final = _terms("DECISION_ACCOUNT")
ACCOUNT_TYPES: Final = _terms("ACCOUNT_TYPE")
GROUNDS: Final = _terms("DECISION_GROUND")
CONTENT_TYPES: Final = _terms("CONTENT_TYPE")
AUTOMATED: Final = _terms("AUTOMATED_DECISION")
YES_NO: Final = frozenset({"Yes", "No"})
SOURCES: Final = _terms("SOURCE")
_KEYWORDS: Final[Mapping[str, str]] = _LIST["keywords"]
CATEGORIES: Final = _all("STATEMENT_CATEGORY", " ".join(_KEYWORDS))
UNCATEGORISED: Final = _all("KEYWORD", _LIST["uncategorised"])
"""Keywords that belong to no category."""
KEYWORDS: Final = UNCATEGORISED | _all("KEYWORD", " ".join(_KEYWORDS.values()) + " OTHER")
_STATES: Final = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"
UNION: Final = frozenset(_STATES.split())
"""The member states of the European Union: ISO 3166-1 alpha-2."""
TERRITORIES: Final = UNION | {"IS", "LI", "NO"}
"""The member states and the other states of the European Economic Area."""


def keywords_of(category: str) -> frozenset[str]:
    """Return the keywords of a category. Each category with keywords also has `KEYWORD_OTHER`."""
    words = _KEYWORDS[category.removeprefix("STATEMENT_CATEGORY_")]
    return _all("KEYWORD", words + " OTHER") if words else frozenset()
