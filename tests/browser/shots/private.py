"""The private page: before and after a bank is named that takes cases; its forms, and what has no address: a
case that was opened, followed, withdrawn."""

from __future__ import annotations

import json
import re
from typing import Final

import httpx2
from playwright.sync_api import Page

from registry.catalogue.fingerprints.model.document import to_document
from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person, form_word
from tests.support.media import drawn

BANK: Final = "private cases"


def take(console: Console) -> None:
    """From now on the registry takes private cases."""
    payload = {"name": BANK, "visibility": "shared", "policy": {"known_tier": "reviewed"}}
    with console.api() as client:
        client.post("/v1/banks", json=payload)
        made = client.put("/v1/private-cases/intake", json={"bank": BANK})
    assert made.status_code == 200, made.text


def _taking(console: Console, _: Person) -> str:
    take(console)
    return "/console/private"


def _closed(console: Console, _: Person) -> str:
    with console.api() as client:
        client.put("/v1/private-cases/intake", json={"bank": None})
    return "/console/private"


def _fill(page: Page, adult: str = "yes") -> None:
    page.locator("details summary").first.click()
    document = to_document(drawn.clip("of whom it shows"), faces=False)
    page.locator("[name=said]").fill(json.dumps(document))
    page.locator(f"[name=adult][value={adult}]").check()
    page.locator("[name=standing][value=depicted]").check()
    page.locator("[name=intimate][value=yes]").check()
    page.locator("[name=seen]").fill("Telegram\nhttps://videos.example/1")
    page.locator("[name=true]").check()
    page.locator("#case button.primary").click()


def _minor(page: Page, _: Console) -> None:
    _fill(page, adult="no")
    page.locator("#private [role=alert]").first.wait_for()


def _opened(page: Page, _: Console) -> None:
    _fill(page)
    page.locator("#number").wait_for()


def opened(console: Console) -> tuple[str, str]:
    """Number and PIN of a case that is opened without a script."""
    take(console)
    payload = {"adult": "yes", "standing": "depicted", "intimate": "no", "true": "yes"}
    payload["seen"] = "Telegram\nhttps://videos.example/1"
    payload["said"] = json.dumps(to_document(drawn.clip("of whom it shows"), faces=False))
    with httpx2.Client(
        base_url=console.url, timeout=60, trust_env=False, headers={"Origin": console.url}
    ) as client:
        payload["csrf"] = form_word(client.get("/console/private").text)
        page = client.post("/console/private", data=payload).text
    found = [re.search(f'id="{name}">([^<]+)<', page) for name in ("number", "pin")]
    number, pin = (item[1] for item in found if item)
    return number, pin


def _followed(page: Page, console: Console) -> None:
    if "private case" not in console.things:
        console.things["private case"] = opened(console)
    _follow(page, *console.things["private case"])


def _follow(page: Page, number: str, pin: str) -> None:
    page.locator("[name=number]").fill(number)
    page.locator("[name=pin]").fill(pin)
    page.locator("#private form button").click()
    page.locator("[data-state]").wait_for()


def _withdrawn(page: Page, console: Console) -> None:
    """Of a case of its own."""
    number, pin = opened(console)
    _follow(page, number, pin)
    page.locator("[name=pin]").fill(pin)
    page.locator("[name=sure]").check()
    page.locator("#private button.danger").click()
    page.locator("[data-state=withdrawn]").wait_for()


SHOTS: Final = (
    Shot("private-closed", _closed, signed_in=False),
    Shot("private", _taking, signed_in=False),
    Shot("private-minor", _taking, signed_in=False, then=_minor, once=True),
    Shot("private-opened", _taking, signed_in=False, then=_opened),
    Shot("private-follow", "/console/private/follow", signed_in=False, once=True),
    Shot("private-withdraw", "/console/private/withdraw", signed_in=False, once=True),
    Shot("private-case", "/console/private/follow", signed_in=False, then=_followed),
    Shot("private-withdrawn", "/console/private/follow", signed_in=False, then=_withdrawn, once=True),
)
