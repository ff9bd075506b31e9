"""A consent in a form: its text, its documents, and who gave it until when."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any, Final, get_args

from registry.console.fields import parse_time, wrong
from registry.console.view import Page
from registry.core.http.received import checked
from registry.persons.model import SCOPES, ConsentBy
from registry.persons.schemas import NewConsent

_CHUNK: Final = 1 << 20


def digest(page: Page, name: str) -> str | None:
    """Return the SHA-256 of the chosen document, which is not stored; None if none was chosen."""
    for file in page.files(name):
        sha256 = hashlib.sha256()
        with file.open() as stream:
            while chunk := stream.read(_CHUNK):
                sha256.update(chunk)
        return sha256.hexdigest()
    return None


def consent(page: Page) -> NewConsent:
    """Parse the fields of templates/persons/consent.html. Without a document, the text itself is the
    document. Raises `BadInput`."""
    typed = page.typed
    text = typed.text("text").strip()
    if not text:
        raise wrong("bad_input", "text", page.words.text("Enter the words of the consent."))
    by = typed.text("by", "self")
    if by not in get_args(ConsentBy):
        raise wrong("bad_input", "by", page.words.text("Choose who consents."))
    given_at = parse_time(page, "given_at") or datetime.now(UTC)
    expires_at = parse_time(page, "expires_at")
    body: dict[str, Any] = {
        "by": by,
        "text": text,
        "document_sha256": digest(page, "document") or hashlib.sha256(text.encode()).hexdigest(),
        "given_at": given_at.isoformat(),
        "expires_at": expires_at.isoformat() if expires_at else None,
        "scope": [name for name in SCOPES if name in typed.all("scope")],
        "minor": by == "guardian",
        "acting": typed.text("acting").strip() or None,
        "mandate_sha256": digest(page, "mandate"),
    }
    if not body["scope"]:
        raise wrong("bad_input", "scope", page.words.text("Choose what the consent covers."))
    return checked(body, NewConsent.model_validate)
