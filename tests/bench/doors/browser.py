"""The browser's interfaces: the page "Look up" in Chromium, used as a person uses it."""

from __future__ import annotations

import os
import re
import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx2
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.bench.console.run import PATIENCE, timed
from tests.bench.doors import answers
from tests.bench.doors.answers import Said
from tests.bench.doors.cases import Case
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.support.browser.console import Person, Site

DOORS: Final = {"browser": False, "browser faces": True}
"""Whether faces are asked for, by door."""
RUNS: Final = 3
OFFERED: Final = re.compile("^(Compare faces|Send the file)$")
"""Buttons of an answer by which a person goes on with the same file."""
_LOOKUP: Final = re.compile(r"/lookup/([0-9a-f-]{36})")
_ENTRY: Final = re.compile(r"/entries/([0-9a-f-]{36})")

Tell = Callable[[str, Case, Said], None]


def look_up_all(site: Site, cases: Sequence[Case], tell: Tell) -> None:
    """Look up all cases in the browser, without and with faces, and report each answer."""
    person = site.person("lookup", key=site.key)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for door, faces in DOORS.items():
            _door(site, browser, person, cases, partial(tell, door), faces=faces)
        browser.close()


def minute(site: Site, clip: Path) -> dict[str, float]:
    """Measure a clip of a minute, from the press of the button to the answer."""
    person = site.person("lookup", key=site.key)
    with sync_playwright() as playwright:
        runs = [timed(playwright, site, person, clip, faces=False) for _ in range(RUNS)]
    return {
        "browser_60s_720p_s": round(statistics.median(run.seconds for run in runs), 2),
        "browser_60s_720p_cpu_s": round(statistics.median(run.cpu for run in runs), 2),
        "load": round(os.getloadavg()[0], 2),
    }


def _door(
    site: Site,
    browser: Browser,
    person: Person,
    cases: Sequence[Case],
    tell: Callable[[Case, Said], None],
    *,
    faces: bool,
) -> None:
    with site.context(browser, person) as context, site.api() as api:
        page = context.new_page()
        for case in cases:
            tell(case, _answer(page, api, case.path, faces=faces))


def _answer(page: Page, api: httpx2.Client, path: Path, *, faces: bool) -> Said:
    """Return the answer on the page. A next step counts only if the page has a button for it."""
    page.goto("/console/lookup")
    page.get_by_label("Picture, video or sound").set_input_files(path)
    page.get_by_label("Compare faces too").set_checked(faces)
    page.get_by_role("button", name="Look up", exact=True).click()
    expect(page.locator("#answer, #failed:not([hidden])").first).to_be_visible(timeout=PATIENCE)
    if not page.locator("#answer").count():
        return Said("error", error=str(page.locator("#failed").text_content())[:200])
    found = _LOOKUP.search(page.url)
    assert found, page.url
    body: dict[str, Any] = api.get(f"/v1/lookups/{found[1]}").raise_for_status().json()
    answer = answers.of(body)
    links = page.locator("#answer a[href*='/entries/']").all()
    shown = {match[1] for link in links if (match := _ENTRY.search(link.get_attribute("href") or ""))}
    assert shown == answer.entries, (shown, answer.entries, "the page names other entries than the answer")
    buttons = page.locator("#answer").get_by_role("button", name=OFFERED)
    return answer if buttons.count() else replace(answer, next_step=None)
