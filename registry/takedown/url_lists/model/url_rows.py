"""A row of an address list, whatever the format: columns are found by name, and each cell is checked. Pure.

An error affects only its own row and is reported with advice. Nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from typing import Final

from registry.catalogue.platforms.errors import NoUrl, SeveralUrls, UnknownPlatform
from registry.catalogue.platforms.model import web_address
from registry.catalogue.platforms.model.platforms import Platform, Table
from registry.catalogue.platforms.model.web_address import Address
from registry.catalogue.platforms.model.web_text import looks_written
from registry.core.dates import parse_date
from registry.core.errors import BadInput, BadSha256
from registry.core.labels import file_label
from registry.sharing.lists.errors import BadRow
from registry.takedown.url_lists.errors import CellTooLong, Formula, LinkDiffers, NoAddress, PlatformDiffers
from registry.takedown.url_lists.model.url_columns import column

LONGEST_NOTE: Final = 2_000
MOST_URLS: Final = 10_000
_HYPERLINK: Final = re.compile(
    r'=\s*(?:_xlfn\.)?(?:HYPERLINK|HIPERVINCULO|LIEN_HYPERTEXTE)\(\s*"((?:[^"]|"")*)"\s*(?:[,;].*)?\)\s*',
    re.IGNORECASE | re.DOTALL,
)
_TITLES: Final = 20
"""Maximum number of rows above the column names."""


@dataclass(frozen=True, slots=True)
class Manner:
    """How a list is read.

    `zone`: time zone of times without an offset. `now`: later sightings are refused; None: not checked.
    `most`: maximum number of rows.
    """

    zone: tzinfo = UTC
    now: datetime | None = None
    most: int = MOST_URLS


@dataclass(frozen=True, slots=True)
class Row:
    """A row. `line`: in the file, from 1. `sheet`: in a workbook. `file`, `sha256`: the media found there."""

    line: int
    address: Address
    note: str = ""
    seen_at: datetime | None = None
    file: str = ""
    sha256: str = ""
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault of a row, with advice. `given`: the cell, truncated."""

    line: int
    code: str
    message: str
    next_step: str | None = None
    given: str = ""
    sheet: str = ""


UNREAD: Final = "no_address"
"""Code of a text line without an address. The line is skipped; it is not an error."""

Cell = str | datetime | date | None


@dataclass(frozen=True, slots=True)
class Cells:
    """A row of a table. `links`: hyperlink targets of cells, by position."""

    line: int
    cells: Sequence[Cell]
    sheet: str = ""
    links: Mapping[int, str] = field(default_factory=dict)


def is_heading(cells: Sequence[Cell]) -> bool:
    """Return whether a row contains column names, including that of the addresses."""
    names = {column(cell) for cell in cells}
    return bool(names & {"url", "content_id"}) and not any(_is_address(cell) for cell in cells)


class Rows:
    """Converts tables to rows. `ignored`: names of unknown columns, as written."""

    def __init__(self, table: Table, manner: Manner | None = None) -> None:
        self.table = table
        self.manner = manner or Manner()
        self.ignored: list[str] = []
        self._names = _platform_names(table)

    def of_tables(self, rows: Iterable[Cells | Fault]) -> Iterator[Row | Fault]:
        """Yield the rows of consecutive tables. Column names are optional, in a table's first rows."""
        sheet: str | None = None
        columns: list[str | None] | None = None
        above: list[Fault] = []
        for row in rows:
            if isinstance(row, Fault):
                yield row
                continue
            if row.sheet != sheet:
                yield from above
                sheet, columns, above = row.sheet, None, []
            if not any(_text(cell) for cell in row.cells) and not row.links:
                continue
            if columns is None and len(above) < _TITLES and is_heading(row.cells):
                columns, above = self._columns(row.cells), []
                continue
            read = list(self._of_cells(row, columns))
            first = read[0] if read else None
            if (
                columns is None
                and isinstance(first, Fault)
                and first.code == NoUrl.code
                and len(above) < _TITLES
            ):
                above.append(first)
                continue
            yield from above
            above = []
            columns = columns or []
            yield from read
        yield from above

    def of_mapping(self, line: int, fields: Mapping[str, object]) -> Iterator[Row | Fault]:
        """Yield the rows of an object with named fields; `url` may be a list."""
        cells: dict[str, list[Cell]] = {}
        for name, value in fields.items():
            name_ = column(name)
            if name_ is None:
                self._ignore(name)
                continue
            for part in value if isinstance(value, list) and name_ == "url" else [value]:
                if isinstance(part, bool | list | dict):
                    yield Fault(
                        line, BadRow.code, f"`{name_}` must be a text.", "Write it in quotation marks."
                    )
                    return
                cells.setdefault(name_, []).append(None if part is None else str(part))
        yield from self._of_named(line, "", cells)

    def of_text(self, line: int, text: str, *, sheet: str = "") -> Iterator[Row | Fault]:
        """Yield the row of a bare address."""
        yield from self._of_named(line, sheet, {"url": [text]})

    def _columns(self, cells: Sequence[Cell]) -> list[str | None]:
        names = [column(cell) for cell in cells]
        for name, cell in zip(names, cells, strict=True):
            if name is None and isinstance(cell, str) and cell.strip():
                self._ignore(cell)
        return names

    def _ignore(self, name: str) -> None:
        if len(self.ignored) < 50 and name.strip()[:60] not in self.ignored:
            self.ignored.append(name.strip()[:60])

    def _of_cells(self, row: Cells, columns: Sequence[str | None] | None) -> Iterator[Row | Fault]:
        by_name: dict[str, list[Cell]] = {}
        unnamed: list[int] = []
        for place, cell in enumerate(row.cells):
            link = row.links.get(place)
            if columns:
                name = columns[place] if place < len(columns) else None
            else:
                name = "url" if _is_address(cell) or link else None
            if name is None:
                unnamed += [place + 1] if not columns and _text(cell) else []
                continue
            shown = cell
            if name == "url" and link:
                shown = cell if _is_address(cell) else link
                if self._key(_text(shown)) != self._key(link):
                    yield _fault(row.line, row.sheet, LinkDiffers(), _text(cell))
                    return
            by_name.setdefault(name, []).append(shown)
        if not columns and not by_name:
            shown_text = " | ".join(text for cell in row.cells if (text := _text(cell)))
            yield _fault(row.line, row.sheet, NoUrl(), shown_text)
            return
        for number in unnamed:
            self._ignore(f"column {number}")
        yield from self._of_named(row.line, row.sheet, by_name)

    def _key(self, text: str) -> str:
        address = web_address.normalised(text, self.table)
        return address.key or text

    def _of_named(self, line: int, sheet: str, by_name: Mapping[str, list[Cell]]) -> Iterator[Row | Fault]:
        first = {name: next((cell for cell in cells if _text(cell)), None) for name, cells in by_name.items()}
        addresses = [_text(cell) for cell in by_name.get("url", ()) if _text(cell)]
        try:
            details = self._details(first)
            if addresses:
                pieces = [piece for text in addresses for piece in _pieces(_literal(text))]
                if len(pieces) > 1 and (details["file"] or details["sha256"]):
                    raise SeveralUrls(
                        "The row has several addresses and one file.",
                        next_step="Give each address a row of its own.",
                    )
            elif _text(first.get("platform")) and _text(first.get("content_id")):
                yield self._of_content(line, sheet, first, details)
                return
            else:
                raise NoUrl
        except BadInput as error:
            yield _fault(line, sheet, error, " ".join(addresses) or _shown(first))
            return
        for piece in pieces:
            address = web_address.normalised(piece, self.table)
            try:
                self._require_same(address, _text(first.get("platform")))
                yield Row(line=line, address=address, sheet=sheet, **details)  # type: ignore[arg-type]
            except BadInput as error:
                yield _fault(line, sheet, error, piece)

    def _of_content(
        self, line: int, sheet: str, first: Mapping[str, Cell], details: Mapping[str, object]
    ) -> Row | Fault:
        name, content_id = _text(first["platform"]), _text(first["content_id"])
        platform = self._names.get(_plain(name))
        if platform is None:
            error = UnknownPlatform(f"The platform {name[:50]!r} is unknown.")
            return _fault(line, sheet, error, name)
        address = web_address.of_content(platform, content_id, self.table)
        if address.fault is not None:
            return _fault(line, sheet, address.fault, content_id)
        return Row(line=line, address=address, sheet=sheet, **details)  # type: ignore[arg-type]

    def _require_same(self, address: Address, platform: str) -> None:
        if address.fault is not None:
            raise address.fault
        named_platform = self._names.get(_plain(platform))
        if named_platform is not None and named_platform.id != address.platform:
            raise PlatformDiffers(f"The row names {named_platform.name}, but the address is not there.")

    def _details(self, first: Mapping[str, Cell]) -> dict[str, object]:
        sha256 = _text(first.get("sha256")).lower()
        if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise BadSha256(
                "The sha256 is not a SHA-256.", next_step="Give 64 hexadecimal digits, or leave it empty."
            )
        return {
            "note": _note(_text(first.get("note"))),
            "seen_at": parse_date(first.get("seen_at"), self.manner.zone, self.manner.now),
            "file": file_label(_text(first.get("file"))),
            "sha256": sha256,
        }


def _platform_names(table: Table) -> dict[str, Platform]:
    names: dict[str, Platform] = {}
    for platform in table:
        for host in platform.hosts:
            names.setdefault(_plain(host), platform)
            names.setdefault(_plain(host.rsplit(".", 1)[0]), platform)
    for platform in table:
        names |= {_plain(platform.name): platform, _plain(platform.id): platform}
    return names


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text.casefold())


def _text(cell: Cell) -> str:
    return "" if cell is None else cell.strip() if isinstance(cell, str) else cell.isoformat()


def _is_address(cell: Cell) -> bool:
    return isinstance(cell, str) and (looks_written(cell) or _HYPERLINK.fullmatch(cell) is not None)


def _literal(text: str) -> str:
    """Return the address in a cell.

    Formulas are not computed. Only the literal address of a HYPERLINK formula is used.
    """
    if not text.startswith("="):
        return text
    match = _HYPERLINK.fullmatch(text)
    if match is None:
        raise Formula("The cell contains a formula. Formulas are not computed.")
    return match[1].replace('""', '"')


def _pieces(text: str) -> list[str]:
    """Split a cell with several addresses, separated by white space; else return the cell as it is."""
    parts = text.split()
    return parts if len(parts) > 1 and all(looks_written(part) for part in parts) else [text]


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise CellTooLong(f"The note has {len(text)} characters; the maximum is {LONGEST_NOTE}.")
    characters = (
        " " if unicodedata.category(character) in {"Cc", "Cs"} and character != "\n" else character
        for character in text
    )
    return unicodedata.normalize("NFC", "".join(characters))


def _shown(first: Mapping[str, Cell]) -> str:
    return " ".join(_text(cell) for cell in first.values() if _text(cell))


def unread(line: int, text: str) -> Fault:
    """Return the fault of a text line without an address."""
    error = NoAddress("The line contains no address.")
    return _fault(line, "", error, text.strip())


def _fault(line: int, sheet: str, error: BadInput, cell: str) -> Fault:
    short = cell[: web_address.LONGEST_GIVEN]
    printable = "".join(
        " " if unicodedata.category(character) in {"Cc", "Cs"} else character for character in short
    )
    return Fault(line, error.code, error.message, error.next_step, printable, sheet)
