"""Build the provenance graph of an entry."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any, Final
from uuid import UUID

from registry import lineage
from registry.catalogue import entries
from registry.catalogue import provenance as manifests
from registry.catalogue.entries.schemas.registration import EntrySummary
from registry.catalogue.entries.service.details import opened
from registry.catalogue.entries.service.entries import works_on
from registry.catalogue.entries.service.visibility import find_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.decision.model.confidence import rounded
from registry.sharing.federation.store import peers
from registry.sharing.prov import store
from registry.sharing.prov.model.graph import EntryRecords, prov
from registry.transparency import ledger

MOST: Final = 200
"""Maximum pairs of media shared with other entries, newest entries first."""
MOST_EVENTS: Final = 1_000


def get_provenance(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """Return the entry's graph as PROV-JSON, limited to what the caller may see.

    For other organizations' entries it contains no digests, sightings, reviews or disputes. It never contains
    persons. Other registries that publish the entry are named to every caller, because their licences require
    it.

    Raises `NotFound` (`unknown_entry`).
    """
    organization = caller.organization_id
    with service.pool.transaction() as connection:
        entry = find_entry(connection, caller, entry_id)
        own: bool = entry.own
        working = works_on(caller, own=own)
        media = [medium for medium in lineage.media(connection, entry_id) if own or medium["matchable_at"]]
        details = opened(service, connection, entry_id, entry.language).shown(own=working)
        root = entry.variant_of or entry_id
        records = EntryRecords(
            entry=EntrySummary.model_validate(asdict(entry)).model_dump(),
            owner=lineage.owner(connection, entry_id),
            media=[
                medium if working or caller.sees_signals else {**medium, "sha256": None} for medium in media
            ],
            derivations=lineage.derivations(connection, entry_id),
            relatives=lineage.links(connection, organization, entry_id, most=MOST, cases=caller.sees_cases),
            variants=entries.variants(connection, organization, entry_id, root, cases=caller.sees_cases),
            registry=service.settings.ledger_origin,
            origins=manifests.of_assets(connection, [medium["asset_id"] for medium in media]),
            sightings=(details["seen"] or ()) if working else (),
            reviews=store.reviews(connection, entry_id) if working else (),
            disputes=store.disputes(connection, entry_id) if working else (),
            foreign=peers.of_entry(connection, entry_id),
            events=ledger.history(connection, entry_id, organization, MOST_EVENTS) if working else (),
        )
    return prov(_coarse(records, caller))


def _coarse(records: EntryRecords, caller: Caller) -> EntryRecords:
    """Round probabilities to multiples of 0.05 for callers without the scope `signals`."""
    if caller.sees_signals:
        return records
    rounded_rows = [
        [{**row, "score": None if row["score"] is None else rounded(row["score"])} for row in rows]
        for rows in (records.derivations, records.relatives)
    ]
    return replace(records, derivations=rounded_rows[0], relatives=rounded_rows[1])
