"""Answer hashes together, with no more work than each needs.

Most pictures are like nothing that is registered. Whether a hash is so is one statement, which also finds the
caller whose key it is, for one hash or for many; what remains of its answer is known beforehand. For any
other the question is asked and decided as always, on a connection whose plans are made.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any
from uuid import uuid4

from registry.actions.answer import decided, probe, timing, without_candidates
from registry.actions.answer_hash import hash_value, still
from registry.actions.authenticate import digest, unknown_key
from registry.actions.service import Service
from registry.domain.algorithms import BY_NAME
from registry.domain.caller import Caller
from registry.domain.fingerprint import Fingerprint
from registry.errors import BadInput, FakeprintError
from registry.store import hashes, lookups


def together(algorithm: str, value: str) -> bool:
    """Whether a hash is one of those that `answer_hashes` takes."""
    if algorithm not in hashes.ALGORITHMS:
        return False
    try:
        hash_value(algorithm, value)
    except BadInput:
        return False
    return True


def answer_hashes(
    service: Service, key: str, algorithm: str, values: Sequence[str]
) -> tuple[Caller, list[dict[str, Any] | FakeprintError]]:
    """The caller of an API key, and in their order the answers to hashes, as `answer_hash` gives them for all
    banks, or what kept one of those from being answered that are near something.

    `algorithm`, `values`: as `together` takes them. Needs `lookup`. Raises `Unauthenticated`, `Forbidden`.
    """
    started = time.perf_counter()
    raw = [hash_value(algorithm, value) for value in values]
    with service.pool.quick() as connection:
        found = hashes.near(connection, digest(key), algorithm, raw)
        if found is None:
            raise unknown_key()
        caller, near = found
        caller.require("lookup")
        now = time.perf_counter()
        answers: list[dict[str, Any] | FakeprintError] = [
            {} if at in near else _no_match(algorithm, started, now) for at in range(len(raw))
        ]
        if given := [answer for answer in answers if isinstance(answer, dict) and answer]:
            lookups.record_all(connection, caller_id=caller.caller_id, given="hash", answers=given)
    for at in near:
        try:
            answers[at] = _near_something(service, caller, still(algorithm, raw[at]))
        except FakeprintError as error:
            answers[at] = error
    return caller, answers


def answer_hash_of(service: Service, key: str, algorithm: str, value: str) -> tuple[Caller, dict[str, Any]]:
    """As `answer_hashes`, for one."""
    caller, (answer,) = answer_hashes(service, key, algorithm, (value,))
    if isinstance(answer, FakeprintError):
        raise answer
    return caller, answer


def _near_something(service: Service, caller: Caller, asked: Fingerprint) -> dict[str, Any]:
    started = time.perf_counter()
    with service.pool.quick() as connection, connection.transaction():
        body = decided(connection, caller, asked, replace(probe(asked), sha256=None), None, started)
        lookups.record_all(connection, caller_id=caller.caller_id, given="hash", answers=(body,))
    return body


def _no_match(algorithm: str, started: float, fetched: float) -> dict[str, Any]:
    return {
        **_unlike_anything(algorithm),
        "lookup_id": str(uuid4()),
        "timing_ms": timing(started, fetched, fetched),
    }


@cache
def _unlike_anything(algorithm: str) -> Mapping[str, Any]:
    """What is the same in all answers to hashes that are near nothing: which one it is says no more."""
    return without_candidates(still(algorithm, bytes(BY_NAME[algorithm].value_bytes)))
