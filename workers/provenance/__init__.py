"""Provenance of media: C2PA manifests, read offline in a separate process."""

from workers.provenance.reader import read_manifest
from workers.provenance.trust import NOBODY, Trust, trust_of

__all__ = ["NOBODY", "Trust", "read_manifest", "trust_of"]
