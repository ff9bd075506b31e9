"""Fetch a manifest of C2PA that a registered medium carried."""

from __future__ import annotations

from registry.catalogue.provenance import store as manifests
from registry.catalogue.provenance.model.jumbf import active_manifest
from registry.core.errors import BadInput, NotFound
from registry.core.service import Service
from registry.identity.callers.model import Caller

LONGEST = 200
"""Characters of an identifier that is kept."""


def fetch_manifest(service: Service, caller: Caller, manifest_id: str, *, active: bool = False) -> bytes:
    """The manifest store whose active manifest has that identifier, byte for byte as the medium carried it;
    `active`: a store that holds the active manifest alone. Needs `lookup`.

    Of the caller's organization; of others their originals', as far as the bank's policy `share_manifests`
    goes. Small pictures of fakes are given to nobody. Raises `NotFound` (`unknown_manifest`) also for what
    the caller may not fetch, `BadInput` (`bad_manifest_id`).
    """
    caller.require("lookup")
    if not 0 < len(manifest_id) <= LONGEST or not manifest_id.isprintable():
        raise BadInput("A manifest's identifier is such as urn:c2pa:….", code="bad_manifest_id")
    with service.pool.transaction() as connection:
        found = manifests.fetchable(connection, caller.organization_id, label=manifest_id)
        store = manifests.store(connection, next(iter(found))) if found else None
    if store is not None and active:
        store = active_manifest(store, manifest_id)
    if store is None:
        raise NotFound("There is no manifest of that identifier.", code="unknown_manifest")
    return store
