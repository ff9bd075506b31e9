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
    named = {column(cell) for cell in cells}
    return bool(named & {"url", "content_id"}) and not any(_is_address(cell) for cell in cells)


class Rows:
    """Converts tables to rows. `ignored`: names of unknown columns, as written."""

    def __init__(self, table: Table, manner: Manner | None = None) -> None:
        self.table = table
        self.manner = manner or Manner()
        self.ignored: list[str] = []
        self._names = _platform_names(table)

    def of_tables(self, given: Iterable[Cells | Fault]) -> Iterator[Row | Fault]:
        """Yield the rows of consecutive tables. Column names are optional and stand in the first rows of each
        table."""
        sheet: str | None = None
        columns: list[str | None] | None = None
        above: list[Fault] = []
        for item in given:
            if isinstance(item, Fault):
                yield item
                continue
            if item.sheet != sheet:
                yield from above
                sheet, columns, above = item.sheet, None, []
            if not any(_text(cell) for cell in item.cells) and not item.links:
                continue
            if columns is None and len(above) < _TITLES and is_heading(item.cells):
                columns, above = self._columns(item.cells), []
                continue
            found = list(self._of_cells(item, columns))
            first = found[0] if found else None
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
            yield from found
        yield from above

    def of_mapping(self, line: int, given: Mapping[str, object]) -> Iterator[Row | Fault]:
        """Yield the rows of an object with named fields; `url` may be a list."""
        named: dict[str, list[Cell]] = {}
        for name, value in given.items():
            known = column(name)
            if known is None:
                self._ignore(name)
                continue
            for item in value if isinstance(value, list) and known == "url" else [value]:
                if isinstance(item, bool | list | dict):
                    yield Fault(line, BadRow.code, f"`{known}` is a text.", "Write it in quotation marks.")
                    return
                named.setdefault(known, []).append(None if item is None else str(item))
        yield from self._of_named(line, "", named)

    def of_text(self, line: int, text: str, *, sheet: str = "") -> Iterator[Row | Fault]:
        """Yield the row of a bare address."""
        yield from self._of_named(line, sheet, {"url": [text]})

    def _columns(self, cells: Sequence[Cell]) -> list[str | None]:
        found = [column(cell) for cell in cells]
        for name, cell in zip(found, cells, strict=True):
            if name is None and isinstance(cell, str) and cell.strip():
                self._ignore(cell)
        return found

    def _ignore(self, name: str) -> None:
        if len(self.ignored) < 50 and name.strip()[:60] not in self.ignored:
            self.ignored.append(name.strip()[:60])

    def _of_cells(self, row: Cells, columns: Sequence[str | None] | None) -> Iterator[Row | Fault]:
        named: dict[str, list[Cell]] = {}
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
            named.setdefault(name, []).append(shown)
        if not columns and not named:
            given = " | ".join(text for cell in row.cells if (text := _text(cell)))
            yield _fault(row.line, row.sheet, NoUrl(), given)
            return
        for number in unnamed:
            self._ignore(f"column {number}")
        yield from self._of_named(row.line, row.sheet, named)

    def _key(self, text: str) -> str:
        found = web_address.normalised(text, self.table)
        return found.key or text

    def _of_named(self, line: int, sheet: str, named: Mapping[str, list[Cell]]) -> Iterator[Row | Fault]:
        first = {name: next((cell for cell in cells if _text(cell)), None) for name, cells in named.items()}
        texts = [_text(item) for item in named.get("url", ()) if _text(item)]
        try:
            rest = self._rest(first)
            if texts:
                pieces = [piece for text in texts for piece in _pieces(_literal(text))]
                if len(pieces) > 1 and (rest["file"] or rest["sha256"]):
                    raise SeveralUrls(
                        "The row names several addresses and one file.",
                        next_step="Give each address a row of its own.",
                    )
            elif _text(first.get("platform")) and _text(first.get("content_id")):
                yield self._of_content(line, sheet, first, rest)
                return
            else:
                raise NoUrl
        except BadInput as error:
            yield _fault(line, sheet, error, " ".join(texts) or _shown(first))
            return
        for item in pieces:
            address = web_address.normalised(item, self.table)
            try:
                self._require_same(address, _text(first.get("platform")))
                yield Row(line=line, address=address, sheet=sheet, **rest)  # type: ignore[arg-type]
            except BadInput as error:
                yield _fault(line, sheet, error, item)

    def _of_content(
        self, line: int, sheet: str, first: Mapping[str, Cell], rest: Mapping[str, object]
    ) -> Row | Fault:
        name, content_id = _text(first["platform"]), _text(first["content_id"])
        platform = self._names.get(_plain(name))
        if platform is None:
            error = UnknownPlatform(f"{name[:50]!r} is no platform that is known here.")
            return _fault(line, sheet, error, name)
        address = web_address.of_content(platform, content_id, self.table)
        if address.fault is not None:
            return _fault(line, sheet, address.fault, content_id)
        return Row(line=line, address=address, sheet=sheet, **rest)  # type: ignore[arg-type]

    def _require_same(self, address: Address, platform: str) -> None:
        if address.fault is not None:
            raise address.fault
        named = self._names.get(_plain(platform))
        if named is not None and named.id != address.platform:
            raise PlatformDiffers(f"The address is not one of {named.name}, which the row names.")

    def _rest(self, first: Mapping[str, Cell]) -> dict[str, object]:
        sha256 = _text(first.get("sha256")).lower()
        if sha256 and not re.fullmatch(r"[0-9a-f]{64}", sha256):
            raise BadSha256("The sha256 is not one.", next_step="Give 64 hexadecimal digits, or none.")
        return {
            "note": _note(_text(first.get("note"))),
            "seen_at": parse_date(first.get("seen_at"), self.manner.zone, self.manner.now),
            "file": file_label(_text(first.get("file"))),
            "sha256": sha256,
        }


def _platform_names(table: Table) -> dict[str, Platform]:
    found: dict[str, Platform] = {}
    for item in table:
        for host in item.hosts:
            found.setdefault(_plain(host), item)
            found.setdefault(_plain(host.rsplit(".", 1)[0]), item)
    for item in table:
        found |= {_plain(item.name): item, _plain(item.id): item}
    return found


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
    found = _HYPERLINK.fullmatch(text)
    if found is None:
        raise Formula("The cell holds a formula, and formulas are not computed.")
    return found[1].replace('""', '"')


def _pieces(text: str) -> list[str]:
    """Split a cell with several addresses, separated by white space; else return the cell as it is."""
    found = text.split()
    return found if len(found) > 1 and all(looks_written(part) for part in found) else [text]


def _note(text: str) -> str:
    if len(text) > LONGEST_NOTE:
        raise CellTooLong(f"The note has {len(text)} characters; {LONGEST_NOTE} are kept.")
    kept = (" " if unicodedata.category(item) in {"Cc", "Cs"} and item != "\n" else item for item in text)
    return unicodedata.normalize("NFC", "".join(kept))


def _shown(first: Mapping[str, Cell]) -> str:
    return " ".join(_text(item) for item in first.values() if _text(item))


def unread(line: int, text: str) -> Fault:
    """Return the fault of a text line without an address."""
    error = NoAddress("No address stands in the line.")
    return _fault(line, "", error, text.strip())


def _fault(line: int, sheet: str, error: BadInput, given: str) -> Fault:
    short = given[: web_address.LONGEST_GIVEN]
    kept = "".join(" " if unicodedata.category(item) in {"Cc", "Cs"} else item for item in short)
    return Fault(line, error.code, error.message, error.next_step, kept, sheet)
