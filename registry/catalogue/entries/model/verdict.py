"""What is said of media that are compared with entries."""

from __future__ import annotations

from typing import Final, Literal

Verdict = Literal["known_fake", "related", "authentic_original", "no_match", "undecidable"]

GRAVITY: Final[tuple[Verdict, ...]] = ("no_match", "authentic_original", "related", "known_fake")
"""Rule 1: the gravest verdict of any span is the answer's."""
