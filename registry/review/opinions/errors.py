"""Errors of opinions."""

from __future__ import annotations

from registry.core.errors import NotFound


class UnknownMatch(NotFound):
    meaning = "The lookup has no match with that entry."
