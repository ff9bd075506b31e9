"""Finds addresses in running text: mails, chats, copied pages, several per line. Pure.

An address ends at white space, at punctuation that ends a sentence, or at the bracket that closes one before
it. A line without an address is reported as unread, so that a person can check it. A malformed address is a
fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from registry.catalogue.platforms.model.platforms import Table
from registry.catalogue.platforms.model.web_text import LONGEST
from registry.takedown.url_lists.errors import RowTooLong
from registry.takedown.url_lists.model.url_csv import Line
from registry.takedown.url_lists.model.url_rows import Fault, Row, Rows, unread

_FOUND: Final = re.compile(
    r"(?<![a-z0-9])(?:h(?:tt|xx|\*\*)ps?(?:://|\[:\]//|\[://\])|(?:javascript|vbscript):|data:\w+/|(?:file|ftp|blob)://|www\.)"
    r"|(?<![\w.@/:=%-])(?:[a-z0-9-]{1,63}(?:\.|\[\.\])){1,5}[a-z]{2,10}(?=/[^\s])",
    re.IGNORECASE,
)
"""The start of an address. An address without a scheme needs a path."""
_ENDS: Final = re.compile(
    r"[\s<>\"“”«»‹›„`{}|^\\\u200b\u2028\u2029\u060c\u061b\u3001\u3002\uff0c\uff1b]|[,;](?=\w+://)"
)
_TAIL: Final = ".,;:!?…'’‘*_~·؟۔！？：。،؛"
_PAIRS: Final = {")": "(", "]": "[", "）": "（", "】": "【", "」": "「", "』": "『", "》": "《"}


def addresses(text: str, table: Table) -> Iterator[str]:
    """Yield the addresses in a text, in order."""
    place = 0
    while start := _FOUND.search(text, place):
        end = _ENDS.search(text, start.end())
        stop = end.start() if end else len(text)
        address = _trimmed(text[start.start() : stop])
        place = max(stop, start.end())
        if _begins(start[0], table):
            yield address


def _begins(start: str, table: Table) -> bool:
    """Return whether an address starts here. A host without a scheme must belong to a platform or a
    shortener."""
    if ":" in start or start.lower() == "www.":
        return True
    host = start.replace("[.]", ".").lower()
    return table.of_host(host) is not None or host in table.shorteners


def _trimmed(text: str) -> str:
    """Strip trailing punctuation of the sentence."""
    while 0 < len(text) <= LONGEST:
        last = text[-1]
        if last in _TAIL:
            text = text.rstrip(_TAIL)
        elif last in _PAIRS and text.count(last) > text.count(_PAIRS[last]):
            text = text[:-1]
        else:
            break
    at = text.find("](")
    return text[:at] if at > 0 else text


def rows(lines: Iterator[Line], reader: Rows) -> Iterator[Row | Fault]:
    """Yield the rows of a text's lines."""
    for line in lines:
        if line.text is None:
            yield Fault(
                line.number,
                RowTooLong.code,
                "The line is too long.",
                "Break the line between addresses.",
            )
            continue
        has_address = False
        for address in addresses(line.text, reader.table):
            has_address = True
            yield from reader.of_text(line.number, address)
        if not has_address and line.text.strip():
            yield unread(line.number, line.text)
