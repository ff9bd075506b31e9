"""Parts of an answer that its caller may see."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from registry.catalogue import entries
from registry.catalogue import provenance as manifests
from registry.catalogue.provenance.model import provenance
from registry.catalogue.provenance.model.provenance import Manifest
from registry.core.database.pool import Connection
from registry.identity.callers.model import Caller
from registry.matching.lookups.model import Answer, Match

NOTE: Final = "entry_gone"


def conceal_gone(connection: Connection, caller: Caller, answer: Answer) -> Answer:
    """Return the answer as `GET /v1/lookups` shows it, without details of entries that the caller may no
    longer see.

    Entries that were withdrawn, disputed or hidden since keep their verdict and ids. Their title, bank,
    action, provenance and references are removed, and a note says so.
    """
    entry_ids = {UUID(match["entry_id"]) for match in answer.get("matches", ()) if match["entry_id"]}
    visible = entries.visible(connection, caller.organization_id, entry_ids) if entry_ids else entry_ids
    if len(visible) == len(entry_ids):
        return answer
    matches = [
        match if match["entry_id"] is None or UUID(match["entry_id"]) in visible else _bare(match)
        for match in answer["matches"]
    ]
    return {**answer, "matches": matches, "notes": [*answer.get("notes", ()), NOTE]}


def _bare(match: Match) -> Match:
    return {
        **match,
        "bank": None,
        "action": None,
        "provenance": None,
        "title": "",
        "foreign": [],
        "references": [],
    }


def tell_origins(
    connection: Connection, bodies: Iterable[Answer], query_manifest: Manifest | None = None
) -> None:
    """Add provenance and federation sources to the answers, in place.

    Each match gets the manifest of its medium, and the sources and licences of entries that came from peers.
    The answer gets the manifest of the query file. Without matches, the database is not queried.
    """
    answers = list(bodies)
    pairs = {_pair(match) for body in answers for match in body["matches"] if match["asset_id"]}
    rows = manifests.of_matches(connection, sorted(pairs)) if pairs else {}
    for body in answers:
        body["provenance"] = provenance.shown(query_manifest) if query_manifest is not None else None
        for match in body["matches"]:
            row = rows.get(_pair(match), {}) if match["asset_id"] else {}
            manifest = row if row.get("state") else None
            match["provenance"] = provenance.of_match(manifest, match["relation"], query_manifest)
            match["foreign"] = row.get("foreign_said") or []


def _pair(match: Match) -> tuple[UUID, UUID]:
    return UUID(match["asset_id"]), UUID(match["entry_id"])
