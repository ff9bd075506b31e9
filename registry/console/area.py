"""An area of the console: its pages and forms, navigation and messages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.responses import Response

from registry.console.guard import PREFIX
from registry.console.view import Nav, Page, Shown, Waiting

Show = Callable[[Page], Shown | Response]
EVERYBODY: Final = ""
"""Permission of pages that need no sign-in."""
SIGNED_IN: Final = "whoAmI"
"""Permission of pages for any signed-in person: the API operation open to any key."""


@dataclass(frozen=True, slots=True)
class Place:
    """The handler of one path and method."""

    method: str
    path: str
    act: Show
    operation: str
    again: Show | None
    """Shows the form again, filled in, if the input is refused."""
    part: Show | None
    """Shows the part of a page that htmx requested with this form, if there is an error."""
    most: int
    """Most bytes of the form's fields."""
    files: int
    """Most bytes of its files together, as a multiple of the largest accepted file."""
    passive: bool = False
    """Whether the browser requests it by itself. It then does not count as use of the session."""
    bare: bool = False
    """Whether its path holds a signed word, which stands for session and form token."""


@dataclass(slots=True)
class Area:
    """An area. `name` also names its template folder and its message catalogues."""

    name: str
    nav: tuple[Nav, ...] = ()
    waiting: tuple[Waiting, ...] = ()
    """The area's pending work, shown on the first page."""
    says: Mapping[str, str] = field(default_factory=dict)
    """Messages shown once after a form, by the word passed to `page.go`; mark texts with `N_`."""
    explains: Mapping[str, str] = field(default_factory=dict)
    """Plain-language errors by stable code, in addition to `problems.EXPLANATIONS`."""
    places: list[Place] = field(default_factory=list)

    def page(self, path: str, *, operation: str, passive: bool = False) -> Callable[[Show], Show]:
        """Register the handler of GET. `operation`: the API operation whose action is called. `passive`: the
        browser requests it by itself, so it must not keep an unused session open."""

        def declared(act: Show) -> Show:
            self.places.append(Place("GET", PREFIX + path, act, operation, None, None, 0, 0, passive))
            return act

        return declared

    def link(self, path: str) -> Callable[[Show], Show]:
        """Register the handler of POST for a path that holds a signed word. Mail programs send it, without a
        session and without a form of ours (RFC 8058). The handler checks the word."""

        def declared(act: Show) -> Show:
            place = Place("POST", PREFIX + path, act, EVERYBODY, None, None, 1 << 14, 0, bare=True)
            self.places.append(place)
            return act

        return declared

    def form(
        self,
        path: str,
        *,
        operation: str,
        again: Show,
        part: Show | None = None,
        most: int = 1 << 20,
        files: int = 0,
    ) -> Callable[[Show], Show]:
        """Register the handler of a form (POST). `again` shows the form with `page.typed` and `page.error`,
        after a correctable error or if the session ended meanwhile. `part` does the same if htmx sent the
        form for a part of a page. It handles any error, raises nothing, and gets status 200, because htmx
        inserts no other.

        `most`: bytes of the fields. `files`: size limit of all files together
        (`enctype="multipart/form-data"`), as a multiple of the largest accepted file. Users have to choose
        files again if the form is shown again.
        """

        def declared(act: Show) -> Show:
            self.places.append(Place("POST", PREFIX + path, act, operation, again, part, most, files))
            return act

        return declared
