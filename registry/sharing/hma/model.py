"""Matches as in Hasher-Matcher-Actioner: every banked medium within 31 bits, without a verdict.
Pure.

Its clients act on every match. Media that this registry would never call a fake are therefore left out:
genuine footage, allowlisted media, and unreviewed entries that strangers may not see.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from registry.catalogue.entries.model.entry import Candidate, rank
from registry.matching.decision.model.nearest import Nearest
from registry.sharing.hma.errors import UnknownSignalType

RADIUS: Final = 31
"""Maximum distance in bits, of 256: the usual threshold of PDQ and of Hasher-Matcher-Actioner."""
TYPES: Final = ("pdq", "video_md5", "vpdq")
"""Supported signal types."""
CONTENTS: Final[Mapping[str, tuple[str, ...]]] = {"photo": ("pdq",), "video": ("video_md5", "vpdq")}
"""Signal types of each content type."""


UPRIGHT: Final = "pdq_upright"
"""PDQ of a photo as shown, beside `pdq`, that of its pixels as they lie in the file. For matching alone."""

QUICK: Final[Mapping[str, tuple[str, ...]]] = {"photo": ("pdq",), "video": ("video_md5",)}
"""Signal types that need no whole video decoded."""


@dataclass(frozen=True, slots=True)
class Selection:
    """The signal types that a request names. `named`: None if it names none; then those of `default` by
    content type. `upright`: `UPRIGHT` belongs to pdq."""

    named: tuple[str, ...] | None
    default: Mapping[str, tuple[str, ...]]
    upright: bool = False

    @classmethod
    def read(
        cls, text: str | None, default: Mapping[str, tuple[str, ...]], *, upright: bool = False
    ) -> Selection:
        """Parse names separated by commas. Raises `BadInput` (`unknown_signal_type`)."""
        if text is None:
            return cls(None, default, upright)
        named = tuple(part.strip() for part in text.split(",") if part.strip())
        if not named:
            raise UnknownSignalType("empty signal type selection")
        if unknown := set(named) - {*TYPES}:
            raise UnknownSignalType.of(min(unknown)[:50])
        return cls(named, default, upright)

    def of(self, content: str) -> frozenset[str]:
        """Return the types for a content type. Raises `BadInput` (`unknown_signal_type`) if a named type is
        not of it."""
        if self.named is None:
            return self._both(frozenset(self.default[content]))
        if wrong := set(self.named) - {*CONTENTS[content]}:
            raise UnknownSignalType(f"signal type {min(wrong)!r} doesn't exist for a {content}")
        return self._both(frozenset(self.named))

    def _both(self, types: frozenset[str]) -> frozenset[str]:
        return types | {UPRIGHT} if self.upright and "pdq" in types else types


BANK_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]*")
"""Names that HMA accepts for a bank."""


@dataclass(frozen=True, slots=True)
class SignalIndex:
    """The hashes of one signal type. `built_to`: time of the newest, in seconds since 1970; -1: none."""

    size: int
    built_to: int


def matches(near: Sequence[Nearest]) -> list[Nearest]:
    """Return the fakes that match a hash, nearest first."""
    shown = [nearest for nearest in near if nearest.bits <= RADIUS and banked(nearest.candidate)]
    return sorted((fake for fake in shown if not _outdone(fake, near)), key=lambda fake: fake.bits)


def banked(candidate: Candidate) -> bool:
    """Return whether a medium is a fake that its bank shows to this caller."""
    if candidate.role != "fake" or candidate.allowlisted:
        return False
    if rank(candidate.tier) < rank(candidate.policy.answer_tier):
        return False
    return candidate.own or candidate.tier != "unreviewed" or candidate.policy.strangers_see_unreviewed


def _outdone(fake: Nearest, near: Iterable[Nearest]) -> bool:
    """Return whether genuine or allowlisted footage is at least as close to the hash, and at least as
    trusted."""
    tier = rank(fake.candidate.tier)
    for other in near:
        if other.bits > fake.bits:
            continue
        candidate = other.candidate
        if candidate.allowlisted and candidate.own and fake.candidate.tier != "court_order":
            return True
        if (
            candidate.role == "original"
            and not candidate.allowlisted
            and rank(candidate.original_tier) >= tier
        ):
            return True
    return False
