"""C2PA soft binding resolution: find the manifests of media with a similar fingerprint."""
