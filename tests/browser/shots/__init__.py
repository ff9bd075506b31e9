"""Pages that are shot and held against WCAG: one file an area, each with SHOTS."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from tests.browser.console import Console, Person


@dataclass(frozen=True, slots=True)
class Shot:
    """A page: its name, and where it is, given the console and somebody who is signed in with these roles."""

    name: str
    path: str | Callable[[Console, Person], str]
    roles: tuple[str, ...] = ("lookup", "register", "review", "takedown", "admin")
    signed_in: bool = True
    status: int = 200
    operator: bool = False
    """The person belongs to the organization that runs the deployment."""
    once: bool = False
    """It is made of what other pages of its area are made of: axe looks at it once, not from both sides."""

    def address(self, console: Console, person: Person) -> str:
        """The path, with what it shows made first where that has to be."""
        return self.path if isinstance(self.path, str) else self.path(console, person)


def shots() -> list[Shot]:
    """Of every area."""
    found = sorted(one.name for one in pkgutil.iter_modules(__path__))
    return [shot for name in found for shot in import_module(f"{__name__}.{name}").SHOTS]
