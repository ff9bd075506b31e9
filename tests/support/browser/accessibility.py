"""Check the accessibility of pages with axe."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import Page

AXE: Final = (Path(__file__).parents[2] / "browser" / "vendor" / "axe.min.js").read_text()


TAGS: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


def axe(page: Page) -> None:
    page.evaluate(AXE)
    found = page.evaluate(
        "tags => axe.run({runOnly: tags}).then(one => one.violations.map(it => it.id))", TAGS
    )
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
