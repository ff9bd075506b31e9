"""Say in answers what media declare of their own origin, and which other registries say their entries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model import provenance
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection


def tell_origins(
    connection: Connection, bodies: Iterable[dict[str, Any]], asked: Manifest | None = None
) -> None:
    """Into the answers: of each match what its medium's manifest says, and of the file that was sent what
    `asked` does; of entries that came from peers, whence and under which licence. Where nothing matched, the
    database is not asked."""
    answers = list(bodies)
    found = {_pair(match) for body in answers for match in body["matches"] if match["asset_id"]}
    rows = manifests.told(connection, sorted(found)) if found else {}
    for body in answers:
        body["provenance"] = provenance.shown(asked) if asked is not None else None
        for match in body["matches"]:
            row = rows.get(_pair(match), {}) if match["asset_id"] else {}
            read = row if row.get("state") else None
            match["provenance"] = provenance.of_match(read, match["relation"], asked)
            match["foreign"] = row.get("foreign_said") or []


def _pair(match: Mapping[str, Any]) -> tuple[UUID, UUID]:
    return UUID(match["asset_id"]), UUID(match["entry_id"])
