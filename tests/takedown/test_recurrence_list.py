"""Import a list of URLs where removed media appeared again: columns, encodings and faulty lines."""

from __future__ import annotations

import io

import pytest

from registry.core.errors import BadInput
from registry.takedown.url_lists.model import found_list
from registry.takedown.url_lists.model.found_list import BadRow, FoundRow
from registry.takedown.url_lists.model.url_rows import Fault

THERE = "https://videos.example.net/"


def _read(text: str, most: int = 100) -> list[FoundRow | Fault]:
    return list(found_list.read(io.BytesIO(text.encode()), most=most))


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (f"url,file\n{THERE}1,a.mp4", FoundRow(2, f"{THERE}1", "a.mp4")),
        (f"file;url\na.mp4;{THERE}1", FoundRow(2, f"{THERE}1", "a.mp4")),
        (f"enlace\tnota\tarchivo\n{THERE}1\tx\ta.mp4", FoundRow(2, f"{THERE}1", "a.mp4")),
        (f"رابط,ملف\n{THERE}1,فيلم.mp4", FoundRow(2, f"{THERE}1", "فيلم.mp4")),
        (f"URL,Lookup\n{THERE}1,/console/lookup/7", FoundRow(2, f"{THERE}1", "", "/console/lookup/7")),
        (f"sep=;\nurl;file\n\n ; \n{THERE}1; a.mp4 ", FoundRow(5, f"{THERE}1", "a.mp4")),
        (f'url,file\n"{THERE}1?a,b","a ""b"".mp4"', FoundRow(2, f"{THERE}1?a,b", 'a "b".mp4')),
    ],
)
def test_columns_are_known_by_their_names(text: str, row: FoundRow) -> None:
    assert _read(text) == [row]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (f"{THERE}1,a.mp4\n", "no_header"),
        (f"url,note\n{THERE}1,x\n", "no_header"),
        ("file,lookup\na.mp4,7\n", "no_header"),
    ],
)
def test_without_names_of_columns_nothing_is_taken(text: str, code: str) -> None:
    with pytest.raises(BadInput) as raised:
        _read(text)
    assert raised.value.code == code


def test_a_row_that_lacks_something_costs_itself_and_keeps_its_cells() -> None:
    first, second, third = _read(f"file;url\nclip.mp4;\n;{THERE}2\n\na.mp4;{THERE}3\n")
    assert isinstance(first, BadRow)
    assert isinstance(second, BadRow)
    assert (first.line, first.code, first.given, first.cells) == (
        2,
        "bad_row",
        "clip.mp4",
        ("", "clip.mp4", ""),
    )
    assert (second.line, second.cells) == (3, (f"{THERE}2", "", ""))
    assert third == FoundRow(5, f"{THERE}3", "a.mp4")


def test_a_list_ends_at_its_bound_and_at_a_quotation_mark_that_none_closes() -> None:
    text = "url,file\n" + "".join(f"{THERE}{number},a.mp4\n" for number in range(3))
    *rows, end = _read(text, most=2)
    assert len(rows) == 2
    assert (type(end), end.line, getattr(end, "code", "")) == (Fault, 4, "too_many_rows")
    *rows, end = _read(f'url,file\n{THERE}1,a.mp4\n"{THERE}2,a.mp4\n{THERE}3,a.mp4\n')
    assert rows == [FoundRow(2, f"{THERE}1", "a.mp4")]
    assert (type(end), end.line, getattr(end, "code", "")) == (Fault, 3, "unclosed_quote")


def test_nothing_is_no_row() -> None:
    assert _read("") == []
    assert _read("url,file\n") == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_list_is_text_in_whichever_encoding_it_came(encoding: str) -> None:
    text = f"url;archivo\r\n{THERE}1;canción.mp4\r\n"
    assert found_list.text_of(text.encode(encoding)) == text


def test_binary_lists_are_refused() -> None:
    with pytest.raises(BadInput) as raised:
        found_list.text_of(b"PK\3\4" + bytes(200))
    assert raised.value.code == "not_text"


def test_a_row_is_written_in_one_line_and_read_again_as_it_was() -> None:
    cells = (f"{THERE}1?a,b", 'a  "b".mp4', "")
    assert _read("url,file,lookup\n" + found_list.written(cells)) == [FoundRow(2, *cells)]
    assert found_list.written(["a\r\nb", "c\nd", ""]) == "a b,c d,"
