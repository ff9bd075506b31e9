"""Roots and proofs, against a tree written as RFC 6962 defines it, and against published vectors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.transparency.ledger.model import merkle
from registry.transparency.ledger.model.merkle import Growing, Unproven, leaf_hash, node_hash
from tests.support.record.trees import kept_of, leaves_of, proof

LEAVES = [
    bytes.fromhex(item)
    for item in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
"""The test leaves of Certificate Transparency's reference implementation."""
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def naive(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, of leaves' hashes."""
    if not leaves:
        return merkle.EMPTY
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(naive(leaves[:k]), naive(leaves[k:]))


def naive_path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive(leaves[:k])]


def naive_proof(m: int, leaves: list[bytes], *, whole: bool = True) -> list[bytes]:
    """SUBPROOF of section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [naive(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole=whole), naive(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], whole=False), naive(leaves[:k])]


def test_the_vectors_of_certificate_transparency() -> None:
    tree = Growing()
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        tree.append(leaf_hash(leaf))
        assert tree.root.hex() == root
    assert merkle.EMPTY.hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_the_consistency_proof_of_certificate_transparency() -> None:
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    made = proof(kept_of(hashes), merkle.consistency_ranges(6, 8))
    assert [item.hex() for item in made] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.integers(1, 400), st.data())
def test_a_leaf_is_proved_as_the_definition_says(size: int, data: st.DataObject) -> None:
    hashes, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    kept = kept_of(hashes, *sorted(data.draw(st.lists(st.integers(0, size), max_size=4))))
    made = proof(kept, merkle.inclusion_ranges(index, size))
    assert made == naive_path(index, hashes)
    assert len(made) <= (size - 1).bit_length()
    root = merkle.range_hash(0, size, {p: kept[p] for p in merkle.needed([(0, size)])})
    assert root == naive(hashes)
    merkle.verify_inclusion(hashes[index], index, size, made, root)


@given(st.integers(0, 400), st.integers(0, 400))
def test_growth_is_proved_as_the_definition_says(one: int, other: int) -> None:
    first, second = sorted((one, other))
    hashes = leaves_of(second)
    made = proof(kept_of(hashes, first), merkle.consistency_ranges(first, second))
    assert made == (naive_proof(first, hashes) if first else [])
    merkle.verify_consistency(first, second, made, naive(hashes[:first]), naive(hashes))


@given(st.integers(2, 300), st.data())
def test_other_leaves_are_not_proved(size: int, data: st.DataObject) -> None:
    hashes, index = leaves_of(size), data.draw(st.integers(0, size - 1))
    made, root = naive_path(index, hashes), naive(hashes)
    spoilt = data.draw(st.sampled_from(["leaf", "index", "short", "long", "turned", "root"]))
    leaf, at, path = hashes[index], index, list(made)
    if spoilt == "leaf":
        leaf = leaf_hash(b"another")
    elif spoilt == "index":
        at = (index + data.draw(st.integers(1, size - 1))) % size
    elif spoilt == "short":
        path.pop(data.draw(st.integers(0, len(path) - 1)))
    elif spoilt == "long":
        path.insert(data.draw(st.integers(0, len(path))), leaf_hash(b"more"))
    elif spoilt == "turned":
        path[data.draw(st.integers(0, len(path) - 1))] = leaf_hash(b"turned")
    else:
        root = naive(hashes[:-1])
    with pytest.raises(Unproven):
        merkle.verify_inclusion(leaf, at, size, path, root)


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_history_that_was_changed_is_not_consistent(one: int, more: int, data: st.DataObject) -> None:
    first, second = one, one + more
    before, after = leaves_of(first), leaves_of(second)
    changed = data.draw(st.integers(0, first - 1))
    after[changed] = leaf_hash(b"rewritten")
    made = naive_proof(first, after)
    with pytest.raises(Unproven):
        merkle.verify_consistency(first, second, made, naive(before), naive(after))
    with pytest.raises(Unproven):
        merkle.verify_consistency(second, first, made, naive(after), naive(before))


def test_requests_beyond_the_tree_fail() -> None:
    with pytest.raises(ValueError, match="no such leaf"):
        merkle.inclusion_ranges(3, 3)
    with pytest.raises(ValueError, match="larger"):
        merkle.consistency_ranges(4, 3)
    with pytest.raises(Unproven, match="outside"):
        merkle.verify_inclusion(merkle.EMPTY, 3, 3, [], merkle.EMPTY)
    with pytest.raises(Unproven):
        merkle.verify_consistency(0, 3, [], leaf_hash(b""), merkle.EMPTY)
