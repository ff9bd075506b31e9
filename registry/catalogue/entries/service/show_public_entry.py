"""What everybody may read of an entry, where its bank says so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from uuid import UUID

from registry.catalogue.banks.model import policy
from registry.catalogue.entries.model import claim_review
from registry.catalogue.entries.model.details import Details
from registry.catalogue.entries.service.describe_entry import opened
from registry.catalogue.entries.service.show_entry import shape_media
from registry.catalogue.entries.store import assets, entries
from registry.core.database.pool import Connection
from registry.core.errors import NotFound
from registry.core.service import Service

WITHHELD: Final[list[Callable[[Connection, UUID], bool]]] = []
"""Whether a room keeps an entry from the public. `registry/app/wiring.py` fills the table."""


def show_public_entry(service: Service, entry_id: UUID) -> dict[str, Any]:
    """An entry that answers lookups, of a bank whose policy shows its tier to everybody (`public_tier`), with
    its `claim_review`. Neither media nor their digests nor names of files, neither where it was seen nor the
    evidence; of people those who are named to all. What other registries say is theirs to publish.

    Raises `NotFound` (`unknown_entry`): what is not public is not told from what is not there.
    """
    with service.pool.transaction() as connection:
        entry = entries.public(connection, entry_id)
        if entry is None or not policy(entry["policy"]).shows_everybody(entry["tier"]):
            raise _unknown(entry_id)
        if any(withheld(connection, entry_id) for withheld in WITHHELD):
            raise _unknown(entry_id)
        details = opened(service, connection, entry)
        media = shape_media(assets.of_entry(connection, entry_id), own=False)
    said = details.shown(own=False)
    plain = {**entry, "created_at": entry["created_at"].isoformat(), "assets": media}
    shown = ("title", "claim", "language", "manipulation", "tier", "references", "organization", "created_at")
    return {
        "entry_id": str(entry_id),
        **{name: plain[name] for name in shown},
        "depicted": said["depicted"],
        "media": [{name: one[name] for name in ("role", "kind", "duration")} for one in media],
        "claim_review": claim_review.write(plain, Details.of(entry["language"], said), entry["organization"]),
    }


def _unknown(entry_id: UUID) -> NotFound:
    return NotFound(f"There is no public entry {entry_id}.", code="unknown_entry")
