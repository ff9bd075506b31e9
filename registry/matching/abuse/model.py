"""Sequences of lookups that walk along a boundary of what is registered, to reconstruct its hashes. Pure.

Whoever turns one bit after another of a hash that barely matches, and looks whether the answer changes,
learns a bit of the registered hash with each. What tells such a walk from the many copies of one picture,
whose hashes are near each other too, is where they differ: copies turn the few bits that lie close to their
threshold, over and over; who wants to know all bits has to turn all.

So an organization's hashes that matched are remembered for a while, as centres; of a hash that shares 64 bits
in place with one and is near it, what it turned is added to that centre's walk. Where the answers on a walk
differ, or within one document its frames', and each hash turns about one bit that none has turned before, the
walk is straight: those of copies are not (tests/bench/registry/reencoded.py counts). An organization is
suspected once its straight walks have turned many bits together, or any walk three times as many.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

NEAR: Final = 6
"""Bits by which a hash differs from a centre at most."""
MOST_CENTRES: Final = 2_000
"""Hashes that matched, remembered for an organization and an algorithm; the oldest go first."""
SHARED: Final = 8
"""Bits that a walk has turned before other processes are told of it."""
HASHES: Final = 10
"""Different hashes of a straight walk, at least ..."""
TURNS: Final = 1.4
"""... its turns for each bit that it turns, at most ..."""
EACH: Final = (0.7, 1.5)
"""... and the bits for each hash, at least and at most."""
BOUND: Final = 3
"""A walk that turns so many times `most` bits is suspected, however it goes."""
COUNTED: Final = 128
"""Different hashes of a walk whose turns are counted; with more, turns are more than enough."""
_PATIENCE: Final = 20
_DIGITS: Final = 64
_PARTS: Final = ((0, 16), (16, 32), (32, 48), (48, 64))


@dataclass(slots=True)
class Walk:
    """Hashes near `centre` (64 hex digits), asked by one organization, and where they differ.

    `hashes`: how many different ones, and `marks` of them. `counts`: by bit, how many of these differ from
    the centre there; where all do, the centre is off the walk. `known`, `known_turns`, `known_hashes`: what
    all processes together have told. `crossed`: answers differ from `answer`, the first one's. `middle`: what
    most of the hashes have, by which others know it. `told`, `told_turns`, `told_hashes`: what this process
    has told.
    """

    centre: str
    answer: Hashable
    hashes: int = 1
    counts: dict[int, int] = field(default_factory=dict)
    marks: set[int] = field(default_factory=set)
    known: int = 0
    known_turns: int = 0
    known_hashes: int = 0
    crossed: bool = False
    middle: str = ""
    told: int = 0
    told_turns: int = 0
    told_hashes: int = 0

    @property
    def turned(self) -> int:
        """The bits in which hashes of the walk differ from each other, as a number."""
        turned = self.known
        for bit, count in self.counts.items():
            if count < self.hashes - 1:
                turned |= bit
        return turned

    def name(self) -> str:
        """Its middle, found when it is first asked for."""
        if not self.middle:
            off = sum(bit for bit, count in self.counts.items() if 2 * count > self.hashes)
            self.middle = f"{int(self.centre, 16) ^ off:064x}"
        return self.middle

    @property
    def own_turns(self) -> int:
        """By how many bits all hashes together differ from what most of them have."""
        return sum(min(count, self.hashes - count) for count in self.counts.values())

    @property
    def turns(self) -> int:
        """As `own_turns`, with the others'."""
        return self.known_turns + self.own_turns - self.told_turns

    @property
    def all_hashes(self) -> int:
        """As `hashes`, with the others'."""
        return self.known_hashes + self.hashes - self.told_hashes

    @property
    def straight(self) -> bool:
        """Whether it looks like nothing but an attempt to learn bits."""
        return is_straight(self.bits, self.turns, self.all_hashes)

    @property
    def bits(self) -> int:
        """How many bits of the registered hash it may have told; 0 where it told none."""
        return self.turned.bit_count() if self.crossed else 0

    def add(self, value: str, answer: Hashable) -> bool:
        """Whether a hash near the centre is news."""
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
    """One organization's, of one algorithm. Not for several threads at once."""

    by_part: tuple[dict[str, Walk], dict[str, Walk], dict[str, Walk], dict[str, Walk]] = field(
        default_factory=lambda: ({}, {}, {}, {})
    )
    centres: dict[str, Walk] = field(default_factory=dict)
    shared: dict[str, Walk] = field(default_factory=dict)
    """Those that other processes know, by their middles."""
    straight: dict[str, int] = field(default_factory=dict)
    """The bits that straight walks have turned, by their centres."""

    def near(self, value: str) -> Walk | None:
        """The walk on which this hash lies."""
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

    def seen(self, value: str, answer: Hashable) -> Walk | None:
        """The walk on which this hash lies, where that has changed by it. `answer`: all that the caller can
        tell answers apart by; None: it matched nothing."""
        walk = self.near(value)
        if walk is None:
            if answer is not None:
                self.begin(Walk(value, answer))
            return None
        if not walk.add(value, answer):
            return None
        self._weigh(walk)
        return walk

    def is_suspected(self, walk: Walk, most: int) -> bool:
        """Whether this walk, with the others, reconstructs hashes."""
        return is_suspected(walk.bits, sum(self.straight.values()) if walk.straight else 0, most)

    def _weigh(self, walk: Walk) -> None:
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
        """Add what all processes know of the walk near `centre`."""
        walk = self.shared.get(centre) or self.near(centre)
        if walk is None or (walk.middle and walk.middle != centre):
            walk = Walk(centre, None, middle=centre)
            self.begin(walk)
        walk.middle = centre
        self.shared[centre] = walk
        walk.known |= turned
        walk.known_turns = max(walk.known_turns, turns)
        walk.known_hashes = max(walk.known_hashes, hashes)
        walk.crossed = True
        self._weigh(walk)

    def _make_room(self) -> None:
        """Forget one of the oldest, of which nothing may have been told if there is such a one."""
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
class Turned:
    """What a process tells the others of a walk. `centre`: its middle; `turned`: 64 hex digits too. `turns`,
    `hashes`: more of them than it told before."""

    organization_id: UUID
    caller_id: UUID
    algorithm: str
    centre: str
    turned: str
    turns: int
    hashes: int


@dataclass(frozen=True, slots=True)
class Heard:
    """What is known of a walk by all. `refused`: seconds for which the organization is refused near-identical
    hashes for it, 0: it is not. `lifted_at`: when the operator said last that it was no attempt."""

    organization_id: UUID
    algorithm: str
    centre: str
    turned: str
    turns: int
    hashes: int
    refused: float
    lifted_at: datetime | None


def is_straight(bits: int, turns: int, hashes: int) -> bool:
    """Whether a walk of so many hashes, whose answers differ, turns new bits only, about one each."""
    least, most = EACH
    return hashes >= HASHES and turns <= TURNS * bits and least * hashes <= bits <= most * hashes


def is_suspected(bits: int, straight: int, most: int) -> bool:
    """Whether a walk that has turned so many bits reconstructs a hash. `straight`: if it is straight, those
    of all straight walks of its organization."""
    return straight >= most or bits >= BOUND * most


def written(value: str) -> str:
    """A hash of 256 bits, as `bytes.fromhex` reads it, in the one way that is compared here."""
    return value.lower() if len(value) == _DIGITS else bytes.fromhex(value).hex()
