"""C2PA's soft binding resolution: from a fingerprint to the manifests registered with it."""
