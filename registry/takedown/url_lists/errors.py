"""Errors of address lists: of a list as a whole, and of its rows in a report."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadSheet(BadInput):
    meaning = "A workbook is broken, or no XLSX."
    next_step = "Save it anew as XLSX, or as CSV."


class CellTooLong(BadInput):
    meaning = "A row, or its note, is longer than is kept."
    next_step = "Shorten it."


class Formula(BadInput):
    meaning = "A cell holds a formula where an address is wanted."
    next_step = "Put the address there as plain text."


class LinkDiffers(BadInput):
    meaning = "A cell shows one address and leads to another."
    message = "The cell shows one address and leads to another."
    next_step = "Write the one that is meant as plain text."


class NoHeader(BadInput):
    meaning = "A table does not name its columns, and they cannot be told without."


class NotText(BadInput):
    meaning = "A list is neither a text nor a workbook."
    next_step = "Save it as CSV in UTF-8, or as XLSX."


class OldSheet(BadInput):
    meaning = "A workbook is XLS, or encrypted."
    next_step = "Save it as XLSX without a password, or as CSV."


class PlatformDiffers(BadInput):
    meaning = "A row names one platform and an address of another."
    next_step = "Correct the address, or the platform."


class RowTooLong(BadInput):
    meaning = "A line of a list is longer than is read."


class TooManyRows(BadInput):
    meaning = "A list has more rows than are taken; in the report, where it ended."


class UnclosedQuote(BadInput):
    meaning = "A quotation mark of a CSV is never closed: nothing after it was read."


class NoAddress(BadInput):
    """A line of a text holds no address."""

    next_step = "If it was meant as one, write https:// before it."
