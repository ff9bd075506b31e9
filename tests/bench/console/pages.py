"""Weight and speed of the main pages, each opened with an empty cache."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playwright.sync_api import Browser, CDPSession, Page, Playwright

from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.shots import Shot, shots
from tests.support.browser.console import Console

MAIN: Final = (
    "sign-in",
    "home-busy",
    "lookup",
    "lookup-known",
    "register",
    "entries",
    "entry",
    "review",
    "review-item",
    "takedown",
    "takedown-campaign",
    "takedown-notice",
    "admin-accounts",
    "admin-bank",
)
"""Names of shots: pages on which people spend their day."""
KEYS: Final = 12
"""Presses of Tab on each page."""
MODELS: Final = ("/lookup/faces/", ".wasm")
"""Parts of addresses that are models or decoders: loaded on request, cached for ever, and not of a page."""
OBSERVER: Final = """
window.durations = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (entry.interactionId) window.durations.push(entry.duration);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""


@dataclass
class Weight:
    """What one page costs: bytes received with headers, requests, and milliseconds.

    `paint`: from the navigation to the first contentful paint. `interaction`: to the next paint after the
    slowest key or click. Chromium's event timing reports durations in steps of 8 ms. It reports none under
    16 ms, which are counted as 16.
    """

    name: str
    bytes: int = 0
    requests: int = 0
    paint: float = 0.0
    interaction: float = 16.0


def weigh(playwright: Playwright, console: Console, names: Sequence[str] = MAIN) -> list[Weight]:
    """Open each page in a browser of its own, use it, and return what it cost."""
    by_name = {shot.name: shot for shot in shots()}
    weights = []
    for name in names:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        try:
            weights.append(_weighed(console, browser, by_name[name]))
        finally:
            browser.close()
    return weights


def figures(weights: Sequence[Weight]) -> dict[str, float]:
    """Return the figures by name: `page_NAME_bytes` and so on, and the worst of each."""
    found: dict[str, float] = {}
    for weight in weights:
        name = weight.name.replace("-", "_")
        found[f"page_{name}_bytes"] = weight.bytes
        found[f"page_{name}_requests"] = weight.requests
        found[f"page_{name}_paint_ms"] = round(weight.paint)
        found[f"page_{name}_interaction_ms"] = round(weight.interaction)
    worst: dict[str, Callable[[Weight], float]] = {
        "bytes": lambda weight: weight.bytes,
        "requests": lambda weight: weight.requests,
        "interaction_ms": lambda weight: round(weight.interaction),
    }
    return found | {f"page_{name}_max": max(map(of, weights)) for name, of in worst.items()}


def show(weights: Sequence[Weight]) -> None:
    """Print a table, the heaviest page first."""
    head = f"{'page':<20}{'kB':>8}{'requests':>10}{'first paint':>13}{'interaction':>13}"
    print(head, file=sys.stderr)
    for weight in sorted(weights, key=lambda weight: -weight.bytes):
        cells = f"{weight.bytes / 1000:8.1f}{weight.requests:10}{weight.paint:10.0f} ms"
        print(f"{weight.name:<20}{cells}{weight.interaction:10.0f} ms", file=sys.stderr)


def _weighed(console: Console, browser: Browser, shot: Shot) -> Weight:
    person = shot.person(console)
    address = shot.address(console, person)
    weight = Weight(shot.name)
    with console.context(browser, person if shot.signed_in else None, locale="en-GB") as context:
        context.set_default_timeout(60_000)
        page = context.new_page()
        page.add_init_script(OBSERVER)
        _count(context.new_cdp_session(page), weight)
        page.goto(address, wait_until="networkidle")
        weight.paint = page.evaluate(
            "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"
        )
        _use(page)
        durations = page.evaluate("window.durations")
        weight.interaction = max([weight.interaction, *durations])
    return weight


def _count(session: CDPSession, weight: Weight) -> None:
    models: set[str] = set()

    def sent(event: dict[str, Any]) -> None:
        address = event["request"]["url"]
        if address.startswith(("blob:", "data:")) or any(part in address for part in MODELS):
            models.add(event["requestId"])
        else:
            weight.requests += 1

    def loaded(event: dict[str, Any]) -> None:
        if event["requestId"] not in models:
            weight.bytes += int(event["encodedDataLength"])

    session.send("Network.enable")
    session.on("Network.requestWillBeSent", sent)
    session.on("Network.loadingFinished", loaded)


def _use(page: Page) -> None:
    """Do what changes nothing on the server: open what is folded, type, and go through the page by Tab."""
    for summary in page.locator("main summary:visible").all()[:3]:
        summary.click()
    field = page.locator(
        "main input[type=text]:visible, main input[type=search]:visible, main textarea:visible"
    )
    if field.count():
        field.first.click()
        page.keyboard.type("melilla", delay=30)
    for _ in range(KEYS):
        page.keyboard.press("Tab")
    # Two frames later the last interaction is painted and observed.
    page.evaluate("new Promise((done) => setTimeout(done, 300))")
