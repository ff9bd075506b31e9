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
class Position:
    """A position in a stream, always at the end of a line. `crc32`: of all bytes up to there."""

    bytes: int = 0
    line: int = 0
    crc32: int = 0


class LineSplitter:
    """Split bytes into lines, starting at a `place`. Afterwards `place` is the end of the last line
    returned."""

    def __init__(self, position: Position | None = None, *, longest: int = LINE_BYTES) -> None:
        self.position = position or Position()
        self._held: list[bytes] = []
        self._size = 0
        self._crc32 = self.position.crc32
        self._longest = longest

    def feed(self, chunk: bytes) -> Iterator[Line]:
        """Yield the lines that end in this chunk."""
        *complete, unfinished = chunk.split(b"\n")
        for piece in complete:
            yield self._end(piece, b"\n")
        if unfinished:
            self._hold(unfinished)

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

    def _end(self, piece: bytes, line_break: bytes) -> Line:
        self._hold(piece)
        self._crc32 = zlib.crc32(line_break, self._crc32)
        fits = self._size <= self._longest
        raw = (self._held[0] if len(self._held) == 1 else b"".join(self._held)) if fits else None
        number = self.position.line + 1
        self.position = Position(self.position.bytes + self._size + len(line_break), number, self._crc32)
        self._held.clear()
        self._size = 0
        return Line(number, raw)


@dataclass(frozen=True, slots=True)
class Dialect:
    """How to read lines. `header`: the first line of CSV, unchanged. `assumed`: the type of hashes that do
    not name their own."""

    format: Format = "auto"
    assumed: str | None = None
    header: str | None = None


class Reader:
    """Parse lines into rows and faults. `manner` holds what has been detected so far."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._columns: list[str] = []
        self._delimiter = ","
        if dialect.header is not None:
            self._set_columns(dialect.header)

    def read(self, lines: Iterable[Line]) -> Iterator[Row | Fault]:
        """Yield a row or fault for each line, except blank lines, comments, brackets and the header."""
        for line in lines:
            try:
                row = self._row(line)
            except FakeprintError as error:
                yield Fault(line.number, error.code, error.message, error.next_step)
            else:
                if row is not None:
                    yield row

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
        if plain[0] == "#" and self.dialect.format != "csv":
            return None
        if self.dialect.format in {"auto", "threatexchange"}:
            self._detect(text)
        match self.dialect.format:
            case "jsonl":
                return self._of_json(line.number, plain)
            case "text":
                return self._of_text(line.number, plain)
        return self._of_table(line.number, text)

    def _detect(self, text: str) -> None:
        first, _, second = text.strip().partition(" ")
        if first[0] in "{[":
            format_: Format = "jsonl"
        elif _BARE.match(text.strip()) or (second and first.lower() in _FIRST):
            format_ = "text"
        else:
            self._set_columns(text)
            format_ = "csv"
        self.dialect = replace(self.dialect, format=format_)

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
        return hash_rows.of_mapping(number, value, assumed=self.dialect.assumed)

    def _of_text(self, number: int, text: str) -> Row:
        type_, _, value = text.partition(" ")
        if value:
            return hash_rows.of_hash(number, value.strip(), type_)
        return hash_rows.of_hash(number, type_, self.dialect.assumed or _obvious(type_))

    def _of_table(self, number: int, text: str) -> Row | None:
        if not self._columns:
            self._set_columns(text)
        if text == self.dialect.header:
            return None
        cells = _cells(text, self._delimiter)
        if len(cells) != len(self._columns):
            raise BadRow(
                f"The row has {len(cells)} cells; the header has {len(self._columns)}.",
                next_step="Quote cells that contain the separator. Remove line breaks within cells.",
            )
        fields: dict[str, Any] = dict(zip(self._columns, cells, strict=True))
        for name in ("value", "document", "references", "assets"):
            if fields.get(name, "")[:1] in {"[", "{"}:
                fields[name] = _json(fields[name], name)
        if not fields.get("document"):
            fields.pop("document", None)
        if not fields.get("assets"):
            fields.pop("assets", None)
        return hash_rows.of_mapping(number, fields, assumed=self.dialect.assumed)

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
                    "The first line names no hash column.",
                    next_step="Begin the list with a line such as `type,value,title,tags`.",
                )
        if len(set(columns)) < len(columns):
            raise BadHeader("The first line names a column twice.")
        self._columns, self._delimiter = columns, delimiter
        self.dialect = replace(self.dialect, header=header)


def _cells(text: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([text], delimiter=delimiter, strict=True))
    except (csv.Error, StopIteration) as error:
        raise BadRow(
            f"The line is not a row of a table: {error}.", next_step="Close each quote within its line."
        ) from None


def _json(text: str, name: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise BadRow(f"`{name}` is not JSON: {error}.") from None


def _obvious(value: str) -> str | None:
    """Return the type of a bare hash if its width is unambiguous. 64 digits may be PDQ or SHA-256."""
    return "md5" if len(value) == 32 else None
