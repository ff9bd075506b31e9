"""Walks along a boundary are told from copies of one picture, in bounded memory."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.catalogue.media.model import Media
from registry.core.errors import TooMany
from registry.identity.callers.model import Caller
from registry.matching.abuse import model as reconstruction
from registry.matching.abuse.guard import ReconstructionGuard
from registry.matching.abuse.model import SharedWalk, Walks
from registry.matching.abuse.service import News
from registry.operations.api.instruments import Instruments

MOST = 32
BASE = random.Random(1).getrandbits(256)  # noqa: S311
PDQ = "pdq.1"


def written(value: int) -> str:
    return f"{value:064x}"


def shown(*confidences: float) -> dict[str, Any]:
    """An answer with these matches."""
    return {
        "matches": [
            {
                "asset_id": str(place),
                "verdict": "related",
                "confidence": one,
                "reasons": ["single_frame"],
                "spans": [{"query": [0.0, 0.0]}],
            }
            for place, one in enumerate(confidences)
        ]
    }


def caller(*scopes: str) -> Caller:
    return Caller(uuid4(), UUID(int=7), "c", frozenset({"lookup", *scopes}))


def watching() -> ReconstructionGuard:
    return ReconstructionGuard(most=MOST, hold=60, instruments=Instruments())


def suspicion(walks: Walks, values: list[int], answer: Mapping[int, int | None]) -> int | None:
    """After how many hashes it comes up."""
    for place, value in enumerate(values):
        walk = walks.add(written(value), answer.get(value, 1))
        if walk is not None and walks.is_suspected(walk, MOST):
            return place
    return None


def test_turning_one_bit_after_the_other_at_a_boundary_is_suspected() -> None:
    values = [BASE] + [BASE ^ 1 << bit for bit in range(256)]
    answers = dict.fromkeys(values[1::3])
    found = suspicion(Walks(), values, answers)
    assert found is not None
    assert MOST <= found <= MOST + 4


def test_equal_answers_raise_no_suspicion() -> None:
    values = [BASE] + [BASE ^ 1 << bit for bit in range(256)]
    assert suspicion(Walks(), values, {}) is None


def test_copies_turn_the_same_few_bits_and_are_not_suspected() -> None:
    numbers = random.Random(2)  # noqa: S311
    unsteady = numbers.sample(range(256), 30)
    values = [BASE]
    for _ in range(2000):
        value = BASE
        for bit in numbers.sample(unsteady, numbers.choice((2, 4, 6))):
            value ^= 1 << bit
        values.append(value)
    answers = dict.fromkeys(values[1::2])
    assert suspicion(Walks(), values, answers) is None


def test_a_few_bits_at_each_of_many_boundaries_are_added_up() -> None:
    numbers = random.Random(3)  # noqa: S311
    values: list[int] = []
    for _ in range(8):
        base = numbers.getrandbits(256)
        values += [base] + [base ^ 1 << bit for bit in numbers.sample(range(256), 12)]
    found = suspicion(Walks(), values, dict.fromkeys(values[1::2]))
    assert found is not None
    assert found < 4 * 13


def test_the_same_hash_again_counts_once_however_it_is_written() -> None:
    walks = Walks()
    walks.add(written(BASE), 1)
    for _ in range(100):
        walks.add(reconstruction.normalised(written(BASE ^ 1).upper()), None)
        walks.add(
            reconstruction.normalised(" ".join(bytes.fromhex(written(BASE ^ 1)).hex(" ").split())), None
        )
    (walk,) = walks.centres.values()
    assert (walk.hashes, walk.own_turns) == (2, 1)


def test_memory_is_bounded_and_walks_are_kept_longest() -> None:
    numbers = random.Random(4)  # noqa: S311
    walks = Walks()
    for value in [BASE] + [BASE ^ 1 << bit for bit in range(12)]:
        walks.add(written(value), 1 if value != BASE ^ 1 else None)
    for _ in range(3 * reconstruction.MOST_CENTRES):
        walks.add(written(numbers.getrandbits(256)), 1)
    assert len(walks.centres) == reconstruction.MOST_CENTRES
    assert all(len(part) <= reconstruction.MOST_CENTRES for part in walks.by_part)
    assert written(BASE) in walks.centres


def test_a_suspicion_refuses_near_hashes_only_and_spares_the_scope_signals() -> None:
    watch, asking = watching(), caller()
    watch.note(asking, PDQ, written(BASE), shown(0.95))

    def climb() -> None:
        for bit in range(256):
            watch.note(asking, PDQ, written(BASE ^ 1 << bit), shown(0.95) if bit % 5 else shown(0.75))

    with pytest.raises(TooMany) as refused:
        climb()
    assert (refused.value.code, refused.value.retry_after) == ("reconstruction_suspected", 60)
    with pytest.raises(TooMany):
        watch.admit(asking, PDQ, written(BASE ^ 1 << 250))
    watch.admit(asking, PDQ, written(BASE))
    watch.admit(asking, PDQ, written(~BASE & (1 << 256) - 1))
    watch.admit(caller("signals"), PDQ, written(BASE ^ 1 << 250))


def test_the_frames_of_one_document_are_a_walk_where_some_match_and_some_do_not() -> None:
    frames = tuple(
        Frame(10.0 * place, 10.0, FULL, 100, pdq=bytes.fromhex(written(BASE ^ 1 << place)))
        for place in range(200)
    )
    fingerprint = Fingerprint(Media("e" * 64, "video", 2000.0, 1, 1, 1), (PDQ,), frames)
    answer = shown(0.95)
    answer["matches"][0]["spans"] = [{"query": [20.0 * at, 20.0 * at + 5]} for at in range(100)]
    with pytest.raises(TooMany):
        watching().note_document(caller(), fingerprint, answer)


def test_suspicions_of_processes_are_joined_and_lifted_ones_removed() -> None:
    watch, asking = watching(), caller()
    now = datetime(2026, 11, 25, tzinfo=UTC)
    known = SharedWalk(UUID(int=7), PDQ, written(BASE), written(0xFFFF), 16, 17, 30.0, None)
    watch.merge(News([known], now, ()))
    with pytest.raises(TooMany):
        watch.admit(asking, PDQ, written(BASE ^ 1 << 99))
    lifted = SharedWalk(UUID(int=7), PDQ, written(BASE), written(0), 0, 0, 0.0, now)
    for _ in range(2):
        watch.merge(News([lifted], now, ()))
        watch.admit(asking, PDQ, written(BASE ^ 1 << 99))
