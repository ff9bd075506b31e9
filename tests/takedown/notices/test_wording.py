"""Notices in words: all that is required is said, in each language; values are foreign text and stay it."""

from __future__ import annotations

import html.parser
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput
from registry.takedown.regimes import service as regimes
from registry.takedown.regimes.model import wording
from registry.takedown.regimes.model.regime import LANGUAGES
from tests.support.takedown.notices import VALUES

ISOLATES = "\u2066\u2067\u2068\u2069"
TURNING = "\u202a\u202b\u202c\u202d\u202e\u200e\u200f\u061c"
each = pytest.mark.parametrize("language", LANGUAGES)
each_regime = pytest.mark.parametrize("name", sorted(regimes.load()))


def normalised(text: str) -> str:
    """Without isolates, and their space before the end of an address."""
    return text.replace(" \u2069", "").translate(dict.fromkeys(map(ord, ISOLATES)))


def letter(language: str = "en", name: str = "dsa16", **values: object) -> wording.Letter:
    return wording.letter(regimes.load()[name], language, {**VALUES, **values})


@each
@each_regime
def test_a_body_holds_every_value(language: str, name: str) -> None:
    body = normalised(wording.plain(letter(language, name)))
    for element in regimes.load()[name].elements:
        if element.kind == "statement":
            assert element.statement is not None
            assert element.statement[language] in body
        elif element.kind != "capacity":
            assert str(VALUES[element.id]) in body, element.id
    assert "{" not in body
    assert "#" not in body


@each
@each_regime
def test_a_line_without_its_value_is_left_out(language: str, name: str) -> None:
    optional = {element.id: "" for element in regimes.load()[name].elements if not element.required}
    whole, bare = letter(language, name), letter(language, name, **optional)
    assert "AbC_123-xyz\n" not in normalised(wording.plain(bare)).replace("v=AbC_123-xyz", "")
    lost = len(wording.plain(whole).splitlines()) - len(wording.plain(bare).splitlines())
    gone = sum(str(VALUES.get(item, "")).count("\n") + 1 for item in optional if VALUES.get(item))
    assert lost == gone


@each
def test_a_value_is_never_a_template(language: str) -> None:
    body = normalised(
        wording.plain(letter(language, explanation="{url} {signature} {{x}} %s \\1 # {capacity}"))
    )
    assert "{url} {signature} {{x}} %s \\1 # {capacity}" in body


@each
def test_a_subject_is_one_short_line(language: str) -> None:
    subject = letter(language, reference="R\t1", platform="x" * 500).subject
    assert "\n" not in subject
    assert len(subject) < 300
    assert "R 1" in subject
    assert "…" in subject


@pytest.mark.parametrize("element", ["platform", "reference"])
def test_a_line_break_in_a_value_makes_no_header(element: str) -> None:
    with pytest.raises(BadInput) as caught:
        letter("en", **{element: "x\r\nBcc: all@example.com"})
    assert caught.value.code == "notice_incomplete"
    for item in "\v\f\x85\u2028\u2029\r":
        assert "".join(letter("en", **{element: f"x{item}Bcc: y"}).subject.splitlines()) != ""
        assert len(letter("en", **{element: f"x{item}Bcc: y"}).subject.splitlines()) == 1


def test_incomplete_notices_have_no_letter() -> None:
    with pytest.raises(BadInput) as caught:
        letter("es", explanation=" ", good_faith=False)
    assert caught.value.extra["elements"] == [
        {"id": "explanation", "code": "element_missing"},
        {"id": "good_faith", "code": "element_not_confirmed"},
    ]
    with pytest.raises(BadInput) as caught:
        letter("de")
    assert caught.value.code == "no_wording"


def test_arabic_isolates_addresses_and_latin_names() -> None:
    body = wording.plain(letter("ar"))
    assert f"\u2066{VALUES['url']} \u2069\n" in body  # a space parts the address from the mark
    assert "\u2068María José Ñíguez\u2069" in body
    assert "\u20682026-11-25" not in body
    assert "\u20662026-11-25\u2069" in body
    assert not any(isolate in wording.plain(letter("en")) for isolate in ISOLATES)
    assert "\u2068فاطمة\u2069" in wording.plain(letter("en", depicted_name="فاطمة"))
    assert "\u2068فاطمة\u2069" not in wording.plain(letter("ar", depicted_name="فاطمة"))


@each
def test_each_line_balances_its_brackets(language: str) -> None:
    for line in wording.plain(letter(language, depicted_name="فاطمة Núñez")).splitlines():
        depth = 0
        for item in line:
            depth += (item in "\u2066\u2067\u2068") - (item == "\u2069")
            assert depth in {0, 1}
        assert depth == 0


def test_overrides_of_direction_do_not_survive() -> None:
    hostile = f"nice{TURNING}gpj.exe{ISOLATES}\x00\x1b[31m\u200b\ufeff\U000e0041x"
    for language in LANGUAGES:
        shown = wording.plain(letter(language, explanation=hostile))
        assert "nicegpj.exe[31mx" in normalised(shown)
        assert not any(item in shown for item in f"{TURNING}\x00\x1b")
        assert "\u2067" not in shown


def test_clean_keeps_words_and_bounds_marks() -> None:
    assert wording.clean("e\u0301\tx\r\ny\u2028z") == "é x\ny\nz"
    assert wording.clean("می\u200cخواهم") == "می\u200cخواهم"
    assert wording.clean("\ud800a\ufffe") == "a"
    assert len(wording.clean("q" + "\u0330" * 50_000)) == 1 + wording.MOST_MARKS


@given(st.text(max_size=200))
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    once = wording.clean(text)
    assert wording.clean(once) == once
    assert all(item == "\n" or unicodedata.category(item) not in {"Cc", "Cs"} for item in once)


class Seen(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text = ""
        self.directions: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.directions |= {str(value) for name, value in attrs if name == "dir"}

    def handle_data(self, data: str) -> None:
        self.text += data


@each
def test_html_escapes_everything(language: str) -> None:
    hostile = '</bdi></p><script>alert(1)</script><img src=x onerror="y">\'&amp;'
    seen = Seen()
    seen.feed(wording.html(letter(language, explanation=hostile, platform=hostile)))
    assert seen.tags == {"html", "head", "meta", "title", "body", "p", "h2", "bdi", "br"}
    assert seen.text.count(hostile) >= 2
    assert str(VALUES["url"]) in seen.text
    assert ("rtl" in seen.directions) == (language == "ar")


@given(name=st.text(min_size=1, max_size=300), language=st.sampled_from(LANGUAGES))
def test_any_name_either_is_refused_or_stays_text(name: str, language: str) -> None:
    if regimes.load()["dsa16"].faults({**VALUES, "depicted_name": name}):
        with pytest.raises(BadInput, match="not complete"):
            letter(language, depicted_name=name)
        return
    made = letter(language, depicted_name=name)
    seen = Seen()
    seen.feed(wording.html(made))
    assert "script" not in seen.tags
    assert normalised(wording.plain(made)).count(str(VALUES["signature"])) == 2
