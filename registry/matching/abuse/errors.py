"""Errors of hash-reconstruction attacks."""

from __future__ import annotations

from registry.core.errors import TooMany


class ReconstructionSuspected(TooMany):
    meaning = (
        "Lookups of near-identical hashes seem to reconstruct a registered one; other hashes are answered."
    )
