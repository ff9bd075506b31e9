"""Errors that the queue and disputes raise."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class NeedsReason(BadInput):
    meaning = "That decision needs a `reason_code`."


class NeedsOrder(BadInput):
    meaning = "A court's order is missing, or comes where none belongs."


class WrongStatus(Conflict):
    meaning = "The entry's `status` does not allow it."


class StandsByOrder(Conflict):
    code = "needs_order"
    meaning = NeedsOrder.meaning
    next_step = "Send `order`: court, docket, date and the SHA-256 of its document."
