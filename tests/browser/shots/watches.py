"""The pages of watched lookups."""

from __future__ import annotations

from typing import Final

from tests.browser.shots import FRESH, Shot
from tests.browser.shots.home import matched
from tests.support.browser.console import Console, Person


def watched(console: Console, person: Person) -> str:
    """A watched lookup that has found an entry."""
    matched(console, person)
    with console.api(person.key) as client:
        watch = client.get("/v1/watches").json()["watches"][0]
    return f"/console/watches/lookups/{watch['watch_id']}"


def _listed(console: Console, person: Person) -> str:
    watched(console, person)
    return "/console/watches/lookups"


SHOTS: Final = (
    Shot("watches-list", _listed),
    Shot("watches-none", "/console/watches/lookups", roles=FRESH, once=True),
    Shot("watches-one", watched),
    Shot("watches-rules", "/console/watches/rules"),
)
