"""Shoot every page: `make screenshots OUT=FOLDER`. Light, dark, Arabic and a phone's width, NAME-KIND.png
each."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import Browser, sync_playwright

from tests import api as processes
from tests import services
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.console import Console, Person
from tests.browser.shots import Shot, shots

WIDE: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}
KINDS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": WIDE, "color_scheme": "light", "locale": "en-GB"},
    "dark": {"viewport": WIDE, "color_scheme": "dark", "locale": "en-GB"},
    "arabic": {"viewport": WIDE, "color_scheme": "light", "locale": "ar"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "locale": "es", "device_scale_factor": 2},
}


@contextmanager
def serving() -> Iterator[Console]:
    """A console of its own."""
    with (
        tempfile.TemporaryDirectory() as folder,
        services.postgres() as server,
        server.clone() as url,
        processes.running(url, Path(folder)) as started,
    ):
        yield Console(started.url.replace("127.0.0.1", "localhost"), started.key, started)


def shoot(console: Console, browser: Browser, wanted: list[Shot], folder: Path) -> None:
    """Write the files."""
    people: dict[tuple[object, ...], Person] = {}
    for shot in wanted:
        who = (shot.operator, *shot.roles)
        if who not in people:
            key = console.key if shot.operator else console.organization()
            people[who] = console.person(*shot.roles, key=key)
        person = people[who]
        address = shot.address(console, person)
        for kind, options in KINDS.items():
            signed = person if shot.signed_in else None
            with console.context(browser, signed, timezone_id="Europe/Madrid", **options) as context:
                page = context.new_page()
                page.goto("/console/sign-in")  # the zone is known from the second page on
                answered = page.goto(address, wait_until="networkidle")
                assert answered is not None
                assert answered.status == shot.status, shot.name
                page.screenshot(path=folder / f"{shot.name}-{kind}.png", full_page=True)
        print(shot.name)


def main() -> None:
    """Into the folder OUT; arguments are names of pages, else all."""
    out = os.environ.get("OUT", "")
    if not out:
        sys.exit("usage: make screenshots OUT=FOLDER")
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in shots() if not sys.argv[1:] or one.name in sys.argv[1:]]
    with serving() as console, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        shoot(console, browser, wanted, folder)
        browser.close()


if __name__ == "__main__":
    main()
