"""Fields that the forms of entries share: languages, lines of texts, places, and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import orjson

from registry.catalogue.entries.service.media import Source
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.media.model import Role
from registry.catalogue.media.service.uploads import uploads
from registry.console import documents
from registry.console.view import Page
from registry.core.errors import BadDocument

ROLES: Final[tuple[Role, ...]] = ("fake", "original")
LANGUAGES: Final = (
    *(
        "ar",
        "bn",
        "ca",
        "de",
        "el",
        "en",
        "es",
        "eu",
        "fa",
        "fr",
        "gl",
        "he",
        "hi",
        "hu",
        "id",
        "it",
        "ja",
        "ko",
    ),
    *("ms", "nl", "pl", "pt", "ro", "ru", "so", "sr", "sw", "ta", "tr", "uk", "ur", "vi", "zgh", "zh"),
)
"""Languages offered for titles and claims. The API and the command line accept others."""
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d(?=\s|$)")


def languages(page: Page, chosen: str = "") -> list[tuple[str, str]]:
    """Return the languages to choose from, by name. `chosen`: a tag to offer in any case."""
    names = page.words.locale.languages
    tags = dict.fromkeys((*LANGUAGES, *([chosen] if chosen else [])))
    return sorted(((tag, str(names.get(tag, tag))) for tag in tags), key=lambda language: language[1])


@contextmanager
def sources_of(page: Page) -> Iterator[dict[Role, list[Source]]]:
    """Yield the chosen files by role: media stored as blobs, and parsed documents. Raises `BadDocument`,
    `TooLarge`."""
    chosen = [(role, file) for role in ROLES for file in page.files(role)]
    sources: dict[Role, list[Source]] = {role: [] for role in ROLES}
    for role, file in chosen:
        if documents.is_document(file):
            sources[role].append(from_document(_parsed(documents.content(page, file))))
    media = [(role, file) for role, file in chosen if not documents.is_document(file)]
    with uploads(page.service, [file for _, file in media]) as stored:
        for (role, _), upload in zip(media, stored, strict=True):
            sources[role].append(upload)
        yield sources


def _parsed(raw: bytes) -> object:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadDocument("The document is not JSON.") from None


def lines(text: str) -> list[str]:
    """Return the lines that are not empty."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def place(line: str, channel: str) -> dict[str, str]:
    """Parse a line: an optional day, then an address or a platform."""
    day = _DAY.match(line)
    location = line[day.end() :].strip() if day else line
    place = {"url": location} if location.startswith(("http://", "https://")) else {"platform": location}
    if "platform" in place:
        place["channel"] = "messaging" if channel == "messaging" else "other"
    return place | ({"at": day[0]} if day else {})
