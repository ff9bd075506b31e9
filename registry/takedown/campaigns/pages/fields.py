"""How forms of takedown are read: days and moments in the reader's zone, documents by their digest."""

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
    """A file by its digest (hex), which the browser has computed where it has scripts; then the file stays
    there. `content`: of a file that came, where it is small enough to be kept."""

    sha256: str
    size: int
    name: str
    content: bytes | None = None


def document(page: Page, name: str) -> Document:
    """The file of a field that `say.document` made. Raises `BadInput` (`no_document`)."""
    for file in page.files(name):
        digest, kept = hashlib.sha256(), file.size <= LARGEST_KEPT
        stream, content = file.open(), b""
        while piece := stream.read(1 << 20):
            digest.update(piece)
            content += piece if kept else b""
        return Document(digest.hexdigest(), file.size, file.filename, content if kept else None)
    sha256, size = page.typed.text(f"{name}-sha256"), page.typed.text(f"{name}-size")
    if not _SHA256.fullmatch(sha256):
        raise NoDocument("A file has to be chosen.")
    return Document(sha256, int(size[:18]) if size.isdecimal() else 0, page.typed.text(f"{name}-name"))


def document_if(page: Page, name: str) -> Document | None:
    """As `document`; None where no file was chosen."""
    return document(page, name) if page.files(name) or page.typed.text(f"{name}-sha256") else None


def moment(page: Page, name: str) -> datetime | None:
    """A day or a time in the reader's zone, or with its own offset; None: nothing was typed. Raises
    `BadInput` (`bad_time`)."""
    typed = page.typed.text(name).strip()
    if not typed:
        return None
    try:
        found = datetime.fromisoformat(typed)
        return (found if found.tzinfo else found.replace(tzinfo=page.words.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime("A date or a time is expected.") from None


def day_end(page: Page, name: str) -> datetime:
    """The end of a day in the reader's zone. Raises `BadInput` (`bad_time`)."""
    try:
        day = date.fromisoformat(page.typed.text(name).strip()) + timedelta(days=1)
        return datetime.combine(day, time(), page.words.zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadTime("A date is expected.") from None


def signatory(page: Page) -> Signatory | None:
    """Who signs; None: nobody yet."""
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
