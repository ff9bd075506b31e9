"""Registries drawn at random, full of what is near one hash: the short way answers as the long one does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_of, answer_hashes
from tests.support.matching.worlds import ALGORITHMS, World

pytestmark = pytest.mark.slow(15)

ASKED = 12


@pytest.mark.parametrize("seed", range(3))
def test_many_near_hashes_do_not_change_the_answer(service: Service, owner: Caller, seed: int) -> None:
    world = World(service, owner, seed)
    seen: set[str] = set()
    most = 0
    for key, caller in zip(world.keys, world.callers, strict=True):
        for algorithm in ALGORITHMS:
            values = [world.near(60).hex() for _ in range(ASKED)]
            sure = world.sure.frames[3]
            values.append(((sure.pdq if algorithm == "pdq.1" else sure.phash256) or b"").hex())
            slow = [_plain(answer_hash(service, caller, algorithm, value)) for value in values]
            assert [_plain(answer_hash_of(service, key, algorithm, value)[1]) for value in values] == slow
            assert [_plain(hash_) for hash_ in answer_hashes(service, key, algorithm, values)[1]] == slow
            seen |= {answer["verdict"] for answer in slow}
            seen |= {reason for answer in slow for match in answer["matches"] for reason in match["reasons"]}
            most = max(most, *(len(answer["matches"]) for answer in slow))
    assert {"known_fake", "related", "single_frame"} <= seen
    assert most > 5


def _plain(answer: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in answer.items() if name not in {"lookup_id", "timing_ms"}}
