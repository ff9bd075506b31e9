"""Search everywhere: each subject finds its own, under the permissions of its own services."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from starlette.responses import Response

from registry.app.pages.search.finders import FINDERS
from registry.console.area import SIGNED_IN, Area
from registry.console.search import Finder, Hit, Sought
from registry.console.view import Page, Shown
from registry.core.errors import FakeprintError

area = Area("search")
SHORT: Final = 5
"""Results of each kind in the palette, which shows less than the page."""


@dataclass(frozen=True, slots=True)
class Group:
    """The results of one kind. `more`: path of the list that shows all."""

    code: str
    title: str
    hits: tuple[Hit, ...]
    more: str


@area.page("/search", operation=SIGNED_IN)
def search(page: Page) -> Shown | Response:
    """Show what was found, by kind. An id or address of exactly one thing leads straight to it. For a request
    of the palette: only the list."""
    sought = Sought.of(page.query("q"))
    groups: list[Group] = []
    is_complete, has_failed = True, False
    for finder in _open(page, FINDERS):
        try:
            found = finder.ask(page, sought)
        except FakeprintError:
            has_failed = True
            continue
        is_complete = is_complete and found.complete
        if found.items:
            groups.append(Group(finder.code, finder.title, _different(found.items), found.more))
    exact = {hit.path for group in groups for hit in group.hits if hit.exact}
    if len(exact) == 1 and not page.fragment:
        return page.go(exact.pop())
    return page.show(
        f"search/{'part' if page.fragment else 'results'}.html",
        sought=sought,
        groups=groups,
        count=sum(len(group.hits) for group in groups),
        complete=is_complete,
        failed=has_failed,
        short=SHORT,
    )


def _open(page: Page, finders: Iterable[Finder]) -> list[Finder]:
    return [finder for finder in finders if any(map(page.may, finder.operations))]


def _different(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    return tuple({hit.path: hit for hit in reversed(list(hits))}.values())[::-1]
