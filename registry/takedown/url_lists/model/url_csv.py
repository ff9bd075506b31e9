"""Reads CSV, as written by spreadsheets and people, as rows of cells from a stream in bounded memory. Pure.

The encoding is detected from the bytes: a BOM, the zeros of UTF-16, else UTF-8 or windows-1252. Quotes follow
RFC 4180. A cell of megabytes invalidates only its own row.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import BinaryIO, Final

from registry.catalogue.platforms.model.web_text import looks_written
from registry.takedown.url_lists.errors import CellTooLong, NoHeader, NotText, UnclosedQuote
from registry.takedown.url_lists.model.url_rows import Cells, Fault, is_heading

LONGEST_LINE: Final = 1 << 20
"""Maximum characters of a line, and of a row that spans several lines. No more is held in memory."""
DELIMITERS: Final = ",;\t|"
ONE_COLUMN: Final = "\x1f"
_SAMPLE: Final = 20
_MOST_CELLS: Final = 200
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PIECE: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Line:
    """A line without its line break. `text` None: it was too long; `quotes` counts the quotation marks in
    it."""

    number: int
    text: str | None
    quotes: int = 0


def encoding(stream: BinaryIO) -> str:
    """Detect the encoding of a seekable stream. Reads it to the end and restores its position.

    Raises `BadInput` (`not_text`).
    """
    begin = stream.tell()
    head = stream.read(4096)
    try:
        for mark, name in _MARKS:
            if head.startswith(mark):
                return "utf-8-sig" if name == "utf-8" else name
        if b"\0" in head:
            return _zeros(head)
        return _utf8_or_not(head, stream)
    finally:
        stream.seek(begin)


def _zeros(head: bytes) -> str:
    """Detect UTF-16 without a BOM, from the positions of its zeros."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    if odd > half * 0.4 and even < half * 0.1:
        return "utf-16-le"
    if even > half * 0.4 and odd < half * 0.1:
        return "utf-16-be"
    raise NotText("The list is not a text.")


def _utf8_or_not(head: bytes, stream: BinaryIO) -> str:
    """Return windows-1252 if the stream has invalid UTF-8 and no valid non-ASCII character; else UTF-8."""
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    broken, chunk, ended = False, head, False
    while not ended:
        ended = not chunk
        text = decoder.decode(chunk, ended)
        if not text.isascii():
            if any(not "\udc80" <= character <= "\udcff" for character in set(text) if character > "\x7f"):
                return "utf-8"
            broken = True
        chunk = stream.read(_PIECE)
    return "cp1252" if broken else "utf-8"


def lines(stream: BinaryIO, name: str, *, longest: int = LONGEST_LINE) -> Generator[Line]:
    """Yield the stream's lines; undecodable bytes become U+FFFD. The stream stays open."""
    wrapper = io.TextIOWrapper(stream, encoding=name, errors="replace", newline=None)
    try:
        number = 0
        while text := wrapper.readline(longest + 1):
            number += 1
            if len(text) <= longest or text.endswith("\n"):
                yield Line(number, text.removesuffix("\n"))
                continue
            quotes = text.count('"')
            while not text.endswith("\n") and (text := wrapper.readline(_PIECE)):
                quotes += text.count('"')
            yield Line(number, None, quotes)
    finally:
        with suppress(ValueError):  # the owner has closed the stream
            wrapper.detach()


def tables(stream: BinaryIO, name: str) -> Iterator[Cells | Fault]:
    """Yield rows of cells.

    Raises `BadInput` (`no_header`) if it is unclear whether a sign separates columns or belongs to addresses.
    """
    begin = stream.tell()
    delimiter, skipped = _delimiter(sample(lines(stream, name)))
    stream.seek(begin)
    yield from records(lines(stream, name), delimiter, skip=skipped)


def sample(lines_: Generator[Line]) -> list[str]:
    """Return the first lines that are not blank, truncated. Reads no further."""
    texts = []
    with closing(lines_):
        for line in lines_:
            if line.text and line.text.strip():
                texts.append(line.text[:10_000])
            if len(texts) == _SAMPLE:
                break
    return texts


def _delimiter(first: list[str]) -> tuple[str, int]:
    """Return the delimiter, and the number of lines before the first row (Excel's `sep=;`)."""
    if first and first[0][:4].lower() == "sep=" and len(first[0].rstrip()) <= 5:
        return (first[0][4:5] or ","), 1
    for text in first:
        for sign in (*DELIMITERS, ONE_COLUMN):
            if is_heading(_split(text, sign)):
                return sign, 0
    signs = [sign for sign in DELIMITERS if _parts_all(first, sign)]
    if all(looks_written(line) for line in first):
        if signs:
            raise NoHeader(
                f"It is unclear whether {signs[0]!r} separates columns or belongs to the addresses.",
                next_step="Name the columns in the first line: url, or url and note.",
            )
        return ONE_COLUMN, 0
    return (signs[0] if signs else ONE_COLUMN), 0


def _parts_all(first: list[str], sign: str) -> bool:
    """Return whether a sign splits all lines into equally many cells and most lines contain an address."""
    rows = [_split(text, sign) for text in first]
    alike = len({len(row) for row in rows}) == 1 and len(rows[0]) > 1 if rows else False
    return alike and sum(any(looks_written(cell) for cell in row) for row in rows) * 2 > len(rows)


def _split(text: str, sign: str) -> list[str]:
    record = next(records(iter([Line(1, text)]), sign))
    return [str(cell) for cell in record.cells] if isinstance(record, Cells) else []


def records(lines_: Iterator[Line], delimiter: str, *, skip: int = 0) -> Iterator[Cells | Fault]:
    """Yield rows; a quoted row may span several lines."""
    for line in lines_:
        if skip:
            skip -= 1
        elif line.text is None:
            yield _long(line.number)
            if line.quotes % 2:
                _drain(lines_)
        elif '"' not in line.text:
            yield Cells(line.number, line.text.split(delimiter)[:_MOST_CELLS])
        else:
            yield _quoted(line.number, line.text, delimiter, lines_)


def _quoted(number: int, text: str, delimiter: str, following: Iterator[Line]) -> Cells | Fault:
    cells: list[str] = []
    place, held = 0, len(text)
    while True:
        start = place
        while text[start : start + 1] == " ":
            start += 1
        if text[start : start + 1] != '"':
            end = text.find(delimiter, place)
            cells.append(text[place:] if end < 0 else text[place:end])
        else:
            pieces: list[str] = []
            place = start + 1
            while (end := text.find('"', place)) < 0 or text[end + 1 : end + 2] == '"':
                if end >= 0:
                    pieces.append(text[place : end + 1])
                    place = end + 2
                    continue
                pieces.append(text[place:] + "\n")
                line = next(following, None)
                if line is None:
                    return _unclosed(number)
                held += len(line.text or "") + 1
                if line.text is None or held > LONGEST_LINE:
                    open_still = line.quotes % 2 == 0 if line.text is None else line.text.count('"') % 2 == 0
                    return _unclosed(number) if open_still and not _drain(following) else _long(number)
                text, place = line.text, 0
            pieces.append(text[place:end])
            place = end + 1
            end = text.find(delimiter, place)
            cells.append("".join(pieces) + (text[place:] if end < 0 else text[place:end]).rstrip())
        if end < 0:
            return Cells(number, cells[:_MOST_CELLS])
        place = end + 1


def _drain(following: Iterator[Line]) -> bool:
    """Skip to the end of a cell that is too long; return whether it ended."""
    for line in following:
        quotes = line.quotes if line.text is None else line.text.count('"')
        if quotes % 2:
            return True
    return False


def _long(number: int) -> Fault:
    return Fault(
        number,
        CellTooLong.code,
        f"The row has more than {LONGEST_LINE} characters.",
        "Give the address and a short note.",
    )


def _unclosed(number: int) -> Fault:
    return Fault(
        number,
        UnclosedQuote.code,
        "The quotation mark that opens here is not closed. Nothing after it was read.",
        'Close it, or write it twice (""), and send the list again.',
    )
