"""The page that shows the design system: every token and every component, with fixed contents.

It is for those who build pages, and `make visual` compares it with reference images. Any signed-in person may
open it.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from registry.console.area import SIGNED_IN, Area
from registry.console.static_files import FOLDER
from registry.console.view import Page, Shown

area = Area("design")
SHEET: Final = "console.css"
_TOKEN: Final = re.compile(r"^  --([a-z0-9-]+):\s*([^;]+);", re.MULTILINE)
_COLOUR: Final = re.compile(r"light-dark\(#|#|rgb\(")


@cache
def tokens() -> dict[str, str]:
    """Return the tokens of the style sheet with their values, in its order."""
    head, _, _ = FOLDER.joinpath(SHEET).read_text().partition("/* End of the tokens. */")
    return dict(_TOKEN.findall(head))


def colours() -> list[str]:
    """Return the names of the tokens that are one colour."""
    return sorted(name for name, value in tokens().items() if _COLOUR.match(value))


@area.page("/design", operation=SIGNED_IN)
def components(page: Page) -> Shown:
    """Show tokens and components."""
    names = list(tokens())
    return page.show(
        "design/components.html",
        colours=colours(),
        sizes=sorted((name for name in names if name.startswith("type-")), key=_number),
        spaces=sorted((name for name in names if name.startswith("space-")), key=_number),
        verdicts=("known_fake", "related", "authentic_original", "no_match", "undecidable"),
        tiers=("unverified", "unreviewed", "reviewed", "court_order"),
        states=(
            "pending",
            "processing",
            "matchable",
            "failed",
            "suspended",
            "withdrawn",
            "draft",
            "sent",
            "removed",
        ),
    )


def _number(name: str) -> int:
    return int(name.rpartition("-")[2])
