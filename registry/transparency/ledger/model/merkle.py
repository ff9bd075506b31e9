"""The Merkle tree of the ledger: hashes, roots and proofs of RFC 6962 (section 2.1), unchanged in RFC 9162.

A hash has 32 bytes (SHA-256). Every hash of a proof covers a range of leaves. A range consists of complete
subtrees. Only subtree hashes at heights 0, `STEP`, 2 x `STEP`, … are stored. Appending and proving therefore
read at most 15 hashes a step, and no stored hash is ever changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

HASH_BYTES: Final = 32
STEP: Final = 4
"""Levels between stored hashes: one for 16 below it."""
EMPTY: Final = hashlib.sha256(b"").digest()
"""Root of an empty tree."""

Range = tuple[int, int]
"""Leaves from the first number up to but not including the second."""
Place = tuple[int, int]
"""A stored hash: its height (0: a leaf) and its position among those of that height."""
Hashes = Mapping[Place, bytes]


class Unproven(ValueError):
    """The proof does not show what it should."""


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of a leaf's bytes."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of an inner node."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Return the ranges whose hashes prove that a leaf is at `index` of a tree of `size`, from the leaf
    up."""
    if not 0 <= index < size:
        raise ValueError("no such leaf in a tree of that size")
    ranges: list[Range] = []
    start, stop = 0, size
    while stop - start > 1:
        middle = start + _left(stop - start)
        if index < middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start = middle
    return ranges[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Return the ranges whose hashes prove that a tree of `second` leaves begins with one of `first`."""
    if not 0 <= first <= second:
        raise ValueError("the first tree is larger than the second")
    if first in {0, second}:
        return []
    ranges: list[Range] = []
    start, stop, whole = 0, second, True
    while stop != first:
        middle = start + _left(stop - start)
        if first <= middle:
            ranges.append((middle, stop))
            stop = middle
        else:
            ranges.append((start, middle))
            start, whole = middle, False
    return ranges[::-1] if whole else [(start, stop), *ranges[::-1]]


def needed(ranges: Iterable[Range]) -> set[Place]:
    """Return the stored hashes from which those ranges are computed."""
    places: set[Place] = set()
    for start, stop in ranges:
        for height, position in _subtrees(start, stop):
            places.update(_below(height, position))
    return places


def range_hash(start: int, stop: int, stored: Hashes) -> bytes:
    """Return the hash of a range of leaves that begins a tree or is a side of one.

    Raises `KeyError` if `stored` lacks a hash that `needed` names.
    """
    if start == stop:
        return EMPTY
    hashes = [_complete(height, position, stored) for height, position in _subtrees(start, stop)]
    whole = hashes.pop()
    while hashes:
        whole = node_hash(hashes.pop(), whole)
    return whole


def grown(size: int, leaves: Sequence[bytes], stored: Hashes) -> dict[Place, bytes]:
    """Return the hashes to store when leaves with these hashes are appended to `size` others.

    `stored` must hold the hashes that `needed([(0, size)])` names. The result includes the leaves (height 0).
    """
    added: dict[Place, bytes] = {(0, size + n): leaf for n, leaf in enumerate(leaves)}
    height, first, after = 0, size, size + len(leaves)
    while after >> STEP:
        for position in range(first >> STEP, after >> STEP):
            hashes = [
                added[place] if (place := (height, below)) in added else stored[place]
                for below in range(position << STEP, (position + 1) << STEP)
            ]
            added[(height + STEP, position)] = _folded(hashes)
        height, first, after = height + STEP, first >> STEP, after >> STEP
    return added


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Verify an inclusion proof for the leaf's hash (RFC 9162, section 2.1.3.2). Raises `Unproven`."""
    if not 0 <= index < size:
        raise Unproven("the leaf is outside of the tree")
    fn, sn, computed = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise Unproven("the proof is too long")
        computed = node_hash(sibling, computed) if _from_left(fn, sn) else node_hash(computed, sibling)
        fn, sn = _up(fn, sn)
    if sn:
        raise Unproven("the proof is too short")
    if computed != root:
        raise Unproven("the proof leads to another root")


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes
) -> None:
    """Verify a consistency proof (RFC 9162, section 2.1.4.2). Raises `Unproven`."""
    if first > second:
        raise Unproven("the later tree is smaller")
    if first in {0, second}:
        _trivial(first, second, proof, first_root, second_root)
        return
    path = list(proof) if first & (first - 1) else [first_root, *proof]
    if not path:
        raise Unproven("the proof is too short")
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    old = new = path[0]
    for sibling in path[1:]:
        if sn == 0:
            raise Unproven("the proof is too long")
        if _from_left(fn, sn):
            old, new = node_hash(sibling, old), node_hash(sibling, new)
        else:
            new = node_hash(new, sibling)
        fn, sn = _up(fn, sn)
    if sn:
        raise Unproven("the proof is too short")
    if (old, new) != (first_root, second_root):
        raise Unproven("the proof leads to another root")


@dataclass(slots=True)
class Growing:
    """Root of a growing tree, with one hash for each complete subtree, the largest first."""

    size: int = 0
    _hashes: list[bytes] = field(default_factory=list)

    def append(self, leaf: bytes) -> None:
        """Append a leaf by its hash."""
        whole, count = leaf, self.size
        while count & 1:
            whole, count = node_hash(self._hashes.pop(), whole), count >> 1
        self._hashes.append(whole)
        self.size += 1

    @property
    def root(self) -> bytes:
        """Return the present root."""
        if not self._hashes:
            return EMPTY
        whole = self._hashes[-1]
        for hash_ in self._hashes[-2::-1]:
            whole = node_hash(hash_, whole)
        return whole


def _from_left(fn: int, sn: int) -> bool:
    """Return whether the next hash of a proof is the left sibling.

    `fn`: number of the node in its level. `sn`: number of the last node in that level.
    """
    return bool(fn & 1) or fn == sn


def _up(fn: int, sn: int) -> tuple[int, int]:
    """Move up to the level in which the node has a sibling again."""
    if fn == sn:
        while not fn & 1 and fn:
            fn, sn = fn >> 1, sn >> 1
    return fn >> 1, sn >> 1


def _trivial(first: int, second: int, proof: Sequence[bytes], first_root: bytes, second_root: bytes) -> None:
    if proof:
        raise Unproven("the proof is too long")
    if first == second and first_root != second_root:
        raise Unproven("two trees of one size have different roots")
    if first == 0 and first_root != EMPTY:
        raise Unproven("an empty tree has another root")


def _left(size: int) -> int:
    """Return the largest power of two below `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtrees(start: int, stop: int) -> list[Place]:
    """Return the complete subtrees of a range, as height and position, from left to right."""
    subtrees = []
    while start < stop:
        fits = (stop - start).bit_length() - 1
        height = fits if start == 0 else min(fits, (start & -start).bit_length() - 1)
        subtrees.append((height, start >> height))
        start += 1 << height
    return subtrees


def _below(height: int, position: int) -> list[Place]:
    """Return the stored hashes from which a complete subtree is computed."""
    over = height % STEP
    return [(height - over, position_) for position_ in range(position << over, (position + 1) << over)]


def _complete(height: int, position: int, stored: Hashes) -> bytes:
    return _folded([stored[place] for place in _below(height, position)])


def _folded(hashes: Sequence[bytes]) -> bytes:
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(level[n], level[n + 1]) for n in range(0, len(level), 2)]
    return level[0]
