"""Errors of client pages."""

from __future__ import annotations

from registry.core.errors import BadInput


class WrongName(BadInput):
    """The typed name is not the client's."""
