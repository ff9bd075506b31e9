"""Read a hash list as a stream of lines, in any supported format. Pure.

A row is one line, also in CSV. An unclosed quote therefore affects its own line only, and reading continues
after a damaged part. The format is detected from the first line that shows it, and can be stored.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from registry.core.errors import FakeprintError
from registry.sharing.errors import LineTooLong
from registry.sharing.lists.errors import BadHeader, BadRow
from registry.sharing.lists.model import hash_rows
from registry.sharing.lists.model.listed import Fault, Row

Format = Literal["auto", "csv", "jsonl", "threatexchange", "text"]
FORMATS: Final[tuple[Format, ...]] = ("auto", "csv", "jsonl", "threatexchange", "text")

LINE_BYTES: Final = 8 << 20
"""Maximum bytes of a line, enough for the document of several hours of video. A longer line is discarded."""
_BARE: Final = re.compile(r"[0-9a-fA-F]{32,}\Z")
_DELIMITERS: Final = ",;\t|"
_COLUMNS: Final = frozenset({*hash_rows.VALUES, *hash_rows.NAMED, "document", "assets"})
_FIRST: Final = frozenset({*hash_rows.TYPES, *hash_rows.NOT_READ})


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number, starting at 1, and its bytes. None: the line was too long."""

    number: int
    raw: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a stream, always at the end of a line. `crc32`: of all bytes up to there."""

    bytes: int = 0
    line: int = 0
    crc32: int = 0


class Lines:
    """Split bytes into lines, starting at a `place`. Afterwards `place` is the end of the last line
    returned."""

    def __init__(self, place: Place | None = None, *, longest: int = LINE_BYTES) -> None:
        self.place = place or Place()
        self._held: list[bytes] = []
        self._size = 0
        self._crc32 = self.place.crc32
        self._longest = longest

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in this chunk."""
        *ended, rest = chunk.split(b"\n")
        for piece in ended:
            yield self._end(piece, b"\n")
        if rest:
            self._hold(rest)

    def close(self) -> Iterator[Line]:
        """Yield the last line if no line break follows it."""
        if self._size:
            yield self._end(b"", b"")

    def _hold(self, piece: bytes) -> None:
        self._size += len(piece)
        self._crc32 = zlib.crc32(piece, self._crc32)
        if self._size <= self._longest:
            self._held.append(piece)
        else:
            self._held.clear()

    def _end(self, piece: bytes, ending: bytes) -> Line:
        self._hold(piece)
        self._crc32 = zlib.crc32(ending, self._crc32)
        fits = self._size <= self._longest
        raw = (self._held[0] if len(self._held) == 1 else b"".join(self._held)) if fits else None
        number = self.place.line + 1
        self.place = Place(self.place.bytes + self._size + len(ending), number, self._crc32)
        self._held.clear()
        self._size = 0
        return Line(number, raw)


@dataclass(frozen=True, slots=True)
class Manner:
    """How to read lines. `header`: the first line of CSV, unchanged. `assumed`: the type of hashes that do
    not name their own."""

    format: Format = "auto"
    assumed: str | None = None
    header: str | None = None


class Reader:
    """Parse lines into rows and faults. `manner` holds what has been detected so far."""

    def __init__(self, manner: Manner) -> None:
        self.manner = manner
        self._columns: list[str] = []
        self._delimiter = ","
        if manner.header is not None:
            self._set_columns(manner.header)

    def read(self, lines: Iterable[Line]) -> Iterator[Row | Fault]:
        """Yield a row or fault for each line, except blank lines, comments, brackets and the header."""
        for line in lines:
            try:
                found = self._row(line)
            except FakeprintError as error:
                yield Fault(line.number, error.code, error.message, error.next_step)
            else:
                if found is not None:
                    yield found

    def _row(self, line: Line) -> Row | None:
        if line.raw is None:
            raise LineTooLong(f"The line is longer than {LINE_BYTES} bytes.")
        try:
            text = line.raw.decode("utf-8-sig" if line.number == 1 else "utf-8").rstrip("\r")
        except UnicodeDecodeError:
            raise BadRow("The line is not UTF-8.", next_step="Convert the list to UTF-8.") from None
        plain = text.strip()
        if not plain or plain in {"[", "]"}:
            return None
        if "\0" in text:
            raise BadRow
        if plain[0] == "#" and self.manner.format != "csv":
            return None
        if self.manner.format in {"auto", "threatexchange"}:
            self._find_out(text)
        match self.manner.format:
            case "jsonl":
                return self._of_json(line.number, plain)
            case "text":
                return self._of_text(line.number, plain)
        return self._of_table(line.number, text)

    def _find_out(self, text: str) -> None:
        first, _, rest = text.strip().partition(" ")
        if first[0] in "{[":
            found: Format = "jsonl"
        elif _BARE.match(text.strip()) or (rest and first.lower() in _FIRST):
            found = "text"
        else:
            self._set_columns(text)
            found = "csv"
        self.manner = replace(self.manner, format=found)

    def _of_json(self, number: int, text: str) -> Row:
        try:
            value: Any = orjson.loads(text.removesuffix(","))
        except orjson.JSONDecodeError as error:
            raise BadRow(f"The line is not JSON: {error}.") from None
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            value = {"type": "vpdq", "value": value}
        if not isinstance(value, dict):
            raise BadRow("The line is not a JSON object.")
        if "\\u0000" in text:
            raise BadRow
        return hash_rows.of_mapping(number, value, assumed=self.manner.assumed)

    def _of_text(self, number: int, text: str) -> Row:
        first, _, rest = text.partition(" ")
        if rest:
            return hash_rows.of_hash(number, rest.strip(), first)
        return hash_rows.of_hash(number, first, self.manner.assumed or _obvious(first))

    def _of_table(self, number: int, text: str) -> Row | None:
        if not self._columns:
            self._set_columns(text)
        if text == self.manner.header:
            return None
        cells = _cells(text, self._delimiter)
        if len(cells) != len(self._columns):
            raise BadRow(
                f"The row has {len(cells)} cells; the header has {len(self._columns)}.",
                next_step="Quote cells that hold the separator; a cell has no line break.",
            )
        given: dict[str, Any] = dict(zip(self._columns, cells, strict=True))
        for name in ("value", "document", "references", "assets"):
            if given.get(name, "")[:1] in {"[", "{"}:
                given[name] = _json(given[name], name)
        if not given.get("document"):
            given.pop("document", None)
        if not given.get("assets"):
            given.pop("assets", None)
        return hash_rows.of_mapping(number, given, assumed=self.manner.assumed)

    def _set_columns(self, header: str) -> None:
        """Use a line as the CSV header. If it is already a row, the columns are `type` and `value`."""
        delimiter = max(_DELIMITERS, key=header.count)
        cells = _cells(header, delimiter)
        columns = [cell.strip().lower().replace(" ", "_") for cell in cells]
        if not _COLUMNS & set(columns):
            if len(cells) == 2 and columns[0] in _FIRST:
                columns, header = ["type", "value"], f"type{delimiter}value"
            else:
                raise BadHeader(
                    "The first line names no column that holds a hash.",
                    next_step="Begin the list with a line such as `type,value,title,tags`.",
                )
        if len(set(columns)) < len(columns):
            raise BadHeader("The first line names a column twice.")
        self._columns, self._delimiter = columns, delimiter
        self.manner = replace(self.manner, header=header)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise BadRow(
            f"The line is no row of a table: {error}.", next_step="Close each quote within its line."
        ) from None


def _json(text: str, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRow(f"`{name}` is not JSON: {error}.") from None


def _obvious(value: str) -> str | None:
    """Return the type of a bare hash if its width is unambiguous. 64 digits may be PDQ or SHA-256."""
    return "md5" if len(value) == 32 else None
