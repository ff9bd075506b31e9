"""Workbooks: read as they are written and no further than they may be; written so that nothing in them is
computed."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from registry.catalogue.platforms.service import table
from registry.core.documents import safe_tables
from registry.core.documents.safe_tables import csv_lines, safe, xlsx
from registry.core.errors import FakeprintError
from registry.takedown.url_lists.model import url_sheet
from registry.takedown.url_lists.model.url_list import UrlList
from registry.takedown.url_lists.model.url_rows import Fault, Row

MOMENT = datetime(2026, 11, 25, 22, 11, tzinfo=UTC)


def workbook(rows: list[list[Any]], links: dict[str, str] | None = None) -> Workbook:
    made = Workbook()
    sheet = made.active
    assert sheet is not None
    sheet.title = "Hoja1"
    for row in rows:
        sheet.append(row)
    for place, target in (links or {}).items():
        sheet[place].hyperlink = target
    return made


def packed(made: Workbook) -> bytes:
    buffer = io.BytesIO()
    made.save(buffer)
    return buffer.getvalue()


def changed(raw: bytes, name: str, content: bytes) -> bytes:
    """The workbook with another member."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for item in old.namelist():
            if item != name:
                new.writestr(item, old.read(item))
        new.writestr(name, content)
    return buffer.getvalue()


def read(raw: bytes) -> tuple[UrlList, list[Row | Fault]]:
    found = UrlList(io.BytesIO(raw), "auto", table())
    return found, list(found)


def test_a_workbook_is_read_as_it_is_written() -> None:
    made = workbook(
        [
            ["Listado del caso 7"],
            ["Enlace", "Observaciones", "Fecha visto"],
            ["https://a.es/1", "ملاحظة 😀", datetime(2026, 11, 24, 10, 30)],  # noqa: DTZ001
            ["Vídeo", "n", date(2026, 11, 24)],
            ['=HYPERLINK("https://a.es/3","ver, aquí")'],
            ["=A1&B1", "fórmula"],
            ["https://a.es/5"],
            ["https://a.es/6"],
            [7, "número"],
            [None, None, None],
            ["https://a.es/9", None, 46000],
        ],
        {"A4": "https://a.es/2", "A7": "https://malo.es/", "A8": "https://www.a.es/6?utm_source=x"},
    )
    hidden = made.create_sheet("Oculta")
    hidden.sheet_state = "hidden"
    hidden.append(["https://oculta.es/1"])
    made.create_sheet("Otra").append(["https://a.es/10", "https://a.es/11"])
    found, rows = read(packed(made))
    assert (found.format, found.ignored) == ("xlsx", ["Oculta"])
    assert [
        (row.sheet, row.line, row.address.text if isinstance(row, Row) else row.code) for row in rows
    ] == [
        ("Hoja1", 3, "https://a.es/1"),
        ("Hoja1", 4, "https://a.es/2"),
        ("Hoja1", 5, "https://a.es/3"),
        ("Hoja1", 6, "formula"),
        ("Hoja1", 7, "link_differs"),
        ("Hoja1", 8, "https://a.es/6"),
        ("Hoja1", 9, "not_a_url"),
        ("Hoja1", 11, "bad_date"),
        ("Otra", 1, "https://a.es/10"),
        ("Otra", 1, "https://a.es/11"),
    ]
    first = rows[0]
    assert isinstance(first, Row)
    assert (first.note, first.seen_at) == ("ملاحظة 😀", datetime(2026, 11, 24, 10, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    "content",
    [
        lambda: bytes(60 << 20),
        lambda: b"<a/>" * 1_100_000,
        lambda: b"<a" + b' a=""' * 3_100_000 + b"/>",
        lambda: b"".join(b"<a%d/>" % number for number in range(1_100_000)),
    ],
    ids=["zeros", "tags", "attributes", "tags that pack badly"],
)
def test_a_bomb_is_refused_before_it_is_parsed(content: Callable[[], bytes]) -> None:
    raw = packed(workbook([["url"], ["https://a.es/1"]]))
    with pytest.raises(FakeprintError) as caught:
        read(changed(raw, "xl/worksheets/sheet1.xml", content()))
    assert caught.value.code == "sheet_too_large"


def test_a_directory_that_lies_gives_no_more_than_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    name = "xl/worksheets/sheet1.xml"
    raw = bytearray(changed(packed(workbook([["url"]])), name, WIDE + b" " * (4 << 20)))
    place = raw.rfind(b"PK\x01\x02", 0, raw.rfind(name.encode()))
    raw[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(FakeprintError) as caught:
        read(bytes(raw))
    assert caught.value.code == "bad_sheet"
    monkeypatch.setattr(url_sheet, "MOST_MEMBERS", 3)
    with pytest.raises(FakeprintError) as caught:
        read(packed(workbook([["url"]])))
    assert caught.value.code == "sheet_too_large"


HEAD = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
ENTITIES = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
    + HEAD
    + b"""<sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>&b;</t></is></c></row></sheetData></worksheet>"""
)
OUTSIDE = ENTITIES.replace(b'<!ENTITY a "aaaaaaaaaa">', b'<!ENTITY a SYSTEM "file:///etc/passwd">')
FAR = (
    HEAD
    + b"""<dimension ref="A1:XFD1048576"/><sheetData><row r="1048576"><c r="A1048576" t="inlineStr">
<is><t>https://a.es/1</t></is></c></row></sheetData></worksheet>"""
)
WIDE = (
    HEAD
    + b"""<dimension ref="A1:XFD3"/><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>url</t></is></c></row>
<row r="2"><c r="A2" t="inlineStr"><is><t>https://a.es/1</t></is></c><c r="XFD2"><v>1</v></c></row>
</sheetData></worksheet>"""
)


@pytest.mark.parametrize("content", [ENTITIES, OUTSIDE, b"<worksheet", b"", b"\x00" * 100])
def test_a_sheet_that_is_broken_or_wants_more_is_refused(content: bytes) -> None:
    with pytest.raises(FakeprintError) as caught:
        read(changed(packed(workbook([["url"]])), "xl/worksheets/sheet1.xml", content))
    assert caught.value.code == "bad_sheet"


@pytest.mark.slow
def test_a_sheet_with_a_huge_declared_size_costs_only_its_content() -> None:
    raw = packed(workbook([["url"]]))
    assert [
        getattr(item, "code", None) for item in read(changed(raw, "xl/worksheets/sheet1.xml", FAR))[1]
    ] == ["too_many_rows"]
    rows = read(changed(raw, "xl/worksheets/sheet1.xml", WIDE))[1]
    assert [row.address.text for row in rows if isinstance(row, Row)] == ["https://a.es/1"]


@pytest.mark.parametrize(
    "text",
    [
        *(
            "=1+1",
            "+34 600",
            "-1",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            " =1",
            "\u200b=1",
            "\u00a0=1",
            "＝1",
            "＠x",
        ),
        '=HYPERLINK("https://malo.es","clic")',
        "=cmd|' /C calc'!A0",
    ],
)
def test_formulas_are_escaped(text: str) -> None:
    assert safe(text) == "'" + text
    assert safe(safe(text)) == safe(text)
    made = load_workbook(io.BytesIO(xlsx([("Notas", [["h"], [text]])], MOMENT)))
    cell = made["Notas"]["A2"]
    assert (cell.data_type, str(cell.value)[:1]) == ("s", "'")
    line = next(iter(csv_lines([[text, "x"]], mark=False))).decode()
    assert next(csv.reader(io.StringIO(line, newline="")))[0][0] == "'"


def test_other_cells_stay_unchanged() -> None:
    for text in ("https://a.es/?a=1", "a=b", "1-2", "'=1", "", "ñ", "فيديو", "😀", "2026-11-25"):
        assert safe(text) == text
    row = [-5, 1.5, True, None, date(2026, 11, 25), MOMENT, "a,b", 'x"y']
    assert b"".join(csv_lines([["n"], row])).decode() == (
        '\ufeffn\r\n-5,1.5,true,,2026-11-25,2026-11-25T22:11:00+00:00,"a,b","x""y"\r\n'
    )


def test_no_other_leading_character_is_escaped() -> None:
    line = next(
        iter(csv_lines([["a;=cmd|x!A0", "b\n=1", "c\t @x", "https://a.es/;v=1"]], mark=False))
    ).decode()
    for sign in ";\t\n":
        for cell in line.split(sign):
            assert cell.lstrip(' "')[:1] not in set("=+-@")


@pytest.mark.slow
@given(text=st.text(max_size=40))
def test_no_text_is_computed_or_breaks_a_table(text: str) -> None:
    assert safe(text).lstrip()[:1] not in set("=+-@＝＋－＠") or safe(text)[:1] == "'"
    assert safe(safe(text)) == safe(text)
    made = load_workbook(io.BytesIO(xlsx([("a", [[text]])], MOMENT)))
    assert made["a"]["A1"].data_type in {"s", "n", "inlineStr"}


def test_a_workbook_is_the_same_bytes_for_the_same_rows() -> None:
    sheets = [
        ("Avisos/1", [["url", "estado"], ["https://a.es/1", "=1"]]),
        ("avisos 1", [["x"], ["y" * 40_000]]),
    ]
    first, second = xlsx(sheets, MOMENT), xlsx(sheets, MOMENT)
    assert first == second
    made = load_workbook(io.BytesIO(first))
    assert made.sheetnames == ["Avisos 1", "avisos 1 2"]
    assert len(str(made["avisos 1 2"]["A2"].value)) == safe_tables.LONGEST_CELL
    assert made.properties.created == MOMENT.replace(tzinfo=None)
    assert load_workbook(io.BytesIO(xlsx([], MOMENT))).sheetnames == ["1"]
