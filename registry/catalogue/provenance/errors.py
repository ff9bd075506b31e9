"""Errors of C2PA manifests."""

from __future__ import annotations

from registry.core.errors import BadInput, NotFound


class BadManifestId(BadInput):
    meaning = "The text is not an identifier of a C2PA manifest."


class UnknownManifest(NotFound):
    meaning = "The caller may fetch no manifest of that identifier."
