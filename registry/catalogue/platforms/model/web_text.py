"""Read text that a person wrote as an http(s) address, or reject it. Pure."""

from __future__ import annotations

import re
from typing import Final

from registry.catalogue.platforms.errors import (
    BadCharacter,
    DangerousScheme,
    NotAUrl,
    NoUrl,
    SeveralUrls,
    UnsupportedScheme,
    UrlTooLong,
)

LONGEST: Final = 8_000
"""Most characters of an address."""
_RANGES: Final = (range(0x2000, 0x2010), range(0x2028, 0x2030), range(0x205F, 0x2070))
_AROUND: Final = " \t\r\n\v\f\u00a0\u00ad\u061c\u1680\u3000\ufeff" + "".join(
    chr(item) for span in _RANGES for item in span
)
"""Spaces, joiners and direction marks that are often copied together with an address."""
_OPENING: Final = "'\"<‘“«‹`("
_CLOSING: Final = "'\">’”»›`)"
_MOST_MARKS: Final = 4
_UNSEEN: Final = re.compile("[\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_BROKEN: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd]")
_SPACE: Final = re.compile(r"\s")
_SCHEME: Final = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_DANGEROUS: Final = re.compile(
    r"(?:javascript|vbscript|livescript|data|file|blob|about|filesystem|view-source|jar|chrome|intent|mhtml):",
    re.IGNORECASE,
)
_DEFANGED: Final = re.compile(
    r"(?:h(?:xx|\*\*|tt\*)ps?)\s*(?=\[?:)|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[:\]|\[://\]",
    re.IGNORECASE,
)
_BARE: Final = re.compile(
    r"(?://)?(?:[^\s/?#@:\\.]+\.)+[^\s/?#@:\\.\d][^\s/?#@:\\.]*(?::\d+)?(?:[/?#].*)?", re.DOTALL
)


def written(raw: str) -> tuple[str, tuple[str, ...]]:
    """Return the address with an http(s) scheme, without the characters around it, and its marks."""
    if len(raw) > LONGEST * 4:
        raise UrlTooLong(f"An address has at most {LONGEST} characters.")
    text = re.sub(r"&(?:amp;)+", "&", _bare(raw))
    if not text:
        raise NoUrl
    if len(text) > LONGEST:
        raise UrlTooLong(f"An address has at most {LONGEST} characters.")
    compact = re.sub(r"[\x00-\x20\x7f\u00ad\u200b-\u200f\ufeff]", "", text[:100])
    if _DANGEROUS.match(compact):
        raise DangerousScheme(
            f"{compact.partition(':')[0][:20]}: is not the address of a page: it runs in the browser."
        )
    marks: tuple[str, ...] = ()
    if _DEFANGED.search(text[:300]):
        text, marks = _refanged(text), ("defanged",)
    if _BROKEN.search(text):
        raise BadCharacter
    if _SPACE.search(text):
        several = len(re.findall(r"https?://", text, re.IGNORECASE)) > 1
        raise SeveralUrls if several else NotAUrl.of("it holds a space")
    if _UNSEEN.search(text):
        marks += ("invisible_characters",)
    return _with_scheme(text, marks)


def _bare(raw: str) -> str:
    """Strip spaces and quotation marks. A closing mark belongs to the address unless there was an opening
    one."""
    text = raw.strip(_AROUND)
    for _ in range(_MOST_MARKS):
        if not text or text[0] not in _OPENING:
            break
        closing = _CLOSING[_OPENING.index(text[0])]
        text = text[1:].removesuffix(closing).strip(_AROUND)
    return text


def _with_scheme(text: str, marks: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    match = _SCHEME.match(text)
    if match is None or "." in match[1] or re.match(r"\d+(?:[/?#]|\Z)", text[match.end() :]):
        if not _BARE.fullmatch(text):
            raise NotAUrl.of("it has no host")
        return "https://" + text.removeprefix("//"), (*marks, "scheme_assumed")
    if match[1].lower() not in {"http", "https"}:
        raise UnsupportedScheme(f"Addresses that begin with {match[1][:20]}: are not accepted.")
    if not text[match.end() :].startswith("//"):
        raise NotAUrl.of("`//` is missing after the scheme")
    return text, marks


def _refanged(text: str) -> str:
    head, slash, tail = text.partition("://") if "://" in text[:12] else ("", "", text)
    host, delimiter, path = re.match(r"([^/?#]*)([/?#]?)(.*)\Z", tail, re.DOTALL).groups()  # type: ignore[union-attr]
    if not slash:
        match = re.match(
            r"(h\w\w?\w?ps?|h\*\*ps?|htt\*s?)(?:\[:\]//|\[://\]|:\[//\])(.*)\Z",
            text,
            re.IGNORECASE | re.DOTALL,
        )
        if match is not None:
            return _refanged(f"{match[1]}://{match[2]}")
    elif re.fullmatch(r"h(?:xx|\*\*|tt|t\*)ps?|htt\*s?", head, re.IGNORECASE):
        head = "https" if head[-1] in "sS" else "http"
    host = re.sub(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)", ".", host, flags=re.IGNORECASE).replace("[:]", ":")
    return head + slash + host + delimiter + path


def looks_written(text: str) -> bool:
    """Return whether the text is meant as an address and nothing else, valid or not. A bare name (`clip.mp4`)
    is not."""
    trimmed = text[:300].strip(_AROUND).lstrip(_OPENING)
    if not trimmed or _SPACE.search(trimmed):
        return False
    if "://" in trimmed or _DANGEROUS.match(trimmed) or _DEFANGED.search(trimmed):
        return True
    return trimmed.lower().startswith("www.") or ("/" in trimmed and _BARE.fullmatch(trimmed) is not None)
