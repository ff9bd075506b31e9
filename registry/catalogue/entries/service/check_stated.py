"""Hold the document of an asset against its media, in the transaction that enrols these."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.entries.store import assets
from registry.catalogue.fingerprints.model import forgery
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.audit.service import record_event
from registry.core.database.pool import Connection


def stated(connection: Connection, asset_id: UUID) -> Fingerprint | None:
    """What a document says of the asset, evenly thinned; None where none does. Call before it is replaced."""
    if not assets.unproved(connection, asset_id):
        return None
    return fingerprints.read(connection, asset_id, frames=forgery.SAMPLED)


def suspend_forged(
    connection: Connection, asset_id: UUID, document: Fingerprint | None, computed: Fingerprint
) -> None:
    """Suspend the asset's entries where the document says what the media belies. Lock them first."""
    if document is None or not forgery.forged(document, computed):
        return
    for row in assets.forged(connection, asset_id):
        record_event(
            connection,
            None,
            "entry.suspended",
            organization_id=row["organization_id"],
            entry_id=row["entry_id"],
            subject={"asset_id": asset_id},
            said={"reason_code": "forged_fingerprint"},
        )
