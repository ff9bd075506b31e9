"""Pages that are shot and held against WCAG: one file an area, each with SHOTS."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Final
from urllib.parse import urlsplit

from playwright.sync_api import Page
from starlette.routing import compile_path

from registry.app.pages.app import areas
from tests.support.browser.console import Console, Person

EVERY: Final = ("lookup", "register", "review", "takedown", "admin")
FRESH: Final = tuple(reversed(EVERY))
"""The same roles, in an organization in which nothing was done yet."""
LONG: Final = (
    "Ximena-Guadalupe Fernández de Córdoba y Álvarez-Bohórquez, دائرة مكافحة التزييف العميق 🕵️‍♀️ "
    "Rechtsschutzversicherungsgesellschaftsangelegenheiten"
)
"""A name that has no end, of letters from both sides."""
NO_PAGES: Final = frozenset(
    {
        "/console/admin",
        "/console/sign-in/provider/return",
        "/console/register/near",
        "/console/notifications/live",
        "/console/playback/media",
        "/console/persons/{person_id}/photos/{photo_id}",
        "/console/previews/poster/{entry_id}",
        "/console/lookup/faces/{digest}",
        "/console/entries.csv",
        "/console/entries/pick",
        "/console/lookup/{lookup_id}/row",
        "/console/entries/{entry_id}/media",
        "/console/entries/{entry_id}/graph.svg",
        "/console/entries/{entry_id}/history.json",
        "/console/entries/{entry_id}/proof.json",
        "/console/entries/{entry_id}/claim-review.jsonld",
        "/console/takedown/{campaign_id}/bundle",
        "/console/takedown/{campaign_id}/table",
        "/console/takedown/{campaign_id}/letters",
        "/console/takedown/{campaign_id}/deliveries/{delivery_id}/letter",
    }
)
"""Addresses that answer with a file, a part of a page that others hold, or another address."""


@dataclass(frozen=True, slots=True)
class Shot:
    """A page: its name, and where it is, given the console and somebody who is signed in with these roles."""

    name: str
    path: str | Callable[[Console, Person], str]
    roles: tuple[str, ...] = EVERY
    signed_in: bool = True
    status: int = 200
    operator: bool = False
    """The person belongs to the organization that runs the deployment."""
    once: bool = False
    """It is made of what other pages of its area are made of: axe looks at it once, not from both sides."""
    long: bool = False
    """Person and organization have a name that does not end."""
    then: Callable[[Page, Console], object] | None = None
    """What is done there before it is looked at, by what no language changes: names of fields, classes."""

    def address(self, console: Console, person: Person) -> str:
        """The path, with what it shows made first where that has to be."""
        return self.path if isinstance(self.path, str) else self.path(console, person)

    def person(self, console: Console) -> Person:
        """Who sees it; one and the same for all pages of these roles."""
        key = " ".join((str(self.operator), str(self.long), *self.roles))
        if key not in console.things:
            house = console.key if self.operator else console.organization(LONG if self.long else "")
            name = LONG if self.long else "Ana Ruiz"
            console.things[key] = console.person(*self.roles, key=house, name=name)
        found: Person = console.things[key]
        return found


def shots() -> list[Shot]:
    """Of every area."""
    found = sorted(module.name for module in pkgutil.iter_modules(__path__))
    return [shot for name in found for shot in import_module(f"{__name__}.{name}").SHOTS]


def unshot(addresses: Iterable[str], *, but: Collection[str] = NO_PAGES) -> list[str]:
    """Pages of the console that are at none of these addresses, by their path as it is declared."""
    seen = [urlsplit(address).path for address in addresses]
    paths = {place.path for area in areas() for place in area.places if place.method == "GET"} - set(but)
    fixed = {path for path in paths if "{" not in path}
    return sorted(path for path in paths if not any(_is_at(path, address, fixed) for address in seen))


def _is_at(path: str, address: str, fixed: Collection[str]) -> bool:
    if path in fixed:
        return path == address
    return address not in fixed and compile_path(path)[0].match(address) is not None
