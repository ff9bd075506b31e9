"""The area of lookups."""

from __future__ import annotations

from typing import Final

from registry.console.area import Area
from registry.console.languages import N_
from registry.console.view import Nav, Page

HINT: Final = N_(
    "Check whether a file is a known fake, and which part of it. The file can stay on your device."
)

area = Area(
    "lookup",
    nav=(Nav("/lookup", N_("Look up"), "lookUp", HINT, 10),),
    says={"files_sent": N_("The files have arrived. Their answers appear here.")},
    explains={
        "watch_too_long": N_("Your organization does not allow lookups to be watched for so long."),
        "too_many_files": N_("These are too many files for one form. Choose fewer."),
    },
)


def figures(page: Page, clock_text: str) -> str:
    """Return a clock time with the digits of the reader's language."""
    return "".join(
        page.words.number(int(character)) if character in "0123456789" else character
        for character in clock_text
    )
