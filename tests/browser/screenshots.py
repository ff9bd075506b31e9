"""Shoot every page: `make screenshots OUT=FOLDER`. Light; dark, in French; Arabic; on a phone, in Spanish:
NAME-KIND.png each.

    python -m tests.browser.screenshots [NAME…]   into the folder OUT; names of pages, else all

Each page is told as it is done. The status is 0 where every file was written and every page of the console is
among them; else 1, and the last lines say which are not.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import httpx2
from playwright.sync_api import Browser, Error, sync_playwright

from registry.app.wiring import wire
from registry.console.guard import MESSAGE, ZONE
from registry.core.errors import FakeprintError
from tests.browser.conftest import ARGUMENTS, CHROMIUM
from tests.browser.shots import Shot, shots, unshot
from tests.support.browser.console import Console, Person
from tests.support.service import api as processes
from tests.support.service import servers as services

WIDE: Final = {"width": 1280, "height": 860}
PHONE: Final = {"width": 390, "height": 844}
KINDS: Final[dict[str, dict[str, Any]]] = {
    "light": {"viewport": WIDE, "color_scheme": "light", "locale": "en-GB"},
    "dark": {"viewport": WIDE, "color_scheme": "dark", "locale": "fr"},
    "arabic": {"viewport": WIDE, "color_scheme": "light", "locale": "ar"},
    "phone": {"viewport": PHONE, "color_scheme": "light", "locale": "es", "device_scale_factor": 2},
}
PATIENCE: Final = 60_000
"""Milliseconds for a page on a busy machine."""
FAULTS: Final = (AssertionError, Error, FakeprintError, httpx2.HTTPError, LookupError, OSError)
"""What keeps one page from being shot and no other."""


@dataclass
class Told:
    """What was written, and of which pages it was not."""

    folder: Path
    files: list[Path] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)


@contextmanager
def serving() -> Iterator[Console]:
    """A console of its own."""
    wire()
    with (
        tempfile.TemporaryDirectory() as folder,
        services.postgres() as server,
        server.clone() as url,
        processes.running(url, Path(folder), lookup_wait=0, registration_wait=0) as started,
    ):
        yield Console(started.url.replace("127.0.0.1", "localhost"), started.key, started)


def shoot(console: Console, browser: Browser, wanted: list[Shot], folder: Path) -> Told:
    """Write the files, and say so page by page."""
    told = Told(folder)
    for place, shot in enumerate(wanted, 1):
        began = time.monotonic()
        at = f"{place}/{len(wanted)} {shot.name}"
        try:
            person = shot.person(console)
            address = shot.address(console, person)
            told.addresses.append(address)
            for kind in KINDS:
                told.files.append(_shot(console, browser, shot, person, address, kind, folder))
        except FAULTS as fault:
            told.failed[shot.name] = f"{type(fault).__name__}: {fault}".strip()
            print(f"{at}: FAILED: {told.failed[shot.name]}", file=sys.stderr, flush=True)
        else:
            print(f"{at}: {len(KINDS)} files, {time.monotonic() - began:.0f} s", flush=True)
    return told


def _shot(
    console: Console, browser: Browser, shot: Shot, person: Person, address: str, kind: str, folder: Path
) -> Path:
    signed = person if shot.signed_in else None
    with console.context(browser, signed, timezone_id="Europe/Madrid", **KINDS[kind]) as context:
        context.set_default_timeout(PATIENCE)
        context.clear_cookies(name=MESSAGE)  # what was said once to whoever has just accepted the invitation
        context.add_cookies([{"name": ZONE, "value": "Europe/Madrid", "url": console.url}])
        page = context.new_page()
        answered = page.goto(address, wait_until="networkidle")
        assert answered is not None
        assert answered.status == shot.status, f"{answered.status} at {address}"
        if shot.then:
            shot.then(page, console)
        path = folder / f"{shot.name}-{kind}.png"
        page.screenshot(path=path, full_page=True)
    return path


def main(names: list[str]) -> int:
    """The exit status."""
    out = os.environ.get("OUT", "")
    every = shots()
    if unknown := set(names) - {shot.name for shot in every}:
        print(f"no such pages: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 2
    if not out:
        print("usage: make screenshots OUT=FOLDER", file=sys.stderr)
        return 2
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in every if not names or shot.name in names]
    wire()  # pages are prepared by services, in this process
    with serving() as console, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        told = shoot(console, browser, wanted, folder)
        browser.close()
    lacking = [] if names else unshot(told.addresses)
    print(f"{len(told.files)} files of {len(wanted) - len(told.failed)} pages in {folder}", flush=True)
    for name, why in told.failed.items():
        print(f"not shot: {name}: {why.splitlines()[0]}", file=sys.stderr)
    for path in lacking:
        print(f"no shot is of {path}", file=sys.stderr)
    return 1 if told.failed or lacking else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
