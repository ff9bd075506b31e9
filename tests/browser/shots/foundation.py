"""The pages that every console has."""

from __future__ import annotations

from typing import Final

from playwright.sync_api import Page

from tests.browser.shots import Shot
from tests.support.browser.console import Console, Person


def _invitation(console: Console, person: Person) -> str:
    invitation: str = console.invited("lookup", key=person.key)["invitation"]
    return invitation


def _wrong(page: Page, _: Console) -> None:
    page.locator("[name=name]").fill("nobody@example.org")
    page.locator("[name=password]").fill("not this one")
    page.locator("form[action$='/sign-in'] button").click()
    page.locator(".notice.wrong").wait_for()


SHOTS: Final = (
    Shot("sign-in", "/console/sign-in", signed_in=False),
    Shot("sign-in-wrong", "/console/sign-in", signed_in=False, then=_wrong),
    Shot("invitation", _invitation, signed_in=False),
    Shot("home", "/console/"),
    Shot("account", "/console/account"),
    Shot("home-little", "/console/", roles=("lookup",), once=True),
    Shot("not-found", "/console/nothing", status=404),
    Shot("not-open", "/console/admin/accounts", roles=("lookup",), status=403),
)
