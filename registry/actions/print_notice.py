"""Print a notice that a person sends."""

from __future__ import annotations

from uuid import UUID

from registry import pdf
from registry.actions import takedown
from registry.actions.send_notices import WRITTEN
from registry.actions.service import Service
from registry.domain import delivery
from registry.domain.caller import Caller
from registry.errors import Conflict, NotFound
from registry.store import notice_deliveries


def print_notice(service: Service, caller: Caller, delivery_id: UUID) -> bytes:
    """The delivery's letter as a PDF, the same bytes each time. Needs `takedown`. Raises `NotFound`
    (`unknown_delivery`), `Conflict` (`client_erased`), `PdfUnavailable` (`pdf_unavailable`)."""
    caller.require("takedown")
    with service.pool.transaction() as connection:
        row = notice_deliveries.show(connection, caller.organization_id, delivery_id)
    if row is None:
        raise NotFound(f"There is no delivery {delivery_id} of your organization.", code="unknown_delivery")
    key = takedown.key_of(service, row["client_id"])
    written = takedown.open_sealed(key, row["sealed"], WRITTEN)
    if written is None:
        raise Conflict("What was personal of the client was erased.", code="client_erased")
    return pdf.notice(delivery.letter_of(written), row["created_at"])
