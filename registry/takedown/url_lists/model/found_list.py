"""A list of places where removed content is found again: one address and its proof per row. Pure."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

from registry.takedown.url_lists.errors import NoHeader
from registry.takedown.url_lists.model import url_csv
from registry.takedown.url_lists.model.url_columns import column
from registry.takedown.url_lists.model.url_rows import Fault

LOOKUP: Final = "lookup"
HEADER: Final = ("url", "file", LOOKUP)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A row of the list. `line`: counted from 1. The proof is a `file` name, or the id or URL of a
    `lookup`."""

    line: int
    url: str
    file: str = ""
    lookup: str = ""


@dataclass(frozen=True, slots=True)
class BadRow(Fault):
    """A readable row with missing cells. `cells`: its cells in the columns of `HEADER`."""

    cells: tuple[str, ...] = ()


def text_of(raw: bytes) -> str:
    """Decode a list, whatever its encoding. Raises `BadInput` (`not_text`)."""
    stream = io.BytesIO(raw)
    return raw.decode(url_csv.encoding(stream), "replace")


def written(cells: Iterable[str]) -> str:
    """Return a row as CSV, in one line."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([re.sub(r"[\r\n]+", " ", cell) for cell in cells])
    return line.getvalue()


def read(stream: BinaryIO, *, most: int) -> Iterator[FoundRow | Fault]:
    """Yield the rows of a CSV, or their faults (`bad_row`, `too_many_rows`, and those of `url_csv.tables`).

    The first line names the columns: `url`, and `file`, `lookup` or both. Empty rows are skipped. Raises
    `BadInput` (`no_header`, `not_text`).
    """
    names: dict[str, int] | None = None
    for number, line in enumerate(url_csv.tables(stream, url_csv.encoding(stream))):
        if isinstance(line, Fault):
            yield line
            continue
        cells = [str(cell or "").strip() for cell in line.cells]
        if not any(cells):
            continue
        if names is None:
            names = _named(cells)
            continue
        if number > most:
            yield Fault(line.line, "too_many_rows", f"A list has at most {most} rows.", given=cells[0][:300])
            return
        url, file, lookup = (
            cells[names[name]] if name in names and names[name] < len(cells) else "" for name in HEADER
        )
        if url and (file or lookup):
            yield FoundRow(line.line, url, file, lookup)
        else:
            yield BadRow(
                line.line,
                "bad_row",
                "A row needs a url, and a file or a lookup.",
                given=(url or file or lookup)[:300],
                cells=(url, file, lookup),
            )


def _named(cells: list[str]) -> dict[str, int]:
    names: dict[str, int] = {}
    for place, cell in enumerate(cells):
        name = LOOKUP if cell.lower() == LOOKUP else column(cell)
        if name:
            names.setdefault(name, place)
    if "url" not in names or not {"file", LOOKUP} & set(names):
        raise NoHeader(
            "The first line does not name the columns `url` and `file`.",
            next_step="Write a first line: url,file",
        )
    return names
