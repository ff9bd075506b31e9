"""Errors of hash-reconstruction attacks."""

from __future__ import annotations

from registry.core.errors import TooMany


class ReconstructionSuspected(TooMany):
    meaning = "Near-identical hashes were asked, as if to reconstruct a registered one; others are answered."
