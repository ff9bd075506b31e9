"""The design system: areas take colours, sizes and weights from the tokens, and colours can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from registry.console import static_files
from registry.console.design import colours, tokens

STATIC = Path(str(static_files.FOLDER))
SHEETS = sorted(path for path in STATIC.rglob("*.css") if "vendor" not in path.parts)
RAW = {
    "colour": re.compile(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\("),
    "type": re.compile(r"\bfont(?:-size)?: [\d.]+(?:rem|px)"),
    "weight": re.compile(r"\bfont-weight: \d"),
    "radius": re.compile(r"\bborder-radius: \d+px"),
    "space": re.compile(
        r"\b(?:padding|margin|gap)[a-z-]*: (?:var\([a-z0-9-]+\) )*-?(?:0?\.[2-9]\d*|[1-3](?:\.\d+)?)rem"
    ),
    "motion": re.compile(r"\b(?:transition|animation)[a-z-]*: [^;]*\b[\d.]*[1-9]m?s\b"),
}
LEAST_CONTRAST = 4.5
PAIRS = [
    *((ink, ground) for ink in ("ink", "soft", "link") for ground in ("ground", "paper", "sunk")),
    *((tone, f"{tone}-soft") for tone in ("red", "amber", "green", "blue", "violet")),
    *((tone, "paper") for tone in ("red", "amber", "green", "blue", "violet")),
    ("link", "brand-soft"),
    ("brand-ink", "brand"),
    ("soft", "sunk"),
]


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: str(path.relative_to(STATIC)))
def test_sheets_take_their_values_from_the_tokens(sheet: Path) -> None:
    head, mark, body = sheet.read_text().partition("/* End of the tokens. */")
    rules = body if mark else head
    found = {name: pattern.findall(rules) for name, pattern in RAW.items()}
    assert {name: values for name, values in found.items() if values} == {}


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: str(path.relative_to(STATIC)))
def test_sheets_name_no_token_that_is_not_there(sheet: Path) -> None:
    named = set(re.findall(r"var\(--([a-z0-9-]+)", sheet.read_text()))
    own = set(re.findall(r"(?<![\w-])--([a-z0-9-]+):", sheet.read_text()))
    assert named - own <= set(tokens())


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_ink_can_be_read_on_its_ground(ink: str, ground: str, scheme: int) -> None:
    bright, dark = sorted((_luminance(tokens()[name], scheme) for name in (ink, ground)), reverse=True)
    assert (bright + 0.05) / (dark + 0.05) >= LEAST_CONTRAST


def test_every_colour_has_a_sample_on_the_page() -> None:
    samples = set(
        re.findall(r"^\.tone-([a-z-]+) ", (STATIC / "frame" / "design.css").read_text(), re.MULTILINE)
    )
    assert samples == set(colours())


def test_fonts_and_sheets_are_named_by_versioned_addresses() -> None:
    sheet = static_files._bytes("console.css").decode()
    for script in ("latin", "latin-ext", "arabic"):
        assert f'url("{static_files.address(f"vendor/vazirmatn-{script}.woff2")}")' in sheet
    fonts = sum(path.stat().st_size for path in (STATIC / "vendor").glob("*.woff2"))
    assert fonts < 110_000, "all of them, on a page in every script, leave half of 200 kB"


def _luminance(value: str, scheme: int) -> float:
    """WCAG 2.2, relative luminance."""
    hexes = re.findall(r"#([0-9a-f]{6})", value)
    chosen = hexes[min(scheme, len(hexes) - 1)]
    parts = [int(chosen[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
