"""The part of an evidence bundle about an entry: its history, and the fingerprints of its media."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from registry.catalogue import entries, fingerprints, media
from registry.catalogue import provenance as manifests
from registry.catalogue.entries.service.entries import shape_media, works_on
from registry.catalogue.fingerprints.model.document import to_document
from registry.core.audit.model.ledger import event_leaf
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.takedown.evidence.model.custody import Document
from registry.transparency import ledger
from registry.transparency.ledger.service.ledger import inclusion, newest

MOST_EVENTS: Final = 200_000
MOST_FRAMES: Final = 2_000
"""Maximum frames of one medium. Longer media are sampled evenly."""

Row = Mapping[str, Any]


def plain(value: Any) -> Any:
    """Return a value as plain JSON: ids and times become strings."""
    return orjson.loads(orjson.dumps(value))


def entry(
    service: Service,
    connection: Connection,
    caller: Caller,
    entry_id: UUID,
    campaign_id: UUID,
    notice_id: UUID | None,
) -> Document:
    """Return an entry's history in the form of `get_history`, and the fingerprints of its media.

    Contains only what the caller's organization may see. Of notices it contains those of the campaign, or the
    one given. Raises `NotFound` (`no_checkpoint`), `Unavailable` (`ledger_damaged`).
    """
    row = entries.get_entry(connection, caller.organization_id, entry_id)
    events = [
        event
        for event in ledger.history(connection, entry_id, caller.organization_id, MOST_EVENTS)
        if event["subject"].get("campaign_id") in {None, str(campaign_id)}
        and (notice_id is None or event["subject"].get("notice_id") in {None, str(notice_id)})
    ]
    own = bool(row and row.own)
    visible = shape_media(media.of_entry(connection, entry_id), own=own) if row else []
    with_media = caller.sees_signals or works_on(caller, own=own)
    return {
        "entry_id": str(entry_id),
        "tier": row.tier if row else None,
        "status": row.status if row else None,
        "ledger": _ledger(service, connection, entry_id, events),
        "media": _media(
            connection, plain([medium.model_dump() for medium in visible]), own=works_on(caller, own=own)
        )
        if with_media
        else [],
        "own": works_on(caller, own=own),
    }


def _ledger(service: Service, connection: Connection, entry_id: UUID, events: Sequence[Row]) -> Document:
    """Return the events with proofs against the first checkpoint that covers them all.

    Later events of others therefore do not change the output.
    """
    last = max((event["leaf_index"] for event in events if event["leaf_index"] is not None), default=0)
    signed = ledger.checkpoint(connection, covering=last) or newest(connection)
    size = signed.size
    return {
        "type": "history",
        "entry_id": str(entry_id),
        "origin": service.settings.ledger_origin,
        "keys": [key_.verifier_key for key_ in ledger.keys(connection) if key_.first_size <= size],
        "checkpoint": signed.note,
        "events": [_event(connection, event, size) for event in events],
    }


def _event(connection: Connection, row: Row, size: int) -> Document:
    index = row["leaf_index"]
    covered = index is not None and index < size
    event = {
        "index": index,
        "kind": row["kind"],
        "at": row["at"].isoformat(),
        "caller_id": row["caller_id"],
        "request_id": row["request_id"],
        "subject": row["subject"],
        "said": row["said"],
        "leaf": event_leaf(row).decode(),
        "proof": [digest.hex() for digest in inclusion(connection, index, size)] if covered else None,
    }
    document: Document = plain(event)
    return document


def _media(connection: Connection, media: Sequence[Row], *, own: bool) -> list[Document]:
    """Return media with their fingerprint documents, without faces. `own`: include the stored C2PA
    manifests."""
    declared = manifests.of_assets(connection, [UUID(row["asset_id"]) for row in media])
    return [_medium(connection, row, declared.get(UUID(row["asset_id"])), own=own) for row in media]


def _medium(connection: Connection, shown: Row, declared: Row | None, *, own: bool) -> Document:
    fingerprint = fingerprints.read(connection, UUID(shown["asset_id"]), frames=MOST_FRAMES)
    document = to_document(fingerprint, faces=False) if fingerprint is not None else None
    names = ("asset_id", "role", "sha256", "kind", "duration", "width", "height", "bytes")
    c2pa: dict[str, Any] | None = None
    if declared is not None:
        c2pa = plain({name: value for name, value in declared.items() if name != "kept"})
        c2pa["store_here"] = own and declared["kept"] and not declared["pictures"]
        c2pa["store_ciphered"] = False
    return {**{name: shown[name] for name in names}, "fingerprint": document, "c2pa": c2pa}


def stores(
    connection: Connection, entries_: Sequence[Row], *, ciphered: bool
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Return the C2PA manifests of the caller's own media, by medium: those without and those with pictures.

    Manifests with pictures are returned only if `ciphered`, and are then marked as contained.
    """
    plain: dict[str, bytes] = {}
    pictured: dict[str, bytes] = {}
    for entry_ in entries_:
        for medium in entry_["media"]:
            c2pa = medium["c2pa"]
            if not entry_["own"] or c2pa is None or not (c2pa["store_here"] or c2pa["pictures"]):
                continue
            if c2pa["pictures"] and not ciphered:
                continue
            store = manifests.manifest_store(connection, UUID(medium["asset_id"]))
            if store is not None:
                c2pa["store_ciphered"] = c2pa["pictures"]
                (pictured if c2pa["pictures"] else plain)[medium["asset_id"]] = store
    return plain, pictured
