"""Detect hash-reconstruction (oracle) attacks in sequences of near-identical lookups. Pure.

The attack: flip one bit after another of a hash that barely matches, and see whether the answer changes. Each
change tells a bit of the registered hash. The many copies of one picture also have hashes near each other,
but they differ in which bits change. Copies flip the few bits near their threshold again and again. An
attacker has to flip all bits.

Each organization's matching hashes are remembered for a while, as centres. A walk is the sequence of later
hashes that share 64 bits in place with a centre and are near it, with the bits they flip. A walk is straight
if its answers differ (or those of one document's frames), and each hash flips about one bit that none flipped
before. Walks of copies are not straight (counted by tests/bench/registry/reencoded.py). An organization is
suspected once its straight walks together have flipped many bits, or any walk three times as many.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

NEAR: Final = 6
"""Most bits by which a hash differs from a centre."""
MOST_CENTRES: Final = 2_000
"""Matching hashes remembered per organization and algorithm; the oldest are dropped first."""
SHARED: Final = 8
"""Bits that a walk must flip before it is reported to other processes."""
HASHES: Final = 10
"""Fewest different hashes of a straight walk ..."""
TURNS: Final = 1.4
"""... most flips per distinct flipped bit ..."""
EACH: Final = (0.7, 1.5)
"""... and fewest and most distinct bits per hash."""
BOUND: Final = 3
"""A walk that flips so many times `most` bits is suspected even if it is not straight."""
COUNTED: Final = 128
"""Most different hashes of a walk that are remembered to skip repeats; with more, flips are more than
enough."""
_PATIENCE: Final = 20
_DIGITS: Final = 64
_PARTS: Final = ((0, 16), (16, 32), (32, 48), (48, 64))


@dataclass(slots=True)
class Walk:
    """Hashes near `centre` (64 hex digits) from one organization, and the bits in which they differ.

    `hashes`: number of different hashes; `marks`: their Python hashes. `counts`: by bit, how many of these
    differ from the centre there. If all differ, it is the centre that is off the walk. `shared`,
    `shared_turns`, `shared_hashes`: totals reported by all processes. `crossed`: some answer differs from
    `answer`, the first one. `middle`: the majority value of each bit, which identifies the walk to other
    processes. `reported`, `reported_turns`, `reported_hashes`: totals that this process has reported.
    """

    centre: str
    answer: Hashable
    hashes: int = 1
    counts: dict[int, int] = field(default_factory=dict)
    marks: set[int] = field(default_factory=set)
    shared: int = 0
    shared_turns: int = 0
    shared_hashes: int = 0
    crossed: bool = False
    middle: str = ""
    reported: int = 0
    reported_turns: int = 0
    reported_hashes: int = 0

    @property
    def turned(self) -> int:
        """The bits in which hashes of the walk differ from each other, as a number."""
        turned = self.shared
        for bit, count in self.counts.items():
            if count < self.hashes - 1:
                turned |= bit
        return turned

    def name(self) -> str:
        """Return the walk's middle, computed on first use."""
        if not self.middle:
            off = sum(bit for bit, count in self.counts.items() if 2 * count > self.hashes)
            self.middle = f"{int(self.centre, 16) ^ off:064x}"
        return self.middle

    @property
    def own_turns(self) -> int:
        """Bits by which all hashes of this process differ from the majority, in total."""
        return sum(min(count, self.hashes - count) for count in self.counts.values())

    @property
    def turns(self) -> int:
        """`own_turns` plus the flips of other processes."""
        return self.shared_turns + self.own_turns - self.reported_turns

    @property
    def all_hashes(self) -> int:
        """`hashes` plus those of other processes."""
        return self.shared_hashes + self.hashes - self.reported_hashes

    @property
    def straight(self) -> bool:
        """Whether the walk looks like nothing but an attempt to learn bits."""
        return is_straight(self.bits, self.turns, self.all_hashes)

    @property
    def bits(self) -> int:
        """Bits of the registered hash that the walk may have revealed; 0 if it revealed none."""
        return self.turned.bit_count() if self.crossed else 0

    def add(self, value: str, answer: Hashable) -> bool:
        """Add a hash near the centre. Return True if it is new and answers of the walk differ."""
        mark = hash(value)
        if mark in self.marks or value == self.centre:
            return False
        if len(self.marks) < COUNTED:
            self.marks.add(mark)
        self.hashes += 1
        self.crossed = self.crossed or answer != self.answer
        apart = int(self.centre, 16) ^ int(value, 16)
        while apart:
            bit = apart & -apart
            self.counts[bit] = self.counts.get(bit, 0) + 1
            apart ^= bit
        return self.crossed


@dataclass(slots=True)
class Walks:
    """Walks of one organization and algorithm. Not thread-safe."""

    by_part: tuple[dict[str, Walk], dict[str, Walk], dict[str, Walk], dict[str, Walk]] = field(
        default_factory=lambda: ({}, {}, {}, {})
    )
    centres: dict[str, Walk] = field(default_factory=dict)
    shared: dict[str, Walk] = field(default_factory=dict)
    """Walks known to other processes, by their middles."""
    straight: dict[str, int] = field(default_factory=dict)
    """Bits flipped by straight walks, by their centres."""

    def near(self, value: str) -> Walk | None:
        """Return the walk on which this hash lies."""
        first, second, third, fourth = self.by_part
        walk = (
            first.get(value[:16])
            or second.get(value[16:32])
            or third.get(value[32:48])
            or fourth.get(value[48:])
        )
        if walk is None:
            return None
        apart = int(walk.centre, 16) ^ int(value, 16)
        return walk if apart.bit_count() <= NEAR else None

    def add(self, value: str, answer: Hashable) -> Walk | None:
        """Add a hash, and return its walk if the walk changed.

        `answer`: everything by which the caller can tell answers apart; None: it matched nothing.
        """
        walk = self.near(value)
        if walk is None:
            if answer is not None:
                self.begin(Walk(value, answer))
            return None
        if not walk.add(value, answer):
            return None
        self._count_straight(walk)
        return walk

    def is_suspected(self, walk: Walk, most: int) -> bool:
        """Tell whether this walk, with the others, reconstructs hashes."""
        return is_suspected(walk.bits, sum(self.straight.values()) if walk.straight else 0, most)

    def _count_straight(self, walk: Walk) -> None:
        if walk.straight:
            self.straight[walk.centre] = walk.bits
        else:
            self.straight.pop(walk.centre, None)

    def begin(self, walk: Walk) -> None:
        """Remember a walk."""
        if len(self.centres) >= MOST_CENTRES:
            self._make_room()
        self.centres[walk.centre] = walk
        for part, (start, end) in zip(self.by_part, _PARTS, strict=True):
            part[walk.centre[start:end]] = walk

    def join(self, centre: str, turned: int, turns: int, hashes: int) -> None:
        """Merge the totals of all processes into the walk near `centre`."""
        walk = self.shared.get(centre) or self.near(centre)
        if walk is None or (walk.middle and walk.middle != centre):
            walk = Walk(centre, None, middle=centre)
            self.begin(walk)
        walk.middle = centre
        self.shared[centre] = walk
        walk.shared |= turned
        walk.shared_turns = max(walk.shared_turns, turns)
        walk.shared_hashes = max(walk.shared_hashes, hashes)
        walk.crossed = True
        self._count_straight(walk)

    def _make_room(self) -> None:
        """Drop one of the oldest walks, if possible one that was not shared."""
        for _ in range(_PATIENCE):
            oldest = self.centres.pop(next(iter(self.centres)))
            if oldest.bits < SHARED:
                break
            self.centres[oldest.centre] = oldest
        else:
            oldest = self.centres.pop(next(iter(self.centres)))
        self._forget(oldest)

    def _forget(self, walk: Walk) -> None:
        centre = walk.centre
        self.straight.pop(centre, None)
        self.shared.pop(walk.middle, None)
        for part, (start, end) in zip(self.by_part, _PARTS, strict=True):
            if part.get(centre[start:end]) is walk:
                del part[centre[start:end]]


@dataclass(frozen=True, slots=True)
class WalkReport:
    """A walk as one process reports it to the others.

    `centre`: its middle; `turned`: 64 hex digits too. `turns`, `hashes`: increase since the last report.
    """

    organization_id: UUID
    caller_id: UUID
    algorithm: str
    centre: str
    turned: str
    turns: int
    hashes: int


@dataclass(frozen=True, slots=True)
class SharedWalk:
    """A walk as all processes together have observed it.

    `refused`: seconds for which the organization's near-identical hashes are refused because of it; 0: they
    are not. `lifted_at`: when the operator last declared it no attack.
    """

    organization_id: UUID
    algorithm: str
    centre: str
    turned: str
    turns: int
    hashes: int
    refused: float
    lifted_at: datetime | None


def is_straight(bits: int, turns: int, hashes: int) -> bool:
    """Tell whether a walk with differing answers flips new bits only, about one per hash."""
    least, most = EACH
    return hashes >= HASHES and turns <= TURNS * bits and least * hashes <= bits <= most * hashes


def is_suspected(bits: int, straight: int, most: int) -> bool:
    """Tell whether a walk that flipped `bits` bits reconstructs a hash.

    `straight`: bits of all straight walks of the organization, or 0 if this walk is not straight.
    """
    return straight >= most or bits >= BOUND * most


def normalised(value: str) -> str:
    """Return a 256-bit hash in lower-case hex without spaces, the form compared here."""
    return value.lower() if len(value) == _DIGITS else bytes.fromhex(value).hex()
