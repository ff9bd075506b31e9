"""Verdicts of a comparison of media with entries."""

from __future__ import annotations

from typing import Final, Literal

Verdict = Literal["known_fake", "related", "authentic_original", "no_match", "undecidable"]

GRAVITY: Final[tuple[Verdict, ...]] = ("no_match", "authentic_original", "related", "known_fake")
"""Verdicts from least to most severe. The answer has the most severe verdict of any span."""
