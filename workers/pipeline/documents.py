"""A path in, its fingerprint document out: what the Python client's `fingerprint` calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from registry import __version__
from registry.catalogue.fingerprints.model.document import to_document
from workers.pipeline.fingerprint import fingerprint_file


def fingerprint_document(path: Path, *, faces: bool = False) -> dict[str, Any]:
    """The document that `fakeprint hash` prints, with `faces` that of `fakeprint hash --faces`: without,
    faces are looked for and not described. Raises as `fingerprint_file` does."""
    made = fingerprint_file(path, faces=faces or "seen")
    return to_document(made, faces=True, generator=f"fakeprint {__version__}")
