"""Errors of printed documents."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadFigure(BadInput):
    meaning = "A picture to be printed is not SVG, PNG or JPEG, or refers to other files."


class PrintTooLarge(BadInput):
    meaning = "A document to be printed has too much text, or a picture is too large."
