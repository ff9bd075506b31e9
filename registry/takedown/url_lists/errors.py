"""Errors of address lists: of a list as a whole, and of its rows in a report."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadSheet(BadInput):
    meaning = "A workbook is broken, or not XLSX."
    next_step = "Save it again as XLSX, or as CSV."


class CellTooLong(BadInput):
    meaning = "A row, or its note, is too long."
    next_step = "Shorten it."


class Formula(BadInput):
    meaning = "A cell contains a formula instead of an address."
    next_step = "Write the address as plain text."


class LinkDiffers(BadInput):
    meaning = "A cell shows one address and leads to another."
    message = "The cell shows one address and leads to another."
    next_step = "Write the intended address as plain text."


class NoHeader(BadInput):
    meaning = "A table has no column names, and its columns cannot be recognised without."


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
    meaning = "A line of a list is too long."


class TooManyRows(BadInput):
    meaning = "A list has too many rows; the report says where reading stopped."


class UnclosedQuote(BadInput):
    meaning = "A quotation mark in a CSV is not closed. Nothing after it was read."


class NoAddress(BadInput):
    """A line of a text contains no address."""

    next_step = "If it is an address, write https:// before it."
