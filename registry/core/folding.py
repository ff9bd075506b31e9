"""Fold texts for search: words in lower case without accents, vowel signs and punctuation.

`folded` in `schema/core.sql` is the same in SQL. A test compares the two.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_MARKS: Final = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]+")
_LETTERS: Final = str.maketrans("łøđıςىةکی٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "lodiσيهكي01234567890123456789")
_BETWEEN: Final = re.compile(r"[\W_]+")


def folded(text: str) -> str:
    """Return the words of a text, each after a space. Arabic forms of one letter become one."""
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text)).lower().replace("ß", "ss")
    return " " + _BETWEEN.sub(" ", plain.translate(_LETTERS)).strip(" ")


def holds(text: str, sought: str) -> bool:
    """Return whether each of the sought words occurs in the text, as a part of a word too. Nothing holds no
    words."""
    words = folded(sought).split()
    return bool(words) and all(word in folded(text) for word in words)
