"""The steps of a first administrator."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.browser.shots import Shot
from tests.support.browser.console import Console

FIRST: Final = ("admin", "lookup", "register")


def _key(page: Page, _: Console) -> None:
    """A key is made, and shown this once with commands."""
    page.locator("#f-name").fill("upload check")
    page.locator("main form button.primary").click()
    page.locator("#try").wait_for()


SHOTS: Final = (
    Shot("begin", "/console/admin/begin", roles=FIRST),
    Shot("begin-operator", "/console/admin/begin", roles=FIRST, operator=True, once=True),
    Shot("begin-organization", "/console/admin/begin/organization", roles=FIRST, operator=True, once=True),
    Shot("begin-bank", "/console/admin/begin/bank", roles=FIRST),
    Shot("begin-key", "/console/admin/begin/key", roles=FIRST, once=True),
    Shot("begin-key-made", "/console/admin/begin/key", roles=FIRST, then=_key),
    Shot("begin-person", "/console/admin/begin/person", roles=FIRST, once=True),
)
