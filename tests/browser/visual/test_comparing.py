"""A change that a person would see is found; what differs between two runs is not."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import Browser

from tests.browser.visual.comparing import compare
from tests.browser.visual.pages import PICTURES, Picture, shot, shots
from tests.browser.visual.report import Row, write
from tests.support.browser.console import Console

DESIGN = next(picture for picture in PICTURES if picture.name == "design-light")
SEEDED = {
    "a badge is two pixels wider": "document.querySelector('.badge').style.paddingInline = '10px'",
    "a word has another weight": "document.querySelector('.primary').style.fontWeight = '400'",
    "a line has another colour": "document.querySelector('.card').style.borderColor = 'var(--edge)'",
    "a ground is a shade paler": "document.querySelector('.careful').style.backgroundColor = '#fdf8ee'",
    "a row is higher": "document.querySelector('tbody tr').style.blockSize = '60px'",
    "a text has another word": "document.querySelector('.notice').append(' now')",
}


def test_a_page_looks_the_same_twice(console: Console, browser: Browser) -> None:
    chosen = tuple(picture for picture in PICTURES if picture.name in {"design-dark", "design-arabic"})
    first, second = (dict(_named(console, browser, chosen)) for _ in range(2))
    for name, picture in first.items():
        assert not compare(picture, second[name]), name


def _named(console: Console, browser: Browser, chosen: tuple[Picture, ...]) -> list[tuple[str, Image.Image]]:
    return [(picture.name, now) for picture, now in shots(console, browser, chosen)]


@pytest.mark.parametrize("change", SEEDED.values(), ids=list(SEEDED))
def test_a_seeded_change_is_found(console: Console, browser: Browser, change: str) -> None:
    person = console.person("lookup")
    options = {"viewport": {"width": 1280, "height": 900}, "reduced_motion": "reduce", "locale": "en-GB"}
    with console.context(browser, person, **options) as context:
        page = context.new_page()
        page.goto(DESIGN.path, wait_until="networkidle")
        before = shot(page, DESIGN.part)
        page.evaluate(change)
        difference = compare(before, shot(page, DESIGN.part))
    assert difference
    assert difference.box is not None


def test_smoothed_edges_are_let_pass() -> None:
    pictures = []
    for grey in (128, 150):
        picture = Image.new("RGB", (200, 100), "white")
        ImageDraw.Draw(picture).line((10, 10, 10, 90), fill=(grey, grey, grey))
        pictures.append(picture)
    assert not compare(*pictures)


def test_another_size_is_a_difference() -> None:
    difference = compare(Image.new("RGB", (100, 50)), Image.new("RGB", (100, 52)))
    assert (bool(difference), difference.cells, difference.faint) == (True, 0, 0)
    assert difference.sizes == ((100, 50), (100, 52))


@pytest.mark.slow
def test_the_report_shows_what_differs_first(tmp_path: Path) -> None:
    Image.new("RGB", (4, 4)).save(tmp_path / "b.now.png")
    rows = [Row("a", differs=False, text="equal"), Row("b", differs=True, text="no <reference>")]
    page = write(tmp_path, rows).read_text()
    assert page.index("<h2>b</h2>") < page.index("<h2>a</h2>")
    assert "1 of 2 pictures differ" in page
    assert "no &lt;reference&gt;" in page
    assert 'src="b.now.png"' in page
