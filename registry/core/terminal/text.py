"""Make outside text (file names, titles) safe to print.

A file name may hold newlines, terminal escapes, right-to-left text, or bytes that are not UTF-8 (Python keeps
those as lone surrogates). None of these may crash the output, break a line in two or move the cursor.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

_JOINERS: Final = "\u200c\u200d"
"""Invisible and harmless; needed within emoji and Persian words."""
_SURROGATES = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
"""Valid in JSON, but `splitlines` splits at some, and terminals act on the others."""


def printable(text: str) -> str:
    r"""Return `text` on one printable line; other characters are escaped as `\n`, `\x1b`, `\xff`,
    `\u202e`."""
    if text.isprintable():
        return text
    return "".join(letter if _shows(letter) else _escape(letter) for letter in text)


def json_line(value: Mapping[str, Any], *, ascii_only: bool = False) -> str:
    r"""Return `value` as one line of valid JSON; a byte that is not UTF-8 becomes `\xff` within its
    string."""
    text = json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
    text = _SURROGATES.sub(lambda match: json.dumps(_escape(match.group()))[1:-1], text)
    if ascii_only:
        return json.dumps(json.loads(text))
    return _BREAKS.sub(lambda match: f"\\u{ord(match.group()):04x}", text)


def clip_time(seconds: float) -> str:
    """Format seconds as a media player does: `0:12.0`, `1:02:03.5`."""
    tenths = round(max(seconds, 0.0) * 10)
    minutes, seconds_tenths = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    tail = f"{seconds_tenths // 10:02d}.{seconds_tenths % 10}"
    return f"{hours}:{minutes:02d}:{tail}" if hours else f"{minutes}:{tail}"


def _shows(letter: str) -> bool:
    return letter.isprintable() or letter in _JOINERS or unicodedata.category(letter) == "Zs"


def _escape(letter: str) -> str:
    code = ord(letter)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}.get(letter)
    if named is not None:
        return named
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
