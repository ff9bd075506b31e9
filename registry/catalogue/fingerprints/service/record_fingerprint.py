"""Put on record, by a commitment, what an asset is recognised by, in the transaction that stores it."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from registry.catalogue.fingerprints.model import frozen
from registry.catalogue.fingerprints.model.document import MAX_SAMPLES
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.audit.model.ledger import commit
from registry.core.audit.service import event, record_events
from registry.core.audit.store import openings
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller

ALL: Final = 3 * MAX_SAMPLES
"""Frames of an asset: none has so many."""


def record_fingerprint(connection: Connection, caller: Caller | None, asset_id: UUID) -> None:
    """One event an entry that holds the asset and has none of this fingerprint yet; nothing where the asset
    is not fingerprinted. It is read back as it is stored, since that is what can be shown later. `caller`
    None: a worker computed it. Lock the asset's entries first.
    """
    stored = fingerprints.read(connection, asset_id, frames=ALL)
    if stored is None:
        return
    digest = frozen.digest(frozen.document(stored))
    commitment = openings.keep_fingerprint(connection, asset_id, digest, commit(digest.hex()))
    record_events(
        connection,
        [
            event(
                caller,
                "asset.fingerprinted",
                row["organization_id"],
                row["entry_id"],
                {"asset_id": asset_id},
                {"fingerprint": commitment, "recomputed": row["recomputed"]},
            )
            for row in openings.untold(connection, asset_id, commitment.hex())
        ],
    )
