"""An exhibit of a notice: the digest of a file that somebody brings. Storing the file is optional."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from registry.core.errors import BadInput
from registry.core.labels import file_label, label
from registry.persons.model import checked_sha256, prose
from registry.takedown.errors import BadExhibit

Kind = Literal["screenshot", "media", "document", "other"]
LARGEST_KEPT: Final = 16 * 1024**2
"""Maximum size in bytes of a stored file."""
MOST: Final = 100
"""Maximum number of exhibits of a notice."""
_WIDEST: Final = 2**53 - 1


@dataclass(frozen=True, slots=True, repr=False)
class ExhibitTexts:
    """The texts of an exhibit, stored encrypted."""

    name: str
    note: str | None


@dataclass(frozen=True, slots=True)
class Exhibit:
    """An exhibit.

    `sha256`: in hex. `size`: in bytes. `made_at`: creation time as stated by the person who brings it.
    `content`: the file, if it is to be stored.
    """

    kind: Kind
    sha256: str
    size: int
    name: str
    note: str | None = None
    made_at: datetime | None = None
    content: bytes | None = None


def checked(given: Exhibit) -> Exhibit:
    """Return the exhibit with its texts as stored. Raises `BadInput` (`bad_exhibit`, `bad_label`,
    `bad_sha256`)."""
    name = label(file_label(given.name), "name")
    note = prose(given.note, "note") if given.note else None
    checked_sha256(given.sha256, "sha256")
    if not 0 < given.size <= _WIDEST:
        raise _bad("A file that is an exhibit has at least one byte.")
    if given.made_at is not None and given.made_at.tzinfo is None:
        raise _bad("When it was made is said with its offset, as 2026-01-31T09:30:00+00:00.")
    if given.content is not None:
        if len(given.content) > LARGEST_KEPT:
            raise _bad(f"A file that is kept has at most {LARGEST_KEPT >> 20} MiB; give its digest alone.")
        if len(given.content) != given.size or hashlib.sha256(given.content).hexdigest() != given.sha256:
            raise _bad("The file is not the one whose SHA-256 and size were given.")
    return Exhibit(given.kind, given.sha256, given.size, name, note, given.made_at, given.content)


def may_show_minor(answers: Mapping[str, object]) -> bool:
    """Return whether somebody answered that the media of a notice may show a minor sexually."""
    return answers.get("minor") == "yes"


def _bad(what: str) -> BadInput:
    return BadExhibit(what)
