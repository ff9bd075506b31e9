"""Where media say that they come from: manifests of C2PA, read offline in a process of their own."""

from workers.provenance.reader import read_manifest
from workers.provenance.trust import NOBODY, Trust, trust_of

__all__ = ["NOBODY", "Trust", "read_manifest", "trust_of"]
