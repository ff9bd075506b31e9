"""The pages that every console has."""

from __future__ import annotations

from typing import Final

from tests.browser.console import Console, Person
from tests.browser.shots import Shot


def _invitation(console: Console, person: Person) -> str:
    invitation: str = console.invited("lookup", key=person.key)["invitation"]
    return invitation


SHOTS: Final = (
    Shot("sign-in", "/console/sign-in", signed_in=False),
    Shot("invitation", _invitation, signed_in=False),
    Shot("home", "/console/"),
    Shot("account", "/console/account"),
    Shot("not-found", "/console/nothing", status=404),
)
