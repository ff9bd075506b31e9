"""Print a notice that a person sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from registry.core.database.pool import Connection
from registry.core.errors import Conflict, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown import documents as pdf
from registry.takedown.campaigns.service import takedown
from registry.takedown.delivery import store as notice_deliveries
from registry.takedown.delivery.model import delivery
from registry.takedown.delivery.service.send_notices import WRITTEN
from registry.takedown.notices.model import notice


def print_notice(service: Service, caller: Caller, delivery_id: UUID) -> bytes:
    """The delivery's letter as a PDF, the same bytes each time. Needs `takedown`. Raises `NotFound`
    (`unknown_delivery`), `PdfUnavailable` (`pdf_unavailable`), `Conflict` (`client_erased`; while it waits to
    be printed and sent, also `notice_hindered` and `wrong_state`: what must not go out is not printed)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = notice_deliveries.show(connection, caller.organization_id, delivery_id)
        if row is None:
            raise NotFound(
                f"There is no delivery {delivery_id} of your organization.", code="unknown_delivery"
            )
        if (row["kind"], row["channel"], row["status"]) == ("notice", "paper", "waiting"):
            _require_sendable(connection, row)
    key = takedown.key_of(service, row["client_id"])
    written = takedown.open_sealed(key, row["sealed"], WRITTEN)
    if written is None:
        raise Conflict("What was personal of the client was erased.", code="client_erased")
    return pdf.notice(delivery.letter_of(written), delivery.dated(written))


def _require_sendable(connection: Connection, row: Mapping[str, Any]) -> None:
    """As machines ask before each attempt."""
    if row["state"] != "sent":
        raise Conflict(
            f"The notice is {notice.stand_of(row['state'])}: its letter is not needed any more.",
            code="wrong_state",
            extra={"state": notice.stand_of(row["state"])},
        )
    if found := takedown.still_hindered(connection, row["notice_id"]):
        raise notice.hindered(found)
