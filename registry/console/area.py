"""An area of the console: its pages and forms, its place in the navigation, what it says after a form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from registry.console.guard import PREFIX
from registry.console.view import Nav, Page, Shown, Waiting

Show = Callable[[Page], Shown | Response]
EVERYBODY: Final = ""
"""The door of pages that need no signing in."""
SIGNED_IN: Final = "whoAmI"
"""The door of pages for anybody who is signed in: the API's for any key."""


@dataclass(frozen=True, slots=True)
class Place:
    """What is at a path by one method."""

    method: str
    path: str
    act: Show
    door: str
    again: Show | None
    """Shows the form, filled in, when what was typed cannot be taken."""
    part: Show | None
    """Shows the part of a page that htmx asks for by this form, as it was sent, where there is an error."""
    most: int
    """Bytes of a form's fields."""
    files: int
    """Its files together may be so many times the largest file that is taken."""


@dataclass(slots=True)
class Area:
    """`name` is also that of its templates' folder and of its catalogues."""

    name: str
    nav: tuple[Nav, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    """What of the area waits for somebody, for the first page."""
    says: Mapping[str, str] = field(default_factory=dict)
    """What is shown once after a form, by the word given to `page.go`; mark texts with `N_`."""
    explains: Mapping[str, str] = field(default_factory=dict)
    """Errors in plain words, by stable code, beside those of `problems.SAID`."""
    places: list[Place] = field(default_factory=list)

    def page(self, path: str, *, door: str) -> Callable[[Show], Show]:
        """Declare what answers GET. `door`: the operation of the API whose action is called."""

        def declared(act: Show) -> Show:
            self.places.append(Place("GET", PREFIX + path, act, door, None, None, 0, 0))
            return act

        return declared

    def form(
        self,
        path: str,
        *,
        door: str,
        again: Show,
        part: Show | None = None,
        most: int = 1 << 20,
        files: int = 0,
    ) -> Callable[[Show], Show]:
        """Declare what takes a form (POST). An error of the kind that the reader can mend, and a session that
        was over in the meantime, show `again` with `page.typed` and `page.error`. `part`: the same where htmx
        sent the form for a part of a page, of any error, and with status 200, since htmx puts in no other; it
        raises nothing. `most`: bytes of its fields; `files`: its files (`enctype="multipart/form-data"`)
        together may be so many times the largest that is taken. They have to be chosen again where the form
        is shown again."""

        def declared(act: Show) -> Show:
            self.places.append(Place("POST", PREFIX + path, act, door, again, part, most, files))
            return act

        return declared
