"""Errors of exports."""

from __future__ import annotations

from registry.core.errors import BadInput


class WhichRecipient(BadInput):
    meaning = "Only an export in Lumen's format has a recipient."
