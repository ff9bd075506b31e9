"""Errors of photos."""

from __future__ import annotations

from registry.core.errors import NotFound, TooLarge


class UnknownPhoto(NotFound):
    meaning = "The person has no photo of that id, or it is no longer kept."


class TooManyPhotos(TooLarge):
    meaning = "A person has 20 photos at most."
