"""Answer hashes together, with no more work than each needs.

Most pictures are like nothing that is registered. Whether a hash is so is one statement, which also finds the
caller whose key it is, for one hash or for many; what remains of its answer is known beforehand. Of what the
others are near one more statement brings the one moment of each medium that counts, and what it means is
mostly known.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import cache, partial
from typing import Any
from uuid import uuid4

from registry.catalogue.entries.model.entry import Candidate, Query
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import BY_NAME
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import BadInput
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.authenticate import digest, unknown_key
from registry.matching.alignment.model import nearest
from registry.matching.alignment.model.nearest import Nearest
from registry.matching.candidates.store import hashes
from registry.matching.decision.model import examined, rollout
from registry.matching.lookups.service.answer import held_back, shape, timing, without_candidates
from registry.matching.lookups.service.answer_hash import hash_value, still
from registry.matching.lookups.service.record_lookups import record_lookups
from registry.matching.lookups.service.tell_origins import tell_origins
from registry.matching.lookups.store import lookups


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
) -> tuple[Caller, list[dict[str, Any]]]:
    """The caller of an API key, and in their order the answers to hashes, as `answer_hash` gives them for all
    banks.

    `algorithm`, `values`: as `together` takes them. Needs `lookup`. Raises `Unauthenticated`, `Forbidden`.
    """
    raw = [hash_value(algorithm, value) for value in values]
    if service.replicas is not None:
        caller, answers = service.read(partial(_read, key, algorithm, raw), digest(key))
        record_lookups(service, answers, caller_id=caller.caller_id, given="hash")
        return caller, answers
    with service.pool.quick() as connection:
        caller, answers = _asked(connection, key, algorithm, raw)
        # A hash can be asked again: its record is not worth a wait for the disk, longer than all the rest.
        lookups.record_all(connection, caller_id=caller.caller_id, given="hash", answers=answers, waits=False)
    return caller, answers


def answer_hash_of(service: Service, key: str, algorithm: str, value: str) -> tuple[Caller, dict[str, Any]]:
    """As `answer_hashes`, for one."""
    caller, (answer,) = answer_hashes(service, key, algorithm, (value,))
    return caller, answer


def _read(
    key: str, algorithm: str, raw: Sequence[bytes], source: Source
) -> tuple[Caller, list[dict[str, Any]]]:
    with source.quick() as connection:
        caller, answers = _asked(connection, key, algorithm, raw)
    return caller, [source.dated(answer) for answer in answers]


def _asked(
    connection: Connection, key: str, algorithm: str, raw: Sequence[bytes]
) -> tuple[Caller, list[dict[str, Any]]]:
    started = time.perf_counter()
    found = hashes.near(connection, digest(key), algorithm, raw)
    if found is None:
        raise unknown_key()
    caller, near = found
    caller.require("lookup")
    media = hashes.media(connection, caller.organization_id, algorithm, raw, near) if near else {}
    fetched = time.perf_counter()
    answers = [
        answer_of(algorithm, value, media.get(place), started, fetched) for place, value in enumerate(raw)
    ]
    tell_origins(connection, answers)
    return caller, answers


def answer_of(
    algorithm: str, value: bytes, media: Sequence[Nearest] | None, started: float, fetched: float
) -> dict[str, Any]:
    """The answer to a hash of which these media are near; None: it is near nothing. Times as `timing` has
    them."""
    asked, query, nothing = _unlike_anything(algorithm)
    if media is None:
        return {**nothing, "lookup_id": str(uuid4()), "timing_ms": timing(started, fetched, fetched)}
    answering, whole = rollout.apart(media, _candidate, value)
    found = nearest.decide(answering)
    body = shape(found, query) | examined.examined(asked, "hash", found).as_json()
    if whole is not answering:
        body |= held_back(rollout.withheld(found, nearest.decide(whole), value))
    return {**nothing, **body, "timing_ms": timing(started, fetched, time.perf_counter())}


def _candidate(one: Nearest) -> Candidate:
    return one.candidate


@cache
def _unlike_anything(algorithm: str) -> tuple[Fingerprint, Query, Mapping[str, Any]]:
    """A picture of which one hash is known, and what is the same in all answers where it is near nothing:
    which hash it is says no more."""
    asked = still(algorithm, bytes(BY_NAME[algorithm].value_bytes))
    return asked, Query.of(asked, *timeline.of_fingerprint(asked)), without_candidates(asked, "hash")
