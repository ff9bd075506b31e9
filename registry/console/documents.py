"""Fingerprint documents uploaded as files of a form."""

from __future__ import annotations

from registry.console.view import File, Page
from registry.core.errors import TooLarge


def is_document(file: File) -> bool:
    """Whether a file is a document, by its name. All other files are media."""
    return file.filename.lower().endswith((".json", ".fakeprint"))


def content(page: Page, file: File) -> bytes:
    """Return the file's content. Raises `TooLarge`."""
    most = page.service.settings.max_document_bytes
    if file.size > most:
        raise TooLarge(f"The document is larger than {most} bytes.")
    return file.open().read()  # closed with the form
