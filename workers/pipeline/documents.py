"""Fingerprint documents of files, for the Python client's `fingerprint`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from registry import __version__
from registry.catalogue.fingerprints.model.document import to_document
from workers.pipeline.walled import fingerprint_file


def fingerprint_document(path: Path, *, faces: bool = False) -> dict[str, Any]:
    """Return the document that `fakeprint hash` prints, or with `faces` that of `fakeprint hash --faces`.

    Without `faces`, faces are detected but not described. Raises as `fingerprint_file` does.
    """
    fingerprint = fingerprint_file(path, faces=faces or "seen")
    return to_document(fingerprint, faces=True, generator=f"fakeprint {__version__}")
