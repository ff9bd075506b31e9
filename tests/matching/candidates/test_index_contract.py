"""What every candidate index promises, beside one that compares with all; what rows decide afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.database.pool import Connection
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.candidates.model.index import CandidateIndex, Hit, votes
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import EFFORT, FAR, RADIUS, Probe
from registry.matching.candidates.store.near import PostgresIndex
from registry.matching.lookups.service.pipeline import probe
from tests.support.entries import lose_entries, set_visibility, withdraw
from tests.support.matching.memory_index import MemoryIndex
from tests.support.matching.worlds import ALGORITHMS, World
from tests.support.media import drawn

LEAST_EFFORT, MOST_EFFORT = 0, 16


def adapters(connection: Connection, memory: MemoryIndex) -> list[CandidateIndex]:
    """Every adapter: each is held to the same promises."""
    return [PostgresIndex(connection), PostgresIndex(connection, exact=True), memory]


def moments(hits: Sequence[Hit]) -> set[tuple[int, int, float]]:
    return {(hit.place, hit.asset_no, round(hit.time, 3)) for hit in hits}


def flipped(value: bytes, bits: Sequence[int]) -> bytes:
    row = np.unpackbits(np.frombuffer(value, np.uint8))
    row[list(bits)] ^= 1
    return np.packbits(row).tobytes()


def proposed(
    connection: Connection, asked: Probe, caller: Caller | None, index: CandidateIndex | None
) -> list[tuple[UUID, UUID]]:
    organization_id = caller.organization_id if caller else None
    found = candidates.propose(connection, asked, organization_id=organization_id, bank_id=None, index=index)
    return [(candidate.entry_id, candidate.asset_id) for candidate in found]


def of_hashes(world: World, count: int) -> list[Probe]:
    values = [world.near(40) for _ in range(count)]
    return [Probe([value], [], [], None) for value in values] + [
        Probe([], [value], [], None) for value in values
    ]


@pytest.mark.slow
def test_hits_are_those_of_exact_search_as_far_as_effort_reaches(service: Service, owner: Caller) -> None:
    world = World(service, owner, 1)
    memory = MemoryIndex.filled(service)

    with service.pool.transaction() as connection:

        @settings(max_examples=25, deadline=None)
        @given(
            st.sampled_from(ALGORITHMS),
            st.lists(st.sampled_from(world.bases), min_size=1, max_size=3),
            st.sets(st.integers(0, 255), max_size=RADIUS),
            st.integers(LEAST_EFFORT, MOST_EFFORT),
        )
        def law(algorithm: str, bases: list[bytes], bits: set[int], effort: int) -> None:
            values = [flipped(base, sorted(bits)) for base in bases]
            every = set(memory.near_hashes(algorithm, values, radius=RADIUS, effort=effort))
            for index in adapters(connection, memory):
                found = set(index.near_hashes(algorithm, values, radius=RADIUS, effort=effort))
                assert found <= every, "nothing is invented"
                assert {hit for hit in every if hit.apart == 0} <= found
                if index == PostgresIndex(connection):
                    more = set(index.near_hashes(algorithm, values, radius=RADIUS, effort=MOST_EFFORT))
                    assert found <= more, "more effort finds no less"
                else:
                    assert found == every

        law()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_keys_find_what_is_near_but_for_a_few_of_the_farthest(
    service: Service, owner: Caller, algorithm: str
) -> None:
    clip = drawn.clip("near")
    register_entry(service, owner, Registration(fakes=[clip]))
    draw = np.random.default_rng(3)
    stored = [frame.phash256 if algorithm == "phash256.1" else frame.pdq for frame in clip.frames]
    values = [
        flipped(value, draw.choice(256, bits, replace=False).tolist())
        for value in stored
        if value is not None
        for bits in range(32)
    ]
    memory = MemoryIndex.filled(service)
    with service.pool.transaction() as connection:
        for index in adapters(connection, memory):
            found = moments(index.near_hashes(algorithm, values, radius=RADIUS, effort=EFFORT))
            every = moments(memory.near_hashes(algorithm, values, radius=RADIUS, effort=EFFORT))
            assert len(every) == len(values)
            assert len(found) >= 0.97 * len(every)


def test_near_vectors_are_those_of_exact_search(service: Service, owner: Caller) -> None:
    register_entry(
        service, owner, Registration(fakes=[drawn.clip("a"), drawn.clip("a", noise=0.3), drawn.clip("b")])
    )
    memory = MemoryIndex.filled(service)
    asked = [frame.sscd for frame in drawn.clip("a", noise=0.1).frames[:6] if frame.sscd]
    with service.pool.transaction() as connection:
        for index in adapters(connection, memory):
            every = moments(memory.near_vectors("sscd.1", asked, distance=FAR, most=2))
            found = moments(index.near_vectors("sscd.1", asked, distance=FAR, most=2))
            assert len(every) == len(found) == 2 * len(asked), "of each of the two"
            assert found == every
            assert not index.near_vectors("sscd.2", asked, distance=FAR, most=2), "of another model"
            assert not index.near_vectors("sscd.1", [], distance=FAR, most=2)
            assert not index.near_hashes("pdq.1", [], radius=RADIUS, effort=EFFORT)


@pytest.mark.slow
def test_who_sees_what_is_decided_by_rows_whatever_the_index_found(service: Service, owner: Caller) -> None:
    world = World(service, owner, 2)
    stale = MemoryIndex.filled(service)
    asked = [*of_hashes(world, 2), probe(world.sure)]
    callers = (*world.callers, None)

    def compare() -> int:
        """Return how much every caller sees by the stale index, which is what rows say now."""
        count = 0
        with service.pool.transaction() as connection:
            for caller in callers:
                for item in asked:
                    every = proposed(connection, item, caller, PostgresIndex(connection, exact=True))
                    assert proposed(connection, item, caller, stale) == every
                    count += len(every)
                for item in asked[:-1]:
                    by_keys = proposed(connection, item, caller, PostgresIndex(connection))
                    assert proposed(connection, item, caller, None) == by_keys
        return count

    seen = [compare()]
    with service.pool.transaction() as connection:
        gone = connection.execute("SELECT entry_id FROM entry ORDER BY entry_id LIMIT 8").fetchall()
    for row in gone:
        withdraw(service, row["entry_id"])
    seen.append(compare())
    set_visibility(service, "private")
    seen.append(compare())
    assert seen[0] > seen[1] > seen[2] > 0
    withdraw(service)
    assert compare() == 0
    lose_entries(service)
    assert compare() == 0


def test_an_index_of_its_own_finds_for_a_document_what_the_statement_finds(
    service: Service, owner: Caller
) -> None:
    for name in ("first", "second", "third"):
        register_entry(service, owner, Registration(fakes=[drawn.clip(name), drawn.clip(name, noise=0.1)]))
    memory = MemoryIndex.filled(service)
    asked = probe(drawn.clip("second", noise=0.05, file="copy"))
    with service.pool.transaction() as connection:
        expected = proposed(connection, asked, owner, None)
        assert len(expected) == 2
        for index in adapters(connection, memory):
            assert proposed(connection, asked, owner, index) == expected


def test_an_asset_is_voted_for_once_a_value_by_its_nearest_moment() -> None:
    hits = [Hit(0, 7, 1.0, 64), Hit(0, 7, 2.0, 0), Hit(1, 7, 1.0, 128), Hit(1, 9, 0.0, 64)]
    assert votes([(hits, 256), ([Hit(0, 9, 3.0, 0.25)], 1)]) == {7: 1.5, 9: 1.5}
