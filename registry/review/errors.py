"""Errors that the queue and disputes raise."""

from __future__ import annotations

from registry.core.errors import BadInput, Conflict


class NeedsReason(BadInput):
    meaning = "The decision needs a `reason_code`."


class NeedsOrder(BadInput):
    meaning = "A court order is missing, or is given with a decision that takes none."


class WrongStatus(Conflict):
    meaning = "The entry's `status` does not allow this."


class StandsByOrder(Conflict):
    code = "needs_order"
    meaning = NeedsOrder.meaning
    next_step = "Send `order`: court, docket, date and the SHA-256 of its document."
