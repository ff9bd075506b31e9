"""An entry as ClaimReview and MediaReview."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from registry.catalogue.entries.model import claim_review
from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.service.describe_entry import opened
from registry.catalogue.entries.service.find_entry import find_entry
from registry.catalogue.entries.service.show_entry import shape_media, works_on
from registry.catalogue.entries.store import assets
from registry.core.errors import Conflict
from registry.core.service import Service
from registry.identity.callers.model import Caller


def show_claim_review(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """JSON-LD of an entry that the caller may see: where it was seen and the evidence for those alone who
    work on its organization's entries. Raises `NotFound` (`unknown_entry`), `Conflict`
    (`entry_withdrawn`): what was taken back is rated by nobody."""
    with service.pool.transaction() as connection:
        entry = find_entry(connection, caller, entry_id)
        if entry["status"] == "withdrawn":
            raise Conflict("The entry was withdrawn.", code="entry_withdrawn")
        said = opened(service, connection, entry)
        media = shape_media(assets.of_entry(connection, entry_id), own=entry["own"])
    shown = Details.of(said.language, said.shown(own=works_on(caller, own=entry["own"])))
    plain = entry | {"created_at": entry["created_at"].isoformat(), "assets": media}
    return claim_review.write(plain, shown, entry["organization"])
