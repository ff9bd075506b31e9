"""Provenance of media: C2PA manifests. Owns the table `asset_manifest`."""
