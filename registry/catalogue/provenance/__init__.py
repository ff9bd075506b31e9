"""Provenance of media: C2PA manifests. Owns: `asset_manifest`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from registry.catalogue.provenance.store import fetchable, manifest_store, of_assets, of_matches
else:
    from registry.core.faces import lazily

    __getattr__ = lazily(__name__)

__all__ = ["fetchable", "manifest_store", "of_assets", "of_matches"]
