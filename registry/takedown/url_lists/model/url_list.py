"""A list of addresses in any supported format, read as rows and faults. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Final, Literal, get_args

import orjson

from registry.catalogue.platforms.model.platforms import Table
from registry.core.errors import BadInput
from registry.core.errors.http import BadJson
from registry.sharing.lists.errors import BadFormat, BadRow
from registry.takedown.url_lists.errors import RowTooLong, TooManyRows
from registry.takedown.url_lists.model import url_csv, url_text
from registry.takedown.url_lists.model.url_rows import UNREAD, Fault, Manner, Row, Rows, is_heading

Format = Literal["auto", "csv", "xlsx", "jsonl", "text"]
FORMATS: Final[tuple[Format, ...]] = get_args(Format)
_ZIP: Final = b"PK\x03\x04"
_OLD: Final = b"\xd0\xcf\x11\xe0"


class UrlList:
    """The rows of a seekable stream, which stays open.

    `encoding` and `ignored` (names of unknown columns and hidden sheets) are available after reading.

    Raises `BadInput` if the whole list cannot be read: `bad_format`, `not_text`, `no_header`, `bad_sheet`,
    `sheet_too_large`, `old_sheet`.
    """

    def __init__(self, stream: BinaryIO, format_: Format, table: Table, manner: Manner | None = None) -> None:
        self._stream = stream
        self._rows = Rows(table, manner)
        self.encoding = ""
        self.format = format_ if format_ != "auto" else self._detected()

    @property
    def ignored(self) -> list[str]:
        """Names of unknown columns and hidden sheets."""
        return self._rows.ignored

    def __iter__(self) -> Iterator[Row | Fault]:
        """Yield at most `manner.most` rows and as many faults; a fault reports where reading stopped.

        Lines of a text without an address (`UNREAD`) are not counted.
        """
        most = self._rows.manner.most
        counts = {Row: 0, Fault: 0}
        for row in self._read():
            if isinstance(row, Fault) and row.code == UNREAD:
                yield row
                continue
            counts[type(row)] += 1
            if counts[type(row)] > most:
                yield Fault(
                    row.line,
                    TooManyRows.code,
                    f"A list has at most {most} addresses and {most} faulty rows. "
                    "Nothing from here on was read.",
                    "Send the rest as another list.",
                    sheet=row.sheet,
                )
                return
            yield row

    def _read(self) -> Iterator[Row | Fault]:
        head = self._head()
        if self.format == "xlsx":
            from registry.takedown.url_lists.model import url_sheet  # noqa: PLC0415 - the workbook reader takes 0.1 s to import

            yield from self._rows.of_tables(url_sheet.tables(self._stream, self._rows.ignored))
            return
        if head.startswith((_ZIP, _OLD)):
            raise _bad_format("The list is a workbook or an archive, not a text")
        self.encoding = url_csv.encoding(self._stream)
        if self.format == "csv":
            yield from self._rows.of_tables(url_csv.tables(self._stream, self.encoding))
        elif self.format == "jsonl":
            yield from self._json_lines()
        else:
            yield from url_text.rows(url_csv.lines(self._stream, self.encoding), self._rows)

    def _head(self) -> bytes:
        begin = self._stream.tell()
        head = self._stream.read(4)
        self._stream.seek(begin)
        return head

    def _detected(self) -> Format:
        """Detect the format from the start of the list: a workbook, a JSON object, column names; else
        text."""
        if self._head().startswith((_ZIP, _OLD)):
            return "xlsx"
        begin = self._stream.tell()
        first = url_csv.sample(url_csv.lines(self._stream, url_csv.encoding(self._stream)))
        self._stream.seek(begin)
        if first and first[0].lstrip()[:1] == "{":
            return "jsonl"
        signs = (*url_csv.DELIMITERS, url_csv.ONE_COLUMN)
        has_heading = any(is_heading(text.split(sign)) for text in first for sign in signs)
        return "csv" if has_heading or (first and first[0][:4].lower() == "sep=") else "text"

    def _json_lines(self) -> Iterator[Row | Fault]:
        for line in url_csv.lines(self._stream, self.encoding):
            if line.text is not None and not line.text.strip():
                continue
            try:
                value = orjson.loads(line.text) if line.text is not None else None
            except orjson.JSONDecodeError:
                yield Fault(
                    line.number,
                    BadJson.code,
                    "The line is not JSON.",
                    "Write one object per line.",
                    line.text[:300] if line.text else "",
                )
                continue
            if isinstance(value, str):
                yield from self._rows.of_text(line.number, value)
            elif isinstance(value, dict):
                yield from self._rows.of_mapping(line.number, value)
            elif line.text is None:
                yield Fault(line.number, RowTooLong.code, "The line is too long.", "Write a shorter note.")
            else:
                yield Fault(
                    line.number,
                    BadRow.code,
                    "The line is neither an object nor a text.",
                    'Write {"url": "https://…"}, one per line.',
                    line.text[:300],
                )


LOOKED_AT: Final = frozenset(
    {"confusable_host", "invisible_characters", "ip_host", "onion_host", "reserved_host", "shortener"}
)
"""Marks of an address that a person has to check before a notice names it."""


def looked_at(marks: Iterable[str]) -> list[str]:
    """Return the sorted marks of an address that require a check by a person."""
    return sorted(LOOKED_AT.intersection(marks))


def _bad_format(why: str) -> BadInput:
    return BadFormat(f"{why}.", next_step=f"Name the format: {', '.join(FORMATS)}.")
