"""Errors of C2PA manifests."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound


class BadManifestId(BadInput):
    meaning = "Not an identifier of a manifest of C2PA."


class UnknownManifest(NotFound):
    meaning = "No manifest of that identifier that the caller may fetch."
