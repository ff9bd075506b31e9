"""Errors of soft bindings."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadBinding(BadInput):
    meaning = "Not a value of the soft binding algorithm."
