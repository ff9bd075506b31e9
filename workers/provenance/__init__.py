"""Where media say that they come from: manifests of C2PA, read offline in a process of their own."""

from workers.provenance.reader import read_manifest, trust_list

__all__ = ["read_manifest", "trust_list"]
