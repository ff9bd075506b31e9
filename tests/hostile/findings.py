"""Files that `make fuzz` has found. Each belongs to the corpus, and `test_corpus.py` reads each again.

Name a file by what is wrong with it, say how it is made, and mend what it found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

import orjson

from tests.hostile import archives, bases, texts
from tests.hostile.targets import Target


class Found(NamedTuple):
    """`make` returns the file; `target` reads it."""

    target: Target
    make: Callable[[], bytes]


def _view_of_another_type() -> bytes:
    value = texts.document()
    value["algorithms"]["pdq.1"]["frames"][0]["view"] = {}
    return orjson.dumps(value)


def _packed_data_that_break_off() -> bytes:
    raw = bytearray(archives.workbook())
    for part in archives.shape(bytes(raw)).parts:
        if part.name.startswith("file") and part.end - part.start > 200:
            raw[part.end - 60 : part.end - 20] = b"\xff" * 40
    return bytes(raw)


def _decoder_that_does_not_open() -> bytes:
    raw = bases.media("theora.ogg")
    shape = bases.shape_of("theora.ogg", raw)
    field = next(field for field in shape.fields if field.name == "page2-lacing")
    return shape.mend(field.written(raw, field.value(raw) - 1))


def _position_before_the_start() -> bytes:
    raw = bytearray(bases.media("wmv2.asf"))
    for at, byte in ((55, 227), (202, 64), (709, 107), (1520, 246), (1667, 237), (4503, 170)):
        raw[at] = byte
    return bytes(raw)


FINDINGS: Final[Mapping[str, Found]] = {
    "view-of-another-type.json": Found("document", _view_of_another_type),
    "feed-of-such-a-document.ndjson": Found(
        "feed", lambda: texts.feed_page().replace(b'"view":"full"', b'"view":[]', 1)
    ),
    "packed-data-that-break-off.xlsx": Found("urls", _packed_data_that_break_off),
    "from-without-a-line.mbox": Found("mail", lambda: b"From a@b Mon Nov 30 10:00:00 2026"),
    "position-before-the-start.asf": Found("media", _position_before_the_start),
    "decoder-that-does-not-open.ogg": Found("media", _decoder_that_does_not_open),
}
