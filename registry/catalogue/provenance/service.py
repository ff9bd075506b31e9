"""What the C2PA manifests of registered media say, and the manifests themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.errors import BadManifestId, UnknownManifest
from registry.catalogue.provenance.model.jumbf import active_manifest
from registry.catalogue.provenance.model.provenance import NOTES
from registry.catalogue.provenance.schemas import AssetProvenance
from registry.core.service import Service
from registry.identity.callers.model import Caller


def asset_provenance(row: Mapping[str, Any], role: str, *, missing: bool) -> AssetProvenance:
    """Return what the manifest of an entry's medium says, for its own organization.

    `row`: of `asset_manifest`. `missing`: another registered medium with the same footage has a valid
    manifest.
    """
    return AssetProvenance.model_validate(
        {
            **row,
            "note": NOTES.get(row["state"]),
            "proposed_tier": "reviewed" if row["source"] and role == "original" else None,
            "failures": [failure for failure in row["said"].get("failures", ()) if failure],
            "ingredients": len(row["said"].get("ingredients", ())),
            "manifest_missing": missing,
        }
    )


LONGEST = 200
"""Most characters of a manifest identifier."""


def fetch_manifest(service: Service, caller: Caller, manifest_id: str, *, active: bool = False) -> bytes:
    """Return the manifest store whose active manifest has this identifier, byte for byte. Needs `lookup`.

    `active`: return a store that holds only the active manifest. Media of the caller's organization qualify;
    of other organizations only originals, as far as the bank's policy `share_manifests` allows. A store with
    thumbnails of a fake is never returned, nor any of a private intake case.

    Raises `NotFound` (`unknown_manifest`), also for a manifest that the caller may not fetch, `BadInput`
    (`bad_manifest_id`).
    """
    caller.require("lookup")
    if not 0 < len(manifest_id) <= LONGEST or not manifest_id.isprintable():
        raise BadManifestId("A manifest's identifier looks like urn:c2pa:….")
    with service.pool.transaction() as connection:
        media = manifests.fetchable(connection, caller.organization_id, label=manifest_id)
        store = manifests.manifest_store(connection, next(iter(media))) if media else None
    if store is not None and active:
        store = active_manifest(store, manifest_id)
    if store is None:
        raise UnknownManifest("There is no manifest of that identifier.")
    return store
