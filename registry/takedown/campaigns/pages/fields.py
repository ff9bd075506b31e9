"""Reads fields of takedown forms: times in the reader's zone, documents by their digest, signatories."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from registry.console.errors import NoDocument
from registry.console.view import Page
from registry.core.errors import BadTime
from registry.takedown.campaigns.model import Signatory
from registry.takedown.evidence.model.exhibit import LARGEST_KEPT

_SHA256: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True, repr=False)
class Document:
    """A file by its SHA-256 (hex).

    With scripts, the browser computes the digest and does not send the file. `content`: the file, if it was
    sent and is small enough to be stored.
    """

    sha256: str
    size: int
    name: str
    content: bytes | None = None


def document(page: Page, name: str) -> Document:
    """Return the file of a field made by `say.document`. Raises `BadInput` (`no_document`)."""
    for file in page.files(name):
        digest, is_small = hashlib.sha256(), file.size <= LARGEST_KEPT
        stream, content = file.open(), b""
        while piece := stream.read(1 << 20):
            digest.update(piece)
            content += piece if is_small else b""
        return Document(digest.hexdigest(), file.size, file.filename, content if is_small else None)
    sha256, size = page.typed.text(f"{name}-sha256"), page.typed.text(f"{name}-size")
    if not _SHA256.fullmatch(sha256):
        raise NoDocument("Choose a file.")
    return Document(sha256, int(size[:18]) if size.isdecimal() else 0, page.typed.text(f"{name}-name"))


def document_if(page: Page, name: str) -> Document | None:
    """Return the same as `document`, or None if no file was chosen."""
    return document(page, name) if page.files(name) or page.typed.text(f"{name}-sha256") else None


def moment(page: Page, name: str) -> datetime | None:
    """Return a day or a time, in the reader's zone unless it has an offset; None if the field is empty.

    Raises `BadInput` (`bad_time`).
    """
    typed = page.typed.text(name).strip()
    if not typed:
        return None
    try:
        time_ = datetime.fromisoformat(typed)
        return (time_ if time_.tzinfo else time_.replace(tzinfo=page.words.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime("Enter a date or a time.") from None


def day_end(page: Page, name: str) -> datetime:
    """Return the end of a day in the reader's zone. Raises `BadInput` (`bad_time`)."""
    try:
        day = date.fromisoformat(page.typed.text(name).strip()) + timedelta(days=1)
        return datetime.combine(day, time(), page.words.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime("Enter a date.") from None


def signatory(page: Page) -> Signatory | None:
    """Return the signatory, or None if the fields are empty."""
    typed = page.typed
    if not typed.text("signatory").strip() and not typed.text("signatory_email").strip():
        return None
    return Signatory(
        name=typed.text("signatory"),
        capacity=typed.text("capacity"),
        email=typed.text("signatory_email"),
        address=typed.text("signatory_address").strip() or None,
        good_faith=typed.given("good_faith"),
    )
