"""Hostile ZIPs: evidence bundles, workbooks, bombs, and paths that lead out of a folder."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from typing import Final

import openpyxl

from registry.takedown.evidence.model import bundle
from tests.hostile.shapes.shape import Field, Part, Shape
from tests.support.record import proofs

LOCAL: Final = b"PK\x03\x04"
CENTRAL: Final = b"PK\x01\x02"
END: Final = b"PK\x05\x06"
NAMED: Final = {
    LOCAL: {
        "version": (4, 2),
        "flags": (6, 2),
        "method": (8, 2),
        "date": (12, 2),
        "crc": (14, 4),
        "packed": (18, 4),
        "size": (22, 4),
        "name_length": (26, 2),
        "extra_length": (28, 2),
        "name": (30, 2),
    },
    CENTRAL: {
        "version": (6, 2),
        "flags": (8, 2),
        "method": (10, 2),
        "crc": (16, 4),
        "packed": (20, 4),
        "size": (24, 4),
        "name_length": (28, 2),
        "extra_length": (30, 2),
        "comment_length": (32, 2),
        "disk": (34, 2),
        "attributes": (38, 4),
        "offset": (42, 4),
        "name": (46, 2),
    },
    END: {
        "disk": (4, 2),
        "entries": (8, 2),
        "total": (10, 2),
        "size": (12, 4),
        "offset": (16, 4),
        "comment": (20, 2),
    },
}


def shape(data: bytes) -> Shape:
    """Return the headers of a ZIP; fields are little-endian."""
    fields: list[Field] = []
    parts: list[Part] = []
    starts = sorted((at, kind) for kind in NAMED for at in _found(data, kind))
    for number, (at, kind) in enumerate(starts):
        end = starts[number + 1][0] if number + 1 < len(starts) else len(data)
        name = f"{ {LOCAL: 'file', CENTRAL: 'listed', END: 'end'}[kind] }{number}"
        parts.append(Part(name, at, end))
        fields += [
            Field(f"{name}-{field}", at + place, width, "little")
            for field, (place, width) in NAMED[kind].items()
        ]
    return Shape(fields, parts)


def _found(data: bytes, mark: bytes) -> Iterator[int]:
    at = data.find(mark)
    while at >= 0:
        yield at
        at = data.find(mark, at + 4)


def evidence() -> bytes:
    """Return a signed bundle of three files, as `fakeprint takedown bundle` writes it."""
    files = {
        "entries/a.json": b'{"entry_id":"a","ledger":{"checkpoint":"","events":[]},"media":[]}',
        "notices/b.json": b'{"notice_id":"b","history":[],"deliveries":[]}',
        "readme.txt": b"read\n",
    }
    return bundle.pack(files, {"campaign_id": "c"}, [proofs.signer()])


def workbook() -> bytes:
    """Return a workbook with addresses, links, times and notes."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["url", "note", "seen at"])
    for number in range(5):
        sheet.append([f"https://video.example/{number}", f"note {number}", "2026-11-01 10:00"])
    sheet["A2"].hyperlink = "https://video.example/linked"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def rewritten(raw: bytes, name: str, content: bytes) -> bytes:
    """Return an archive with other content in one member, or with one member more."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            if member != name:
                new.writestr(member, old.read(member))
        new.writestr(name, content)
    return out.getvalue()


ENTITIES: Final = (
    b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">'
    + b"".join(b'<!ENTITY a%d "%s">' % (n, b"&a%s;" % (b"%d" % (n - 1) if n else b"") * 10) for n in range(9))
    + b"]>"
)
SHEET: Final = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</worksheet>'
CELL: Final = b'<c r="%s" t="%s"><v>%s</v></c>'


def workbooks() -> Iterator[tuple[str, bytes]]:
    """Yield workbooks whose members cost more than they weigh, or lead elsewhere."""
    base, sheet = workbook(), "xl/worksheets/sheet1.xml"
    yield "entities.xlsx", rewritten(base, sheet, ENTITIES + SHEET % b"<sheetData>&a8;</sheetData>")
    outside = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
    yield "outside.xlsx", rewritten(base, sheet, outside + SHEET % b"<sheetData>&x;</sheetData>")
    for name, where, kind, value in (
        ("last-cell", b"XFD1048576", b"n", b"1"),
        ("no-such-cell", b"ZZZZZ99999999", b"n", b"1"),
        ("no-string", b"A1", b"s", b"999999999"),
        ("minus-string", b"A1", b"s", b"-1"),
        ("text-number", b"A1", b"n", b"abc"),
        ("endless-number", b"A1", b"n", b"1e999"),
        ("long-number", b"A1", b"n", b"9" * 5000),
        ("no-date", b"A1", b"d", b"9999-99-99"),
        ("error", b"A1", b"e", b"#REF!"),
        ("kind", b"A1", b"zz", b"1"),
    ):
        rows = b'<sheetData><row r="1">' + CELL % (where, kind, value) + b"</row></sheetData>"
        yield f"{name}.xlsx", rewritten(base, sheet, SHEET % rows)
    rows = b"<sheetData>" + b'<row r="1"/>' * 500_000 + b"</sheetData>"
    yield "rows.xlsx", rewritten(base, sheet, SHEET % rows)
    cells = b"<sheetData><row>" + b"<c><v>1</v></c>" * 500_000 + b"</row></sheetData>"
    yield "cells.xlsx", rewritten(base, sheet, SHEET % cells)
    yield "deep.xlsx", rewritten(base, sheet, SHEET % (b"<a>" * 100_000 + b"</a>" * 100_000))
    yield "attribute.xlsx", rewritten(base, sheet, SHEET % (b'<a b="' + b"x" * 20_000_000 + b'"/>'))
    yield "dimension.xlsx", rewritten(base, sheet, SHEET % b'<dimension ref="A1:XFD1048576"/><sheetData/>')
    yield (
        "merged.xlsx",
        rewritten(
            base,
            sheet,
            SHEET
            % (b"<sheetData/><mergeCells>" + b'<mergeCell ref="A1:XFD1048576"/>' * 1000 + b"</mergeCells>"),
        ),
    )
    strings = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'
    yield (
        "strings.xlsx",
        rewritten(base, "xl/sharedStrings.xml", strings % (b"<si><t>a</t></si>" * 1_000_000)),
    )
    yield "no-strings.xlsx", rewritten(base, "xl/sharedStrings.xml", b"")
    links = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    link = b'<Relationship Id="rId1" Type="x" Target="../../../../etc/passwd" TargetMode="External"/>'
    yield "links.xlsx", rewritten(base, "xl/worksheets/_rels/sheet1.xml.rels", links % (link * 100_000))
    yield "book-of-nothing.xlsx", rewritten(base, "xl/workbook.xml", b"<workbook/>")


def bombs() -> Iterator[tuple[str, bytes]]:
    """Yield archives whose members are huge, many, nested, overlapping, or named to lead elsewhere."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("manifest.json", bytes(100_000_000))
    huge = out.getvalue()
    yield "zeros.zip", huge
    yield "overlapping.zip", _overlapping(huge, 5000)
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w") as archive:
        for number in range(20_000):
            archive.writestr(str(number), b"")
    yield "many.zip", many.getvalue()
    nested = huge
    for _ in range(8):
        nested = _stored({"a.zip": nested})
    yield "nested.zip", nested
    for number, name in enumerate(
        (
            "../../../../tmp/escaped",
            "/tmp/escaped",
            "C:\\escaped",
            "a/../../b",
            "a\0b",
            "con",
            "a" * 60_000,
            "",
            "\u202egpj.exe",
        )
    ):
        yield f"name{number}.zip", _stored({name: b"{}"})
    yield "link.zip", _linked()
    yield "comment.zip", _stored({"manifest.json": b"{}"})[:-2] + b"\xff\xff" + b"a" * 65_535
    yield "end-only.zip", END + struct.pack("<HHHHIIH", 0, 0, 65_535, 65_535, 0xFFFFFFFF, 0xFFFFFFFF, 0)


def _stored(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _linked() -> bytes:
    out = io.BytesIO()
    info = zipfile.ZipInfo("manifest.json")
    info.create_system, info.external_attr = 3, 0o120777 << 16
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(info, "/etc/passwd")
    return out.getvalue()


def _overlapping(raw: bytes, times: int) -> bytes:
    """Return an archive whose directory lists one member many times."""
    start, end = raw.index(CENTRAL), raw.index(END)
    listed = raw[start:end] * times
    tail = struct.pack("<HHHHIIH", 0, 0, times, times, len(listed), start, 0)
    return raw[:start] + listed + END + tail
