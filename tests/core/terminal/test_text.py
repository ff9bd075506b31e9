"""Text from outside: printed on one line, never interpreted, valid JSON."""

from __future__ import annotations

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from registry.core.terminal.text import clip_time, json_line, printable

ANY_TEXT = some.text(some.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain name.mp4", "plain name.mp4"),
        ("two\nlines\r\t", r"two\nlines\r\t"),
        ("'single' \"double\" `tick` $(touch X) ; rm", "'single' \"double\" `tick` $(touch X) ; rm"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("emoji 😀 👨\u200d👩\u200d👧", "emoji 😀 👨\u200d👩\u200d👧"),
        ("العربية español", "العربية español"),
        ("fdp.\u202e4pm.exe", r"fdp.\u202e4pm.exe"),
        ("latin\udcff\udce9", r"latin\xff\xe9"),
        ("line\u2028separator\x85", r"line\u2028separator\x85"),
        ("no\xa0break", "no\xa0break"),
    ],
)
def test_a_name_stands_on_one_line(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(ANY_TEXT)
def test_any_text_can_be_printed(text: str) -> None:
    shown = printable(text)
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(ANY_TEXT, some.booleans())
def test_any_text_is_one_line_of_json(text: str, ascii_only: bool) -> None:
    line = json_line({"path": text}, ascii_only=ascii_only)
    assert len(line.splitlines()) == 1
    # orjson is strict where the standard library is not: a lone surrogate is no JSON.
    assert orjson.loads(line.encode("utf-8")) == json.loads(line)
    if ascii_only:
        assert line.isascii()


@given(some.text())
def test_decodable_text_comes_back_as_it_was(text: str) -> None:
    assert json.loads(json_line({"path": text}))["path"] == text


def test_undecodable_bytes_are_spelt_out() -> None:
    assert json.loads(json_line({"path": 'b\udcff"d\\'}))["path"] == 'b\\xff"d\\'


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(0, "0:00.0"), (12.04, "0:12.0"), (59.96, "1:00.0"), (3723.5, "1:02:03.5"), (-1, "0:00.0")],
)
def test_times_read_like_a_player(seconds: float, shown: str) -> None:
    assert clip_time(seconds) == shown
