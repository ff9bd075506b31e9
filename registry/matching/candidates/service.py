"""Audio candidates: registered media that sound like a query."""

from __future__ import annotations

from uuid import UUID

from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.matching.candidates.store import audio as sounds


def find_audio_candidates(
    connection: Connection, caller: Caller, fingerprint: Fingerprint, bank_id: UUID | None
) -> list[UUID]:
    """Return the media that sound like the query, without those that share keys by chance.

    A query without informative sound sends no keys to the database.
    """
    query = audio.values(fingerprint.audio)
    keys = audio.keys(query, audio.PROBES)
    found = sounds.hits(connection, keys, organization_id=caller.organization_id, bank_id=bank_id)
    return [asset_id for asset_id, values in found.items() if audio.align(query, values)]
