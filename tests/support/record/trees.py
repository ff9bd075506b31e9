"""Merkle trees of generated leaves."""

from __future__ import annotations

from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.model.merkle import leaf_hash


def leaves_of(count: int) -> list[bytes]:
    return [leaf_hash(b"%d" % n) for n in range(count)]


def kept_of(hashes: list[bytes], *steps: int) -> dict[merkle.Place, bytes]:
    """Return the stored hashes of a tree that grew by these steps, and then by the rest."""
    kept: dict[merkle.Place, bytes] = {}
    size = 0
    for step in (*steps, len(hashes)):
        grown = merkle.grown(size, hashes[size:step], {p: kept[p] for p in merkle.needed([(0, size)])})
        assert not grown.keys() & kept.keys()
        kept |= grown
        size = max(size, step)
    return kept


def proof(kept: dict[merkle.Place, bytes], ranges: list[merkle.Range]) -> list[bytes]:
    """Compute a proof from only the hashes that `needed` names."""
    given_ = {place: kept[place] for place in merkle.needed(ranges)}
    return [merkle.range_hash(start, stop, given_) for start, stop in ranges]
