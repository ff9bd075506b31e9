"""List what became of a webhook's messages."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from registry.core import cursor
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.sharing.webhooks.service.show_delivery import page, shown

_DIGITS: Final = 18


def list_deliveries(
    service: Service,
    caller: Caller,
    webhook_id: UUID,
    *,
    status: str | None = None,
    limit: int = 50,
    after: str | None = None,
) -> dict[str, Any]:
    """The messages of a webhook, the newest first, 30 days back; `next` continues where this page ends.

    Needs `admin`. Raises `NotFound` (`unknown_webhook`), `BadInput` (`bad_cursor`).
    """
    caller.require("admin")
    before = _number(cursor.decode(after, words=1)[0]) if after else None
    rows = page(service, caller, webhook_id, status=status, before=before, limit=limit + 1)
    more, rows = len(rows) > limit, rows[:limit]
    return {
        "deliveries": [shown(row) for row in rows],
        "next": cursor.encode(rows[-1]["delivery_id"]) if more else None,
    }


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or len(text) > _DIGITS:
        raise cursor.refused()
    return int(text)
