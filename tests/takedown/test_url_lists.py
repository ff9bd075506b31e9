"""Lists of addresses: as tables, objects and running text; a fault a row, in four languages."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.catalogue.platforms import model as addresses
from registry.catalogue.platforms.model.web_address import MARKS
from registry.catalogue.platforms.service import table
from registry.core.errors import BadInput
from registry.takedown.url_lists import model
from registry.takedown.url_lists.model.url_csv import LONGEST_LINE, ONE_COLUMN, Line, records
from registry.takedown.url_lists.model.url_list import LOOKED_AT, Format, UrlList
from registry.takedown.url_lists.model.url_rows import Cells, Fault, Manner, Row

FOLDERS = (Path(model.__file__).parent, Path(addresses.__file__).parent)


def read(
    data: str | bytes, given_: Format = "auto", manner: Manner | None = None
) -> tuple[UrlList, list[Row | Fault]]:
    raw = data.encode() if isinstance(data, str) else data
    found = UrlList(io.BytesIO(raw), given_, table(), manner)
    return found, list(found)


def texts(data: str | bytes, given_: Format = "auto") -> list[str]:
    """The address of each row, the code of each fault."""
    return [item.address.text if isinstance(item, Row) else item.code for item in read(data, given_)[1]]


def only(data: str | bytes, given_: Format = "auto", manner: Manner | None = None) -> Row:
    found = read(data, given_, manner)[1]
    assert len(found) == 1
    assert isinstance(found[0], Row), found
    return found[0]


HEADED = {
    "en": 'URL,Note,Seen at,File\nhttps://a.es/1,"on a wall, red",2026-11-24,clip.mp4\n',
    "es": "Enlace;Observaciones;Visto;Archivo\nhttps://a.es/1;on a wall, red;2026-11-24;clip.mp4\n",
    "fr": "Adresse\tRemarques\tVu le\tFichier\nhttps://a.es/1\ton a wall, red\t24/11/2026\tC:\\clip.mp4",
    "ar": "الرابط|ملاحظات|التاريخ|الملف\nhttps://a.es/1|on a wall, red|٢٠٢٦-١١-٢٤|clip.mp4\n",
}


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        *((language, "utf-8") for language in HEADED),
        *(("ar", encoding) for encoding in ("utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32")),
    ],
)
def test_columns_are_known_in_four_languages(language: str, encoding: str) -> None:
    row = only(HEADED[language].replace("\n", "\r\n").encode(encoding))
    assert (row.line, row.address.text, row.note) == (2, "https://a.es/1", "on a wall, red")
    assert (row.seen_at, row.file) == (datetime(2026, 11, 24, tzinfo=UTC), "clip.mp4")


@pytest.mark.parametrize(
    ("raw", "encoding", "note"),
    [
        ("url,nota\nhttps://a.es/1,acción “ya” €\n".encode("cp1252"), "cp1252", "acción “ya” €"),
        ("url,nota\nhttps://a.es/1,é".encode("cp1252"), "cp1252", "é"),
        ("url,nota\nhttps://a.es/1,acción\n".encode(), "utf-8", "acción"),
        ("url,nota\nhttps://a.es/1,acción ".encode() + b"\xff\n", "utf-8", "acción \ufffd"),
    ],
)
def test_the_encoding_is_recognised_by_the_bytes(raw: bytes, encoding: str, note: str) -> None:
    found, rows = read(raw)
    assert found.encoding == encoding
    assert isinstance(rows[0], Row)
    assert rows[0].note == note


def test_an_address_that_lost_its_letters_is_refused() -> None:
    raw = "url\nhttps://a.es/ñ\nhttps://a.es/".encode() + b"\xf1\n"
    assert texts(raw) == ["https://a.es/%C3%B1", "bad_character"]


def test_a_cell_may_hold_line_breaks_quotes_and_delimiters() -> None:
    found = read('url,note\nhttps://a.es/1,"uno ""dos""\ntres, cuatro"\nhttps://a.es/2, "x" \n')[1]
    assert [(item.line, item.note) for item in found if isinstance(item, Row)] == [
        (2, 'uno "dos"\ntres, cuatro'),
        (4, "x"),
    ]


def test_rows_above_the_names_of_columns_are_a_title() -> None:
    found, rows = read("Informe del caso;;\n\nURL;Nota;Nº\nhttps://a.es/1;n;7\n;;\n;sola;\n")
    assert [row.line for row in rows] == [4, 6]
    assert isinstance(rows[1], Fault)
    assert (rows[1].code, rows[1].given) == ("no_url", "sola")
    assert found.ignored == ["Nº"]


def test_a_list_without_names_of_columns() -> None:
    assert texts("https://a.es/1\nhttps://a.es/2,b\n\nnada\n", "csv") == [
        "https://a.es/1",
        "https://a.es/2,b",
        "no_url",
    ]
    found, rows = read("https://a.es/1, visto ayer\nhttps://a.es/2, visto hoy\n", "csv")
    assert [row.address.text for row in rows if isinstance(row, Row)] == ["https://a.es/1", "https://a.es/2"]
    assert found.ignored == ["column 2"]
    with pytest.raises(BadInput) as caught:
        read("https://a.es/1;x\nhttps://a.es/2;y\n", "csv")
    assert caught.value.code == "no_header"
    assert texts("sep=;\nurl;note\nhttps://a.es/1;x\n", "csv") == ["https://a.es/1"]


@pytest.mark.slow
def test_cells_of_megabytes_cost_their_own_row() -> None:
    data = (
        'url,note\nhttps://a.es/1,"'
        + "x" * 2_000_000
        + '"\nhttps://a.es/2,'
        + "y" * 2_000_000
        + '\nhttps://a.es/3,"'
        + "z\n" * 1_000_000
        + '"\nhttps://a.es/4,"'
        + "w" * 3_000
        + '"\n'
        + "https://a.es/"
        + "v" * 9_000
        + ",\nhttps://a.es/6,bien\n"
    )
    long = "cell_too_long"
    assert texts(data) == [long, long, long, long, "url_too_long", "https://a.es/6"]
    assert LONGEST_LINE < 2_000_000
    inner = 'url,note\nhttps://a.es/1,"a\n' + "x" * 2_000_000 + '\nb"\nhttps://a.es/2,bien\n'
    assert texts(inner) == [long, "https://a.es/2"]


@pytest.mark.slow
def test_an_unclosed_quote_is_reported() -> None:
    data = 'url,note\nhttps://a.es/1,bien\nhttps://a.es/2,"abierta\nhttps://a.es/3,x\n'
    assert texts(data) == ["https://a.es/1", "unclosed_quote"]
    assert texts('url,note\nhttps://a.es/2,"' + "a\n" * 1_000_000) == ["unclosed_quote"]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        ("2026-11-24", "2026-11-24T00:00:00+00:00"),
        ("2026-11-24T18:30:00Z", "2026-11-24T18:30:00+00:00"),
        ("2026-11-24 18:30", "2026-11-24T18:30:00+00:00"),
        ("24/11/2026 18:30", "2026-11-24T18:30:00+00:00"),
        ("11.24.2026", "2026-11-24T00:00:00+00:00"),
        ("5-5-2026", "2026-05-05T00:00:00+00:00"),
        ("٢٤/١١/٢٠٢٦", "2026-11-24T00:00:00+00:00"),
        ("28/02/2024 23h59", "2024-02-28T23:59:00+00:00"),
        ("29/02/2024", "2024-02-29T00:00:00+00:00"),
        ("29/02/2026", "bad_date"),
        ("03/04/2026", "ambiguous_date"),
        ("ayer", "bad_date"),
        ("24/11/26", "bad_date"),
        ("46000", "bad_date"),
        ("0001-01-01T00:00:00+14:00", "bad_date"),
        ("2026-11-28", "future_date"),
    ],
)
def test_a_moment_means_one_thing_or_is_refused(written: str, found: str) -> None:
    manner = Manner(now=datetime(2026, 11, 25, 22, tzinfo=UTC))
    one = read(f"url,date\nhttps://a.es/1,{written}\n", "csv", manner)[1][0]
    assert (str(one.seen_at and one.seen_at.isoformat()) if isinstance(one, Row) else one.code) == found


def test_times_without_a_zone_use_the_given_zone() -> None:
    row = only("url,date\nhttps://a.es/1,2026-07-01 10:00\n", "csv", Manner(zone=ZoneInfo("Europe/Madrid")))
    assert row.seen_at == datetime(2026, 7, 1, 8, tzinfo=UTC)


def test_a_row_may_name_a_platform_and_a_content_id() -> None:
    head = "platform,content id,url\n"
    assert texts(head + "YouTube,dQw4w9WgXcQ,\n") == ["https://www.youtube.com/watch?v=dQw4w9WgXcQ"]
    assert texts(head + "twitter,1590968738358079488,\n") == ["https://x.com/i/status/1590968738358079488"]
    assert texts(head + "Nadie,1,\n") == ["unknown_platform"]
    assert texts(head + "tiktok,corto,\n") == ["bad_content_id"]
    assert texts(head + "YouTube,,https://t.me/canal/1\n") == ["platform_differs"]
    assert texts(head + "Otra,7,https://t.me/canal/1\n") == ["https://t.me/canal/1"]


def test_a_cell_may_hold_several_addresses_unless_a_file_is_named() -> None:
    both = '"https://a.es/1\nhttps://a.es/2"'
    assert texts(f"url,file\n{both},\n") == ["https://a.es/1", "https://a.es/2"]
    assert texts(f"url,file\n{both},clip.mp4\n") == ["several_urls"]
    assert texts("url,sha256\nhttps://a.es/1,abc\n") == ["bad_sha256"]
    assert only(f"url,sha256\nhttps://a.es/1,{'AB' * 32}\n").sha256 == "ab" * 32


def test_json_lines() -> None:
    given_ = [
        json.dumps({"url": "https://a.es/1", "note": "ملاحظة", "seen_at": "2026-11-24"}),
        json.dumps("https://a.es/2"),
        json.dumps({"url": ["https://a.es/3", "https://a.es/4"], "color": "azul"}),
        json.dumps({"platform": "vk", "content_id": "-1_2"}),
        "[1]",
        "{mal",
        json.dumps({"url": {"a": 1}}),
        json.dumps({"note": "sin"}),
        "[" * 100_000,
        "",
        json.dumps({"url": "https://a.es/9", "note": "x" * LONGEST_LINE}),
        json.dumps({"url": None, "enlace": "https://a.es/10"}),
    ]
    found, rows = read("\n".join(given_))
    assert found.format == "jsonl"
    assert found.ignored == ["color"]
    assert [(row.line, row.address.text if isinstance(row, Row) else row.code) for row in rows] == [
        (1, "https://a.es/1"),
        (2, "https://a.es/2"),
        (3, "https://a.es/3"),
        (3, "https://a.es/4"),
        (4, "https://vk.com/video-1_2"),
        (5, "bad_row"),
        (6, "bad_json"),
        (7, "bad_row"),
        (8, "no_url"),
        (9, "bad_json"),
        (11, "row_too_long"),
        (12, "https://a.es/10"),
    ]


TEXT = """Hola Ana: lo vimos en https://a.es/1, en (https://es.wikipedia.org/wiki/A_(b)) y en t.me/canal/12.
Fr: « https://médias.fr/é » ; voir aussi www.exemple.fr/v ! [lien](https://b.fr/z) <a href="https://c.fr/?a=1&amp;b=2">x</a>
بالعربية: https://مثال.إختبار/ص، ثم https://a.es/2؟ 😀https://i❤.ws/😀!
hxxps://malo[.]es/x; javascript:alert(1) data:text/html,x y https://a.es/3,https://a.es/4;https://a.es/5
nada aquí: clip.mp4, a@b.es, 24/11/2026, y/o, youtu.be/dQw4w9WgXcQ… http://localhost/x
日本語、https://例え.jp/動画。次。"""


def test_addresses_in_running_text() -> None:
    found, rows = read(TEXT)
    assert (found.format, found.encoding) == ("text", "utf-8")
    assert [(row.line, row.address.text if isinstance(row, Row) else row.code) for row in rows] == [
        (1, "https://a.es/1"),
        (1, "https://es.wikipedia.org/wiki/A_(b)"),
        (1, "https://t.me/canal/12"),
        (2, "https://xn--mdias-bsa.fr/%C3%A9"),
        (2, "https://www.exemple.fr/v"),
        (2, "https://b.fr/z"),
        (2, "https://c.fr/?a=1&b=2"),
        (3, "https://xn--mgbh0fb.xn--kgbechtv/%D8%B5"),
        (3, "https://a.es/2"),
        (3, "https://xn--i-7iq.ws/%F0%9F%98%80"),
        (4, "https://malo.es/x"),
        (4, "dangerous_scheme"),
        (4, "dangerous_scheme"),
        (4, "https://a.es/3"),
        (4, "https://a.es/4"),
        (4, "https://a.es/5"),
        (5, "https://youtu.be/dQw4w9WgXcQ"),
        (5, "private_host"),
        (6, "https://xn--r8jz45g.jp/%E5%8B%95%E7%94%BB"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "https://a.es/" + "." * 900_000,
        "https://a.es/" + ")" * 900_000,
        "(" * 900_000,
        "a." * 450_000,
        "url," + "https://" * 110_000,
        "url\n" + " " * 900_000 + "x",
        "url\nx" + " " * 30_000 + "x",
        "url\n" + "'" * 30_000,
        "url\n=HYPERLINK(" + '""' * 400_000,
        "date\nurl,date\nhttps://a.es/1," + "1/" * 400_000,
    ],
)
@pytest.mark.parametrize("form", ["text", "csv", "jsonl"])
def test_a_long_line_is_read_to_its_end(text: str, form: Format) -> None:
    """Each would take hours if it cost the square of its length; the suite's own limit would end it."""
    try:
        found = read(text, form)[1]
    except BadInput as error:
        assert (form, error.code) == ("csv", "no_header")  # noqa: PT017
        return
    assert len(found) <= 3


def test_each_mark_that_a_person_looks_at_is_explained() -> None:
    assert set(MARKS) >= LOOKED_AT


def test_a_list_ends_where_it_is_too_long() -> None:
    data = "url\n" + "".join(f"https://a.es/{number}\n" for number in range(20))
    found = read(data, "csv", Manner(most=12))[1]
    assert len(found) == 13
    assert isinstance(found[-1], Fault)
    assert (found[-1].code, found[-1].line) == ("too_many_rows", 14)
    wrong = read("url\n" + "nada\n" * 20, "csv", Manner(most=12))[1]
    assert [getattr(item, "code", None) for item in wrong] == ["not_a_url"] * 12 + ["too_many_rows"]


@pytest.mark.parametrize(
    ("raw", "given_", "code"),
    [
        (b"PK\x03\x04 not a workbook", "auto", "bad_sheet"),
        (b"PK\x03\x04 not a workbook", "csv", "bad_format"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "auto", "old_sheet"),
        (b"\x00\x01\x02\x00\x00" * 40, "csv", "not_text"),
        (b"\x00\x01\x02\x00\x00" * 40, "auto", "not_text"),
        (b"url\nhttps://a.es/1\n", "xlsx", "bad_sheet"),
    ],
)
def test_invalid_lists_are_refused_completely(raw: bytes, given_: Format, code: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(raw, given_)
    assert caught.value.code == code


CELL = st.text(
    st.characters(exclude_characters="\r\x85\u2028\u2029\x0b\x0c\x1c\x1d\x1e\x1f", exclude_categories=["Cs"]),
    max_size=8,
)


@given(rows=st.lists(st.lists(CELL, min_size=1, max_size=4), max_size=6), sign=st.sampled_from(",;\t|"))
def test_quoted_cells_are_read_unchanged(rows: list[list[str]], sign: str) -> None:
    written = "".join(sign.join('"' + item.replace('"', '""') + '"' for item in row) + "\n" for row in rows)
    lines = (Line(number, one) for number, one in enumerate(written.split("\n")[:-1], 1))
    found = list(records(lines, sign))
    assert [list(record.cells) for record in found if isinstance(record, Cells)] == rows


@given(raw=st.binary(max_size=300), given_=st.sampled_from(["auto", "csv", "jsonl", "text", "xlsx"]))
def test_nothing_that_is_given_breaks_it(raw: bytes, given_: Format) -> None:
    try:
        found = read(raw, given_)[1]
    except BadInput:
        return
    assert all(isinstance(item, Row | Fault) for item in found)


@given(text=st.text(max_size=200))
def test_no_line_is_lost(text: str) -> None:
    lines = text.replace("\r", " ").split("\n")
    found = records((Line(number, one) for number, one in enumerate(lines, 1)), ONE_COLUMN)
    assert sum(1 for _ in found) <= len(lines)
