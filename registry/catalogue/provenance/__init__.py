"""What media say of their origin (C2PA manifests). Owns: `asset_manifest`."""
