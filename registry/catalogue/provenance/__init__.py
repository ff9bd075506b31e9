"""Provenance of media: C2PA manifests. Owns: `asset_manifest`."""

from registry.catalogue.provenance.store import fetchable, manifest_store, of_assets, of_matches

__all__ = ["fetchable", "manifest_store", "of_assets", "of_matches"]
