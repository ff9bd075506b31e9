"""The private page: before and after a bank is named that takes cases; its forms. What is opened has no
address: tests/browser/test_private.py looks at it."""

from __future__ import annotations

from typing import Final

from tests.browser.console import Console, Person
from tests.browser.shots import Shot

BANK: Final = "private cases"


def take(console: Console) -> None:
    """From now on the registry takes private cases."""
    said = {"name": BANK, "visibility": "shared", "policy": {"known_tier": "reviewed"}}
    with console.api() as client:
        client.post("/v1/banks", json=said)
        made = client.put("/v1/private-cases/intake", json={"bank": BANK})
    assert made.status_code == 200, made.text


def _taking(console: Console, _: Person) -> str:
    take(console)
    return "/console/private"


def _closed(console: Console, _: Person) -> str:
    with console.api() as client:
        client.put("/v1/private-cases/intake", json={"bank": None})
    return "/console/private"


SHOTS: Final = (
    Shot("private-closed", _closed, signed_in=False),
    Shot("private", _taking, signed_in=False),
)
