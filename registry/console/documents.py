"""Fingerprint documents that came as files of a form."""

from __future__ import annotations

from registry.console.view import File, Page
from registry.core.errors import TooLarge


def is_document(file: File) -> bool:
    """By its name: all else is media."""
    return file.filename.lower().endswith((".json", ".fakeprint"))


def content(page: Page, file: File) -> bytes:
    """What it holds. Raises `TooLarge`."""
    most = page.service.settings.max_document_bytes
    if file.size > most:
        raise TooLarge(f"The document is larger than {most} bytes.")
    return file.open().read()  # it is closed with the form
