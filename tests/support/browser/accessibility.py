"""Check the accessibility of pages with axe."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from playwright.sync_api import BrowserContext, Page

_AXE: Final = (Path(__file__).parents[2] / "browser" / "vendor" / "axe.min.js").read_text()
_RUN: Final = """async options => {
  if (!window.axe) return null
  const moves = move => move.playState === "running" && move.effect.getComputedTiming().iterations < Infinity
  const busy = () => document.querySelector(".htmx-request") || document.getAnimations().some(moves)
  for (let tries = 0; busy() && tries < 100; tries++) await new Promise(done => setTimeout(done, 50))
  return (await axe.run(options)).violations.map(rule => [rule.id, rule.nodes.map(node => node.html)])
}"""
"""Buttons are pale while a request is under way, and colours change in steps: it is waited for both."""
_OPTIONS: Final = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
    "resultTypes": ["violations"],
    "preload": False,
}
"""No page holds media or style of other origins, which axe would load first."""


def with_axe(context: BrowserContext) -> BrowserContext:
    """Give axe to the browser once for all pages of a context, not as half a megabyte of text to each."""
    context.add_init_script(_AXE)
    return context


def axe(page: Page) -> None:
    """Check the rules of WCAG 2.2 AA, and that nothing is wider than the window."""
    found = page.evaluate(_RUN, _OPTIONS)
    if found is None:
        page.evaluate(_AXE)
        found = page.evaluate(_RUN, _OPTIONS)
    assert found == [], found
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
