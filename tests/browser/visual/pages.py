"""The pages that are compared: their contents are fixed, and no time stands on them."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.support.browser.console import Console, Person

WIDE: Final = {"width": 1280, "height": 900}
PHONE: Final = {"width": 390, "height": 844}
LIGHT: Final[Mapping[str, Any]] = {"viewport": WIDE, "color_scheme": "light", "locale": "en-GB"}


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of one page. `options`: of the browser's context. `density`: of tables. `part`: the element
    that is shot, without header and footer, which change with every new area."""

    name: str
    path: str
    options: Mapping[str, Any] = field(default_factory=dict)
    signed_in: bool = True
    density: str = ""
    part: str = "main"

    def shoot(self, console: Console, browser: Browser, person: Person) -> Image.Image:
        """Open the page in a new context and shoot it, as soon as its typeface is there."""
        options = {**LIGHT, "reduced_motion": "reduce", "timezone_id": "UTC", **self.options}
        with console.context(browser, person if self.signed_in else None, **options) as context:
            if self.density:
                cookie = {"name": "fakeprint_density", "value": self.density, "url": console.url}
                context.add_cookies([cookie])  # type: ignore[list-item]
            page = context.new_page()
            page.goto(self.path, wait_until="networkidle")
            return shot(page, self.part)


def shot(page: Page, part: str) -> Image.Image:
    """Return the picture of an element of the page."""
    page.evaluate("document.fonts.ready.then(() => document.activeElement?.blur())")
    raw = page.locator(part).first.screenshot(animations="disabled", caret="hide")
    return Image.open(io.BytesIO(raw)).convert("RGB")


PICTURES: Final = (
    Picture("design-light", "/console/design"),
    Picture("design-dark", "/console/design", {"color_scheme": "dark", "locale": "fr"}),
    Picture("design-arabic", "/console/design", {"locale": "ar"}),
    Picture("design-phone", "/console/design", {"viewport": PHONE, "locale": "es"}),
    Picture("design-compact", "/console/design", density="compact", part="section[aria-labelledby=d-tables]"),
    Picture("sign-in-light", "/console/sign-in", signed_in=False),
    Picture("sign-in-phone", "/console/sign-in", {"viewport": PHONE, "locale": "ar"}, signed_in=False),
    Picture("sign-in-dark", "/console/sign-in", {"color_scheme": "dark", "locale": "fr"}, signed_in=False),
    Picture("search-none", "/console/search?q=zzzzzz"),
)


def shots(
    console: Console, browser: Browser, pictures: tuple[Picture, ...] = PICTURES
) -> Iterator[tuple[Picture, Image.Image]]:
    """Yield each picture of now, as one person sees the pages."""
    person = console.person("lookup", "register", "review", "takedown", "admin", key=console.organization())
    for picture in pictures:
        yield picture, picture.shoot(console, browser, person)
