"""Show an entry."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Any, Final
from uuid import UUID

from registry.catalogue.entries.service.describe_entry import opened
from registry.catalogue.entries.service.find_entry import find_entry
from registry.catalogue.entries.store import assets, details
from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model import provenance
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller

WORKING: Final = frozenset({"register", "review", "takedown", "admin"})
"""Roles that work on what their organization has registered."""

Part = Callable[[Connection, Caller, Mapping[str, Any]], Any]
PARTS: Final[dict[str, Part]] = {}
"""What other rooms say of an entry, by field: each gets its row. `registry/app/wiring.py` fills the table."""


def show_entry(service: Service, caller: Caller, entry_id: UUID) -> dict[str, Any]:
    """The entry with its media. Strangers see a public one as far as it answers, without file names. Digests
    of media are told to those who work on entries of their own, and to callers with the scope `signals`; what
    is kept sealed to the former alone.

    Raises `NotFound` (`unknown_entry`).
    """
    with service.pool.snapshot() as connection:
        entry = find_entry(connection, caller, entry_id)
        media = assets.of_entry(connection, entry_id)
        origins = manifests.of_assets(connection, [one["asset_id"] for one in media])
        said = opened(service, connection, entry)
        family = _family(connection, caller, entry)
        parts = {name: part(connection, caller, entry) for name, part in PARTS.items()}
        bare = any(one["state"] == "absent" for one in origins.values())
        missing = manifests.missing(connection, caller.organization_id, entry_id) if bare else set()
    own: bool = entry["own"]
    seen = {one["entry_id"] for one in family}
    plain = shape(entry)
    return {
        **plain,
        "variant_of": plain["variant_of"] if plain["variant_of"] in seen else None,
        **said.shown(own=works_on(caller, own=own)),
        "variants": family,
        **parts,
        "assets": [
            {**one, "provenance": _origin(origins.get(UUID(one["asset_id"])), one, missing, own=own)}
            for one in _without_digests(shape_media(media, own=own), caller, own=own)
        ],
    }


def _origin(
    row: dict[str, Any] | None, medium: dict[str, Any], missing: AbstractSet[UUID], *, own: bool
) -> dict[str, Any] | None:
    """Strangers are told a signer whom the deployment knows, and nobody else's name."""
    if row is None:
        return None
    told = provenance.of_asset(row, medium["role"], missing=UUID(medium["asset_id"]) in missing)
    return told if own or row["state"] == "trusted" else {**told, "signer": None, "claim_generator": None}


def works_on(caller: Caller, *, own: bool) -> bool:
    """Whether a caller works on its organization's own entry, and does not merely look up."""
    return own and bool(caller.roles & WORKING)


def _without_digests(media: Iterable[dict[str, Any]], caller: Caller, *, own: bool) -> list[dict[str, Any]]:
    told = caller.sees_signals or works_on(caller, own=own)
    return [one if told else {**one, "sha256": None} for one in media]


def shape_media(rows: Iterable[dict[str, Any]], *, own: bool) -> list[dict[str, Any]]:
    """Media as answered: strangers see those that answer lookups."""
    return [_asset(row, own=own) for row in rows if own or _answers(row)]


def _family(connection: Connection, caller: Caller, entry: dict[str, Any]) -> list[dict[str, Any]]:
    root = entry["variant_of"] or entry["entry_id"]
    found = details.variants(
        connection, caller.organization_id, entry["entry_id"], root, cases=caller.sees_cases
    )
    return [{**row, "entry_id": str(row["entry_id"])} for row in found]


def shape(row: dict[str, Any]) -> dict[str, Any]:
    """An entry's row as answered."""
    return {
        "entry_id": str(row["entry_id"]),
        "bank": row["bank"],
        "title": row["title"],
        "claim": row["claim"],
        "language": row["language"],
        "manipulation": row["manipulation"],
        "tier": row["tier"],
        "original_tier": row["original_tier"],
        "status": row["status"],
        "unverified": row["unverified"],
        "error": _error(row),
        "references": row["references"],
        "variant_of": str(row["variant_of"]) if row["variant_of"] else None,
        "created_at": row["created_at"].isoformat(),
        "matchable_at": row["matchable_at"].isoformat() if row["matchable_at"] else None,
    }


def _asset(row: dict[str, Any], *, own: bool) -> dict[str, Any]:
    error = _error(row) if own else None
    plain = {key: value for key, value in row.items() if key not in {"error_code", "error_message"}}
    return {
        **plain,
        "asset_id": str(row["asset_id"]),
        "filename": row["filename"] if own else "",
        "progress": row["progress"] if own else 1.0,
        "segments": row["segments"] if own else None,
        "error": error,
        "matchable_at": row["matchable_at"].isoformat() if row["matchable_at"] else None,
    }


def _answers(row: dict[str, Any]) -> bool:
    return row["status"] == "fingerprinted" and row["matchable_at"] is not None


def _error(row: dict[str, Any]) -> dict[str, str] | None:
    if row["error_code"] is None:
        return None
    return {"code": row["error_code"], "message": row["error_message"]}
