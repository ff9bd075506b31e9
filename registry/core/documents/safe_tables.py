"""Tables for spreadsheets with texts from strangers: no cell is run as a formula. Pure.

A text that a spreadsheet would take for a formula gets an apostrophe in front, as OWASP recommends ("CSV
Injection"). Such a text begins, after spaces, with `= + - @`, their full-width forms, a tab or a line break.
Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

Value = str | int | float | Decimal | bool | datetime | date | None
LONGEST_CELL: Final = 32_767
"""Excel's limit of characters in a cell; in XLSX, longer texts end in `…`."""
BOM: Final = "\ufeff"
_FORMULA: Final = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]*[=+\-@＝＋－＠]|[\t\r\n]")
_INNER: Final = re.compile(r"(?<![;\s])[;\s]++(?=[=+\-@＝＋－＠])")
"""Where a spreadsheet with another column separator would begin a cell."""
_NEVER: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def safe(text: str) -> str:
    """Return a text that no spreadsheet evaluates. Applying it again changes nothing."""
    valid = _NEVER.sub("\ufffd", text)
    return f"'{valid}" if _FORMULA.match(valid) else valid


def csv_lines(rows: Iterable[Sequence[Value]], *, mark: bool = True) -> Iterator[bytes]:
    """Yield CSV (RFC 4180: commas, CRLF) in UTF-8, row by row. `mark`: begin with a BOM, so that Excel
    detects UTF-8."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\r\n")
    for number, row in enumerate(rows):
        buffer.seek(0)
        buffer.truncate()
        writer.writerow([_in_csv(value) for value in row])
        yield ((BOM if mark and number == 0 else "") + buffer.getvalue()).encode()


def xlsx(sheets: Iterable[tuple[str, Iterable[Sequence[Value]]]], moment: datetime) -> bytes:
    """Return a workbook of named sheets; the first row of each is its heading. Equal rows and `moment` give
    equal bytes."""
    from xlsxwriter import Workbook  # noqa: PLC0415 - takes 0.1 s to import

    buffer = io.BytesIO()
    book = Workbook(buffer, {"constant_memory": True, "default_date_format": "yyyy-mm-dd hh:mm:ss"})
    book.set_properties({"author": "Fakeprint", "created": moment.astimezone(UTC)})
    for name, rows in sheets:
        sheet = book.add_worksheet(
            _title(name, {worksheet.name.casefold() for worksheet in book.worksheets()})
        )
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                _write(sheet, number, column, value)
    if not book.worksheets():
        book.add_worksheet("1")
    book.close()
    return buffer.getvalue()


def _write(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    if value is None:
        return
    if isinstance(value, str):
        text = safe(value)
        cell = text if len(text) <= LONGEST_CELL else f"{text[: LONGEST_CELL - 1]}…"
        written = sheet.write_string(row, column, cell)
    elif isinstance(value, datetime) and value.tzinfo is not None:
        # A cell has no zone: UTC, as the heading says.
        written = sheet.write_datetime(row, column, value.astimezone(UTC).replace(tzinfo=None))
    else:
        written = sheet.write(row, column, value)
    if written:
        raise ValueError("a sheet of Excel holds 1,048,576 rows and 16,384 columns")


def _in_csv(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _INNER.sub(_parted, safe(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _parted(match: re.Match[str]) -> str:
    return match[0] + ("'" if set(match[0]) & set(";\t\r\n") else "")


def _title(name: str, used: set[str]) -> str:
    """Return a sheet name that Excel accepts: at most 31 characters, none of []:*?/\\, and unique."""
    plain = re.sub(r"[\[\]:*?/\\\x00-\x1f]", " ", name).strip(" '")[:31] or "1"
    title, number = plain, 1
    while title.casefold() in used:
        number += 1
        title = f"{plain[: 30 - len(str(number))]} {number}"
    return title
