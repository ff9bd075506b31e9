"""Printed notices and reports: all is in them, same input gives same bytes, hostile text stays text."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pypdf
import pytest

from registry.core.errors import BadInput
from registry.takedown import documents as pdf
from registry.takedown.documents.report import Address, Block, Facts, Figure, Report, Section, Table, Text
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model import wording
from registry.takedown.regimes.model.regime import LANGUAGES
from tests.support.takedown.notices import VALUES

AT = datetime(2026, 11, 25, 12, tzinfo=UTC)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="10"><rect width="20" height="10"/></svg>'
LINKED = SVG.replace(b"<rect", b'<image href="file:///etc/passwd" width="9" height="9"/><rect')
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108000000003a7e9b550000"
    "000a4944415478da6368000000820081da45083b0000000049454e44ae426082"
)
each = pytest.mark.parametrize("language", LANGUAGES)
each_way = pytest.mark.parametrize("language", ["es", "ar"])
"""From the left and from the right."""
each_regime = pytest.mark.parametrize("name", sorted(regimes.load()))


def printed(language: str, name: str = "dsa16", **values: object) -> bytes:
    return pdf.notice(wording.letter(regimes.load()[name], language, {**VALUES, **values}), AT)


def report(*blocks: Block, language: str = "en", title: str = "Evidence", **more: str) -> bytes:
    return pdf.report(Report(title, language, (Section("What was found", blocks),), **more), AT)


def text_of(document: bytes) -> str:
    """What a reader program finds, without the breaks of lines and pages and without places to break."""
    pages = pypdf.PdfReader(io.BytesIO(document)).pages
    return squeezed("".join(page.extract_text() for page in pages))


def squeezed(text: str) -> str:
    return re.sub(r"[\s\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\u00a0]", "", text)


def parts(value: object) -> Iterator[str]:
    yield from (squeezed(line) for line in str(value).split("\n"))


@each
@each_regime
def test_a_printed_notice_holds_all_elements(language: str, name: str) -> None:
    found = text_of(printed(language, name))
    for element in regimes.load()[name].elements:
        if element.kind in {"statement", "capacity"} and language == "ar":
            continue  # of Arabic a reader program gives shapes, not letters, in the order of the page
        if element.kind == "statement" and element.statement:
            assert squeezed(element.statement[language]) in found
        elif element.kind != "capacity":
            assert [part for part in parts(VALUES[element.id]) if part not in found] == [], element.id


@each_way
def test_arabic_is_shaped_and_keeps_its_letters(language: str) -> None:
    """Joined letters are glyphs of their own, and the PDF says which letters they are."""
    made = printed(language, depicted_name="فاطمة")
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert b"Amiri" in made
    found = "".join(page.extract_text() for page in reader.pages)
    assert set("فاطمة") <= set(found)
    assert reader.metadata is not None
    assert (reader.metadata.title or "").strip() != ""


@pytest.mark.slow(5)
@each_way
def test_the_same_input_gives_the_same_bytes(language: str) -> None:
    blocks = (Facts((("sha256", "ab" * 32),)), Figure(SVG, "a figure"), Table(("a",), (("1",),)))
    first = (printed(language), report(*blocks, language=language))
    assert first == (printed(language), report(*blocks, language=language))
    code = (
        "import hashlib, sys; from tests.takedown.test_pdf import printed;"
        f"sys.stdout.write(hashlib.sha256(printed({language!r})).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert other.stdout == hashlib.sha256(first[0]).hexdigest()


def test_the_time_is_the_given_one() -> None:
    letter = wording.letter(regimes.load()["dsa16"], "en", VALUES)
    assert pdf.notice(letter, AT) != pdf.notice(letter, AT + timedelta(seconds=1))
    info = pypdf.PdfReader(io.BytesIO(pdf.notice(letter, AT))).metadata
    assert info is not None
    assert info.creation_date == AT
    with pytest.raises(ValueError, match="offset"):
        pdf.notice(letter, AT.replace(tzinfo=None))


def test_the_pdf_declares_archiving_and_accessibility() -> None:
    made = printed("ar")
    reader = pypdf.PdfReader(io.BytesIO(made))
    assert b"pdfaid" in made
    assert str(reader.root_object["/Lang"]) == "ar"
    assert "/StructTreeRoot" in reader.root_object


@each_way
@pytest.mark.parametrize(
    "hostile",
    [
        '#read("/etc/passwd") #sys.inputs #strong[x] $a^2$ *b* _c_ `d` \\ @ref <label> //x',
        "</script><script>alert(1)</script> {url} {{signature}}",
        '"quotes" \\" \\u{41} \\n ${x} %s',
    ],
)
def test_markup_is_printed_as_it_stands(language: str, hostile: str) -> None:
    assert squeezed(hostile) in text_of(printed(language, explanation=hostile))
    assert squeezed(hostile) in text_of(report(Text(hostile), language=language, title=hostile))


def test_overrides_do_not_reach_the_page() -> None:
    found = text_of(report(Text("invoice\u202egpj.exe"), Address("https://example.com/\u202ea")))
    assert "invoicegpj.exe" in found
    assert "https://example.com/a" in found


def test_characters_without_glyph_are_printed_by_number() -> None:
    found = text_of(report(Text("王小明 😀 한 ש é Ω Я م ½ º"), title="王"))
    assert "[U+738B][U+5C0F][U+660E][U+1F600][U+D55C]שéΩЯ" in found


@pytest.mark.slow(12)
def test_long_names_and_addresses_keep_to_the_page() -> None:
    name, url = "N" * 100_000, "https://example.com/" + "y" * 1900
    made = report(Text(name), Address(url), Table(("a", "b"), ((name[:3000], url),)), title=name)
    found = text_of(made)
    assert found.count("N") >= 103_000
    assert found.count("y") >= 3_800
    for page in pypdf.PdfReader(io.BytesIO(made)).pages:
        right = float(page.mediabox.right)
        seen: list[float] = []
        page.extract_text(visitor_text=partial(_note, seen))
        assert max(seen) < right


def _note(seen: list[float], _text: str, _place: object, matrix: list[float], *_face: object) -> None:
    seen.append(float(matrix[4]))


def test_piles_of_marks_and_stray_codes_cost_nothing() -> None:
    made = report(Text("e" + "\u0301" * 50_000 + "\x00\x1b\ud800\ufffe\U000e0041 end"))
    assert "end" in text_of(made)
    assert len(made) < 100_000


@pytest.mark.slow
def test_a_table_repeats_its_head_and_loses_no_row() -> None:
    rows = [(str(n), f"https://example.com/{n}", "cd" * 32) for n in range(300)]
    made = report(Table(("Line", "Place", "Digest"), rows, (1, 4, 3)), footer="foot", reference="N-1")
    pages = [squeezed(page.extract_text()) for page in pypdf.PdfReader(io.BytesIO(made)).pages]
    assert all("LinePlaceDigest" in page and "N-1" in page and "foot" in page for page in pages)
    whole = "".join(pages)
    assert [n for n in range(300) if f"https://example.com/{n}" not in whole] == []
    with pytest.raises(ValueError, match="as many cells"):
        report(Table(("a", "b"), (("1",),)))


def test_a_digest_is_copied_whole() -> None:
    reader = pypdf.PdfReader(io.BytesIO(report(Facts((("sha256", "0a" * 32),)))))
    assert "0a" * 32 in reader.pages[0].extract_text()


def test_an_address_breaks_and_holds_nothing_else() -> None:
    url = "https://example.com/" + "aB3" * 120 + "?token=" + "z" * 90 + "&v=1-2_3"
    blocks = (Address(url), Text(url), Facts((("at", url),)), Table(("a", "b"), (("1", url),)))
    pages = pypdf.PdfReader(io.BytesIO(report(*blocks))).pages
    found = re.sub(r"\s", "", "".join(page.extract_text() for page in pages))
    assert found.count(url) == 4
    for page in pages:
        seen: list[float] = []
        page.extract_text(visitor_text=partial(_note, seen))
        assert max(seen) < float(page.mediabox.right)


@pytest.mark.parametrize("image", [SVG, PNG], ids=["svg", "png"])
def test_pictures_are_set(image: bytes) -> None:
    assert "acaption" in text_of(report(Figure(image, "a caption")))


@pytest.mark.parametrize("image", [b"", b"GIF89a", b"<svg><broken", PNG[:20], LINKED], ids=str)
def test_invalid_pictures_are_refused(image: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        report(Figure(image, "x"))
    assert caught.value.code == "bad_figure"


@pytest.mark.slow
def test_too_much_is_refused() -> None:
    with pytest.raises(BadInput) as caught:
        report(Text("a b " * (pdf.LARGEST // 4 + 1)))
    assert caught.value.code == "print_too_large"
    with pytest.raises(BadInput) as caught:
        report(Figure(SVG + b" " * 6_000_000, "x"))
    assert caught.value.code == "print_too_large"
    with pytest.raises(BadInput) as caught:
        report(language="de")
    assert caught.value.code == "no_wording"


def test_rendering_uses_no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert printed("fr").startswith(b"%PDF-")
    assert report(Text(""), Facts(()), Address("")).startswith(b"%PDF-")


def test_a_long_end_of_a_letter_goes_on_overleaf(tmp_path: Path) -> None:
    text = (regimes.OURS / "dsa16.toml").read_text()
    (tmp_path / "mine.toml").write_text(text.replace("Signed: {signature}", "{signature}\n{explanation}"))
    regime = regimes.load(tmp_path)["dsa16"]
    made = pdf.notice(wording.letter(regime, "en", {**VALUES, "explanation": "word " * 3900 + "end."}), AT)
    assert text_of(made).count("end.") == 2
    assert len(pypdf.PdfReader(io.BytesIO(made)).pages) > 5
