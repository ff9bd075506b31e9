"""Matches as Hasher-Matcher-Actioner gives them: every banked medium within 31 bits, and no verdict. Pure.

Its clients act on a match, so what this registry's answers would never call a fake is no match here either:
genuine footage, what is known to be harmless, and what strangers may not see of unreviewed entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from registry.catalogue.entries.model.entry import Candidate, rank
from registry.matching.alignment.model.nearest import Nearest

RADIUS: Final = 31
"""Bits, of 256: PDQ's customary threshold, and Hasher-Matcher-Actioner's."""
TYPES: Final = ("pdq", "video_md5", "vpdq")
"""Signal types that are answered."""
CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {"photo": ("pdq",), "video": ("video_md5", "vpdq")}
"""Signal types of a content type."""


def matches(near: Sequence[Nearest]) -> list[Nearest]:
    """The fakes that match a hash, the nearest first."""
    shown = [nearest for nearest in near if nearest.bits <= RADIUS and banked(nearest.candidate)]
    return sorted((item for item in shown if not _outdone(item, near)), key=lambda item: item.bits)


def banked(candidate: Candidate) -> bool:
    """Whether a medium is a fake that its bank shows to whoever asks."""
    if candidate.role != "fake" or candidate.harmless:
        return False
    if rank(candidate.tier) < rank(candidate.policy.answer_tier):
        return False
    return candidate.own or candidate.tier != "unreviewed" or candidate.policy.strangers_see_unreviewed


def _outdone(fake: Nearest, near: Iterable[Nearest]) -> bool:
    """Whether genuine or harmless footage is at least as like the hash, and trusted no less."""
    tier = rank(fake.candidate.tier)
    for other in near:
        if other.bits > fake.bits:
            continue
        candidate = other.candidate
        if candidate.harmless and candidate.own and fake.candidate.tier != "court_order":
            return True
        if candidate.role == "original" and not candidate.harmless and rank(candidate.original_tier) >= tier:
            return True
    return False
