"""Provenance of media: C2PA manifests. Owns: `asset_manifest`."""
