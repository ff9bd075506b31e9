"""Reads an XLSX workbook as rows of cells, without computing formulas. Pure.

Workbooks are untrusted. The ZIP directory is read first, and its sizes limit all unpacking: a ZIP member
never unpacks to more than the directory states. Entities and external parts are refused. A formula is read as
text. For `=HYPERLINK("…")` and for a link on a cell, the address is used.
"""

from __future__ import annotations

import warnings
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse
from openpyxl import load_workbook
from openpyxl.utils.cell import range_boundaries
from openpyxl.utils.exceptions import CellCoordinatesException, InvalidFileException
from openpyxl.worksheet.formula import ArrayFormula

from registry.core.errors import BadInput, TooLarge
from registry.takedown.errors import SheetTooLarge
from registry.takedown.url_lists.errors import BadSheet, OldSheet, TooManyRows
from registry.takedown.url_lists.model.url_rows import Cell, Cells, Fault

MOST_BYTES: Final = 48 << 20
"""Maximum unpacked size of all members together."""
MOST_TAGS: Final = 1_000_000
"""Maximum number of tags in all members. Parsing a tag or an attribute costs a hundred times its bytes."""
MOST_ATTRIBUTES: Final = 3_000_000
MOST_RATIO: Final = 400
"""Maximum ratio of unpacked to packed bytes, for a member above one megabyte."""
MOST_MEMBERS: Final = 2_000
MOST_ROWS: Final = 200_000
"""Maximum number of rows of a sheet, including empty ones."""
MOST_COLUMNS: Final = 100
MOST_LINKS: Final = 100_000
Links = Mapping[int, Mapping[int, str]]
_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_BROKEN: Final = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    CellCoordinatesException,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    ParseError,
    DefusedXmlException,
    EOFError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
    zipfile.LargeZipFile,
)


def tables(stream: BinaryIO, ignored: list[str]) -> Iterator[Cells | Fault]:
    """Yield the rows of all visible sheets; add the names of hidden sheets to `ignored`.

    Raises `BadInput` (`bad_sheet`; `old_sheet` for XLS or an encrypted workbook), `TooLarge`
    (`sheet_too_large`).
    """
    _check(stream)
    try:
        with closing(load_workbook(stream, read_only=True, data_only=False, keep_links=False)) as book:
            for sheet in book.worksheets:
                if sheet.sheet_state != "visible":
                    ignored.append(sheet.title[:60])
                    continue
                yield from _rows(sheet, stream)
    except _BROKEN as error:
        raise _bad(f"it cannot be read ({type(error).__name__})") from None


def _check(stream: BinaryIO) -> None:
    """Check the archive's directory before anything is unpacked."""
    begin = stream.tell()
    head = stream.read(4)
    stream.seek(begin)
    if head == b"\xd0\xcf\x11\xe0":
        raise OldSheet("The workbook is XLS, or encrypted.")
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_members(archive)
    except _BROKEN as error:
        raise _bad(f"it is not XLSX ({type(error).__name__})") from None


def _check_members(archive: zipfile.ZipFile) -> None:
    members = archive.infolist()
    names = {member.filename for member in members}
    if len(names) != len(members) or any(member.flag_bits & 1 for member in members):
        raise _bad("a part of it is encrypted or duplicated")
    steep = any(
        member.file_size > max(member.compress_size, 1) * MOST_RATIO and member.file_size > 1 << 20
        for member in members
    )
    if steep or sum(member.file_size for member in members) > MOST_BYTES or len(members) > MOST_MEMBERS:
        raise _large()
    tags = attributes = 0
    for member in members:
        with archive.open(member) as part:
            while piece := part.read(1 << 18):
                tags += piece.count(b"<")
                attributes += piece.count(b"=")
                if tags > MOST_TAGS or attributes > MOST_ATTRIBUTES:
                    raise _large()


def _rows(sheet: Any, stream: BinaryIO) -> Iterator[Cells | Fault]:
    title = sheet.title[:60]
    links = _links(stream, sheet._worksheet_path)  # noqa: SLF001 (there is no public attribute)
    sheet.reset_dimensions()
    rows = sheet.iter_rows(max_col=MOST_COLUMNS)
    line = 0
    while batch := _batch(rows):
        for row in batch:
            line += 1
            if line > MOST_ROWS:
                yield Fault(
                    line,
                    TooManyRows.code,
                    f"A sheet has at most {MOST_ROWS} rows.",
                    "Put the rest on another sheet.",
                    sheet=title,
                )
                return
            cells = [_cell(cell.value) for cell in row]
            while cells and cells[-1] is None:
                cells.pop()
            row_links = links.get(line, {})
            if cells or row_links:
                cells += [None] * (max(row_links, default=-1) + 1 - len(cells))
                yield Cells(line, cells, title, row_links)


def _batch(rows: Iterator[Any]) -> list[Any]:
    """Return the next rows, without openpyxl's warnings: invalid dates are reported with their rows."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(islice(rows, 500))


def _cell(value: object) -> Cell:
    if value is None or isinstance(value, str | datetime):
        return value
    if isinstance(value, date):
        return value
    if isinstance(value, ArrayFormula):
        return str(value.text)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _links(stream: BinaryIO, path: str) -> Links:
    """Return the external hyperlinks of a sheet, by line and position."""
    folder, _, name = path.rpartition("/")
    with zipfile.ZipFile(stream) as archive:
        targets = _targets(archive, f"{folder}/_rels/{name}.rels".lstrip("/"))
        if not targets:
            return {}
        links: dict[int, dict[int, str]] = {}
        with archive.open(path) as source:
            for _, element in iterparse(source, forbid_dtd=True):
                if element.tag == f"{_MAIN}hyperlink":
                    target = targets.get(element.get(_RELATION, ""))
                    if target is not None:
                        column, row, *_ = range_boundaries(element.get("ref", ""))
                        if column is not None and row is not None and len(links) < MOST_LINKS:
                            links.setdefault(row, {})[column - 1] = target
                if element.tag in {f"{_MAIN}row", f"{_MAIN}hyperlink"}:
                    element.clear()
    return {
        row: {number: cell for number, cell in cells.items() if number < MOST_COLUMNS}
        for row, cells in links.items()
    }


def _targets(archive: zipfile.ZipFile, path: str) -> dict[str, str]:
    if path not in archive.namelist():
        return {}
    with archive.open(path) as source:
        return {
            element.get("Id", ""): element.get("Target", "")
            for _, element in iterparse(source, forbid_dtd=True)
            if element.get("TargetMode") == "External" and element.get("Type", "").endswith("/hyperlink")
        }


def _large() -> TooLarge:
    return SheetTooLarge(
        "The workbook is too large after unpacking.", next_step="Save only the list, as XLSX or CSV."
    )


def _bad(why: str) -> BadInput:
    return BadSheet(f"The workbook cannot be used: {why}.")
