"""An exhibit of a notice: the digest of a file. Storing the file is optional."""

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

    `sha256`: in hex. `size`: in bytes. `made_at`: creation time as the person who adds it states it.
    `content`: the file, if it is to be stored.
    """

    kind: Kind
    sha256: str
    size: int
    name: str
    note: str | None = None
    made_at: datetime | None = None
    content: bytes | None = None


def checked(exhibit: Exhibit) -> Exhibit:
    """Return the exhibit with its texts as stored. Raises `BadInput` (`bad_exhibit`, `bad_label`,
    `bad_sha256`)."""
    name = label(file_label(exhibit.name), "name")
    note = prose(exhibit.note, "note") if exhibit.note else None
    checked_sha256(exhibit.sha256, "sha256")
    if not 0 < exhibit.size <= _WIDEST:
        raise _bad("An exhibit has at least one byte.")
    if exhibit.made_at is not None and exhibit.made_at.tzinfo is None:
        raise _bad("`made_at` has an offset, such as 2026-01-31T09:30:00+00:00.")
    if exhibit.content is not None:
        if len(exhibit.content) > LARGEST_KEPT:
            raise _bad(f"A stored file has at most {LARGEST_KEPT >> 20} MiB. Send only its digest.")
        if (
            len(exhibit.content) != exhibit.size
            or hashlib.sha256(exhibit.content).hexdigest() != exhibit.sha256
        ):
            raise _bad("The content does not have the stated SHA-256 and size.")
    return Exhibit(exhibit.kind, exhibit.sha256, exhibit.size, name, note, exhibit.made_at, exhibit.content)


def may_show_minor(answers: Mapping[str, object]) -> bool:
    """Return whether somebody answered that the media of a notice may show a minor sexually."""
    return answers.get("minor") == "yes"


def _bad(message: str) -> BadInput:
    return BadExhibit(message)
