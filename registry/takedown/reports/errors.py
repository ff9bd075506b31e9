"""Errors of reports and releases."""

from __future__ import annotations

from registry.core.errors import BadInput


class BadReceiver(BadInput):
    meaning = "Not a short name of a recipient."
    next_step = "Name whoever receives the export, as lumen."


class BadRelease(BadInput):
    meaning = "What is released is not known, or is texts without all the rest."


class WhichRecipient(BadInput):
    meaning = "Only an export in Lumen's form has a recipient."
