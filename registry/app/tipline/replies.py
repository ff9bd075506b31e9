"""The words of a tipline, in the reader's language. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fakeprint import ClientError, FileError
from registry.app.tipline.port import Button
from registry.catalogue.entries.model.reference import ORIGINAL
from registry.console.languages import N_, Words
from registry.core.errors import (
    LowInformation,
    MediaTooLarge,
    NotMedia,
    TookTooLong,
    UnsupportedMedia,
)
from registry.matching.lookups.model import Answer
from registry.matching.lookups.pages import verdicts

HELP: Final = (
    N_("Forward me a clip, a picture or a voice note. I tell you whether it is a registered fake."),
    N_("I make a fingerprint of the file and delete the file at once. I cannot open links."),
)
CHECKING: Final = N_("I am checking it …")
UNSUPPORTED: Final = N_("I can check clips, pictures and voice notes. This is something else.")
TOO_LARGE: Final = N_(
    "This file is too large: %(messenger)s gives me at most %(count)s MB. Please send the part that matters, "
    "or a smaller copy."
)
GONE: Final = N_("I can no longer get that file. Please send it again.")
LATER: Final = N_("I cannot check it at the moment. Please try again later.")
TOO_MANY: Final = N_("Too many messages came from this chat within an hour. Please try again later.")
AGAIN: Final = N_("Try again")
WATCH: Final = N_("Tell me if it becomes known")
WATCHING: Final = N_(
    "I will tell you here if it becomes known. Only its fingerprint is kept for that, until %(day)s."
)
STOP: Final = N_("Stop, and delete the fingerprint")
STOPPED: Final = N_("The fingerprint is deleted. I will not tell you any more about it.")
NOT_WATCHED: Final = N_("The registry does not keep fingerprints for so long, so I cannot tell you later.")
HARMLESS: Final = N_("Perhaps: it resembles a fake, but it has been marked as harmless.")
NEWS: Final = N_("You asked me to tell you about this:")
ENTRY: Final = N_("Its page, for people with an account")
FACT_CHECK: Final = N_("Fact-check")
SAID: Final[Mapping[str, str]] = {
    "unreviewed": N_("%(organization)s registered it. Nobody else has checked it."),
    "reviewed": N_("%(organization)s registered it, and reviewers have confirmed it."),
    "court_order": N_("%(organization)s registered it, and a court's order confirms it."),
}
"""Who says so, by tier."""
DAMAGED: Final = N_("I cannot read this file; it may be damaged. Please send it again, or another copy.")
FILES: Final[Mapping[str, str]] = {
    NotMedia.code: UNSUPPORTED,
    UnsupportedMedia.code: N_("I do not know this kind of file. Please send it as MP4 or JPEG."),
    MediaTooLarge.code: N_("This file is too long or too large for me. Please send the part that matters."),
    TookTooLong.code: N_("This file is too long or too large for me. Please send the part that matters."),
    "unavailable": LATER,
    LowInformation.code: verdicts.OTHERWISE["undecidable"],
}
"""Files that cannot be checked, by code; else `DAMAGED`."""
MOST_TITLE: Final = 200
MOST_URL: Final = 500
MOST_LINKS: Final = 3
"""Together they keep a message far below the 4,096 characters that Telegram allows."""


@dataclass(frozen=True, slots=True)
class Reply:
    """A message."""

    text: str
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """Who registered an entry, and its page. `public`: anybody may read the page."""

    organization: str
    page: str
    public: bool


def help_text(words: Words) -> Reply:
    """Say what the bot does."""
    return Reply(" ".join(words.text(text) for text in HELP))


def verdict(words: Words, answer: Answer) -> str:
    """Return the verdict in one sentence. `answer`: that of a lookup."""
    if answer["verdict"] == "related" and "known_harmless" in answer["reasons"]:
        return words.text(HARMLESS)
    sentence = verdicts.sentence(answer)
    if sentence.share is None:
        return words.text(sentence.text)
    return words.text(sentence.text, share=words.percent(sentence.share))


def sources(words: Words, match: Mapping[str, Any], source: Source) -> list[str]:
    """Return title, who says so, and links. `match`: has title, tier and references, as a match or an entry
    has."""
    lines = [f"“{_short(match['title'], MOST_TITLE)}”"] if match["title"] else []
    said = SAID[match["tier"] or "unreviewed"]
    lines.append(words.text(said, organization=_short(source.organization, MOST_TITLE)))
    links = _links(words, match["references"])
    if source.public or not links:
        label = "" if source.public else words.text(ENTRY) + words.colon + "\n"
        links.insert(0, f"{label}{source.page}")
    return lines + links


def _links(words: Words, references: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return the fact-checks, those in the reader's language first."""
    usable = [
        reference
        for reference in references
        if reference.get("type") != ORIGINAL and len(reference["url"]) <= MOST_URL
    ]
    usable.sort(key=lambda reference: reference.get("language") != words.language)
    return [
        f"{_publisher(words, reference)}{words.colon}\n{reference['url']}"
        for reference in usable[:MOST_LINKS]
    ]


def _publisher(words: Words, reference: Mapping[str, Any]) -> str:
    name = _short(reference.get("publisher") or words.text(FACT_CHECK), MOST_TITLE)
    rating = reference.get("rating")
    return f"{name} (“{_short(rating, MOST_TITLE)}”)" if rating else name


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def failed(words: Words, error: ClientError) -> Reply:
    """Say kindly why a file was not checked."""
    if isinstance(error, FileError):
        return Reply(words.text(FILES.get(error.code, DAMAGED)))
    if error.code == "watch_too_long":
        return Reply(words.text(NOT_WATCHED))
    return later(words)


def later(words: Words) -> Reply:
    """Ask to try again, when something went wrong that is not the file's fault."""
    return Reply(words.text(LATER), (Button("check", words.text(AGAIN)),))
