"""Hashes asked by the short way are answered as by the long one, whatever they are and whoever asks."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import numpy as np
import pytest
from pgvector import Bit

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.errors import Forbidden, Unauthenticated
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.candidates.store.candidates import EFFORT, RADIUS
from registry.matching.candidates.store.hash_lookup import _NEAR
from registry.matching.lookups.service.hashes import answer_hash, answer_hash_of, answer_hashes, together
from tests.support.entries import set_status
from tests.support.identity import revoke_callers
from tests.support.matching.answers import answer_of
from tests.support.media import drawn
from tests.support.steps import review

ALGORITHMS = {"phash256.1": "phash256", "pdq.1": "pdq"}


def _without_ids(answer: Any) -> dict[str, Any]:
    assert isinstance(answer, dict), answer
    return {name: value for name, value in answer.items() if name not in {"lookup_id", "timing_ms"}}


def _key(service: Service, owner: Caller, organization: str | None, *roles: str) -> str:
    made = create_caller(service, owner, organization=organization, name="x", roles=list(roles))
    return str(made.key)


@pytest.fixture
def keys(service: Service, owner: Caller) -> list[str]:
    """Keys of the organization that registers, and of a stranger."""
    return [_key(service, owner, name, "lookup", "register") for name in (None, "strangers")]


@pytest.fixture
def known(service: Service, owner: Caller, keys: list[str]) -> list[tuple[str, bytes]]:
    """Hashes that are registered: reviewed and not, in a video and a still, twice over, by a stranger."""
    clips = [drawn.clip("first", face="a"), drawn.clip("second"), drawn.clip("still", seconds=0.5)]
    for clip in clips:
        register_entry(
            service, owner, Registration(fakes=[clip], originals=[drawn.clip("original", noise=0.1)])
        )
    again = register_entry(service, owner, Registration(fakes=[drawn.clip("first", face="b", file="again")]))
    review(service, str(again.entry_id))
    stranger = authenticate(service, keys[1])
    register_entry(
        service, stranger, Registration(fakes=[drawn.clip("first", noise=0.05), drawn.clip("theirs")])
    )
    frames = [frame for clip in (*clips, drawn.clip("theirs")) for frame in clip.frames[:4]]
    return [
        (name, value)
        for name, field in ALGORITHMS.items()
        for frame in frames
        if (value := getattr(frame, field)) is not None
    ]


def _flipped(value: bytes, bits: int, draw: np.random.Generator) -> str:
    turned = np.unpackbits(np.frombuffer(value, dtype=np.uint8))
    turned[draw.choice(256, bits, replace=False)] ^= 1
    return np.packbits(turned).tobytes().hex()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_the_short_way_gives_the_very_same_answers(
    service: Service, keys: list[str], known: list[tuple[str, bytes]], seed: int
) -> None:
    draw = np.random.default_rng(seed)
    verdicts = set()
    for key in keys:
        caller = authenticate(service, key)
        for algorithm in ALGORITHMS:
            near = [value for name, value in known if name == algorithm]
            values = [
                _flipped(near[at], int(draw.integers(80)), draw) for at in draw.integers(len(near), size=15)
            ]
            values += [draw.bytes(32).hex().upper() for _ in range(5)]
            values = [values[at] for at in draw.permutation(len(values))]
            slow = [_without_ids(answer_hash(service, caller, algorithm, value)) for value in values]
            one_by_one = [answer_hash_of(service, key, algorithm, value) for value in values]
            assert [_without_ids(answer) for _, answer in one_by_one] == slow
            asked_by, at_once = answer_hashes(service, key, algorithm, values)
            assert [_without_ids(answer) for answer in at_once] == slow
            assert [list(answer) for answer in at_once] == [
                list(answer_hash(service, caller, algorithm, value)) for value in values
            ], "in the same order"
            assert asked_by == caller
            verdicts |= {answer["verdict"] for answer in slow}
    assert verdicts == {"related", "no_match"}


def test_each_answer_is_recorded_unchanged(
    service: Service, keys: list[str], known: list[tuple[str, bytes]]
) -> None:
    values = [value.hex() for name, value in known if name == "pdq.1"][:3] + ["0f" * 32] * 3
    caller, answers = answer_hashes(service, keys[0], "pdq.1", values)
    for answer in answers:
        assert isinstance(answer, dict)
        assert answer_of(service, caller, UUID(answer["lookup_id"])) == answer
        assert set(answer["timing_ms"]) == {"fingerprint", "candidates", "align", "total"}
    with service.pool.transaction() as connection:
        rows = connection.execute("SELECT DISTINCT input, status FROM lookup").fetchall()
    assert rows == [{"input": "hash", "status": "answered"}]


@pytest.mark.parametrize("status", ["withdrawn", "suspended"])
def test_withdrawals_and_disputes_apply_at_once_and_new_entries_are_found(
    service: Service, owner: Caller, keys: list[str], status: str
) -> None:
    clip = drawn.clip("gone")
    assert clip.frames[0].pdq
    value = clip.frames[0].pdq.hex()
    assert answer_hash_of(service, keys[0], "pdq.1", value)[1]["verdict"] == "no_match"
    register_entry(service, owner, Registration(fakes=[clip]))
    assert answer_hash_of(service, keys[0], "pdq.1", value)[1]["verdict"] == "related"
    set_status(service, status)
    assert answer_hash_of(service, keys[0], "pdq.1", value)[1]["verdict"] == "no_match"


def test_a_key_works_no_longer_than_it_may(service: Service, owner: Caller, keys: list[str]) -> None:
    value = "00" * 32
    assert answer_hash_of(service, keys[0], "pdq.1", value)[1]["verdict"] == "no_match"
    revoke_callers(service)
    with pytest.raises(Unauthenticated):
        answer_hash_of(service, keys[0], "pdq.1", value)
    with pytest.raises(Unauthenticated):
        answer_hash_of(service, "fp_nobody", "pdq.1", value)


def test_it_needs_the_role(service: Service, owner: Caller) -> None:
    with pytest.raises(Forbidden):
        answer_hash_of(service, _key(service, owner, None, "register"), "pdq.1", "00" * 32)
    with service.pool.transaction() as connection:
        assert connection.execute("SELECT FROM lookup").fetchall() == []


def test_which_hashes_go_the_short_way() -> None:
    assert together("pdq.1", "0" * 64)
    assert together("phash256.1", "F" * 64)
    assert not together("pdq.1", "0" * 63)
    assert not together("pdq.1", "zz" * 32)
    assert not together("pdq.2", "0" * 64)
    assert not together("sscd.1", "0" * 64)


def test_a_connection_that_the_server_has_closed_is_not_used(service: Service, keys: list[str]) -> None:
    answer_hash_of(service, keys[0], "pdq.1", "00" * 32)
    with service.pool.transaction() as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert answer_hash_of(service, keys[0], "pdq.1", "00" * 32)[1]["verdict"] == "no_match"


@pytest.mark.parametrize(("name", "index"), [("phash256.1", "frame_phash256"), ("pdq.1", "frame_pdq")])
def test_the_short_way_is_by_the_index(
    service: Service, owner: Caller, known: list[tuple[str, bytes]], name: str, index: str
) -> None:
    payload = {"key_sha256": b"", "hashes": [Bit(bytes(32))] * 100, "radius": RADIUS, "effort": EFFORT}
    with service.pool.quick() as connection:
        rows = connection.execute(b"EXPLAIN " + _NEAR[name].encode(), payload).fetchall()
    plan = "\n".join(row["QUERY PLAN"] for row in rows)
    assert f"Bitmap Index Scan on {index}" in plan
    assert "Seq Scan" not in plan
