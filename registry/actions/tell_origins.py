"""Say in answers what media declare of their own origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from registry.domain import provenance
from registry.domain.provenance import Manifest
from registry.store import manifests
from registry.store.pool import Connection


def tell_origins(
    connection: Connection, bodies: Iterable[dict[str, Any]], asked: Manifest | None = None
) -> None:
    """Into the answers: of each match what its medium's manifest says, and of the file that was sent what
    `asked` does. Where nothing matched, the database is not asked."""
    answers = list(bodies)
    media = {UUID(match["asset_id"]) for body in answers for match in body["matches"] if match["asset_id"]}
    rows = manifests.told(connection, sorted(media)) if media else {}
    for body in answers:
        body["provenance"] = provenance.shown(asked) if asked is not None else None
        for match in body["matches"]:
            row = rows.get(UUID(match["asset_id"])) if match["asset_id"] else None
            match["provenance"] = provenance.of_match(row, match["relation"], asked)
