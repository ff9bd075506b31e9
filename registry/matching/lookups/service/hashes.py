"""Answers to single hashes and to batches of hashes."""

from __future__ import annotations

import base64
import binascii
import struct
import threading
import time
from collections.abc import Sequence
from functools import cache, partial
from typing import Any, Final

from registry.catalogue.entries.model.entry import Query
from registry.catalogue.fingerprints.errors import UnknownAlgorithm
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.algorithms import BY_NAME, PDQ, PHASH256, SSCD
from registry.catalogue.fingerprints.model.fingerprint import FULL, Fingerprint, Frame
from registry.catalogue.media.model import Media
from registry.core.database.pool import Connection
from registry.core.database.replicas import Source
from registry.core.errors import BadInput
from registry.core.errors.http import Busy
from registry.core.identifiers import time_ordered_id
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import digest, unknown_key
from registry.matching.candidates.store import hash_lookup
from registry.matching.decision.model import checked, nearest, rollout
from registry.matching.decision.model.nearest import Nearest
from registry.matching.lookups.errors import BadHash
from registry.matching.lookups.model import Answer, Origin
from registry.matching.lookups.service.answer_json import (
    decided,
    hold_back,
    mark_as_of,
    timing,
    without_candidates,
)
from registry.matching.lookups.service.pipeline import Lookup, look_up
from registry.matching.lookups.service.records import miss_sample, record_lookups
from registry.matching.lookups.service.visibility import tell_origins
from registry.matching.lookups.service.whole_files import ALGORITHMS as WHOLE_FILE
from registry.matching.lookups.store import lookups

PATIENCE: Final = 5.0
"""Seconds that an exact comparison waits for the one before it."""
_EXACT: Final = threading.Lock()
PLACEHOLDER: Final = "0" * 64
"""Stands in for the file digest in a fingerprint that has none. It is never compared, since anybody could
register it."""


def answer_hash(
    service: Service,
    caller: Caller,
    algorithm: str,
    value: str,
    *,
    bank: str | None = None,
    watch_days: int | None = None,
) -> Answer:
    """Look up the hash (hex) or vector (base64 of little-endian float16) of one frame.

    The query counts as a single frame, so the answer is at most `related`. Needs `lookup`.

    Raises `BadInput` (`unknown_algorithm`, `bad_hash`), `NotFound`, `Forbidden`.
    """
    caller.require("lookup")
    query = still(algorithm, hash_value(algorithm, value))
    return look_up(service, Lookup(caller, query, "hash", bank=bank, watch_days=watch_days))


def answer_hash_exactly(
    service: Service, caller: Caller, algorithm: str, value: str, *, bank: str | None = None
) -> Answer:
    """Compare a hash or vector with every stored one, so that none is missed.

    That costs .3 s of PostgreSQL per million frames, and runs once at a time in a process. Needs `lookup` and
    the scope `signals`. Raises as `answer_hash`, and `Unavailable` (`busy`).
    """
    caller.require("lookup")
    query = still(algorithm, hash_value(algorithm, value))
    caller.require("signals")
    if not _EXACT.acquire(timeout=PATIENCE):
        raise Busy(
            "Another hash is being compared with all there are.",
            next_step="Try again after the seconds of Retry-After, or leave `exact` out.",
        )
    try:
        return look_up(service, Lookup(caller, query, "hash", bank=bank, exact=True))
    finally:
        _EXACT.release()


def still(algorithm: str, value: bytes) -> Fingerprint:
    """Return the fingerprint of a picture with one known hash or vector."""
    hashed: dict[str, Any] = {_field(algorithm): value}
    frame = Frame(0.0, 0.0, FULL, 100, **hashed)
    return Fingerprint(Media(PLACEHOLDER, "image", 0.0, 1, 1, 1), (algorithm,), (frame,))


def _field(algorithm: str) -> str:
    vectors = {name: "sscd" for name in BY_NAME if _is_vector(name)}
    fields = {PHASH256.name: "phash256", PDQ.name: "pdq", **vectors}
    if algorithm not in fields:
        raise UnknownAlgorithm(
            f"A hash of {algorithm[:50]!r} cannot be looked up.",
            next_step=f"Choose among {', '.join((*fields, *WHOLE_FILE))}.",
        )
    return fields[algorithm]


def hash_value(algorithm: str, text: str) -> bytes:
    """Decode a hash or vector from text. Raises `BadInput` (`unknown_algorithm`, `bad_hash`)."""
    _field(algorithm)
    width = BY_NAME[algorithm].value_bytes
    try:
        raw = base64.b64decode(text, validate=True) if _is_vector(algorithm) else bytes.fromhex(text)
    except (ValueError, binascii.Error):
        raw = b""
    if len(raw) != width:
        expected = f"base64 of {width} bytes" if _is_vector(algorithm) else f"{width * 2} hex digits"
        raise BadHash(f"The value of {algorithm} must be {expected}.")
    if _is_vector(algorithm) and not _normalised(raw):
        raise BadHash(f"The value of {algorithm} must be L2-normalised and finite.")
    return raw


def _is_vector(algorithm: str) -> bool:
    return BY_NAME[algorithm].family == SSCD.family


def _normalised(raw: bytes) -> bool:
    squared: float = sum(number * number for number in struct.unpack(f"<{SSCD.dimensions}e", raw))
    # NaN and infinities fail this comparison too.
    return 0.9 <= squared <= 1.1


def together(algorithm: str, value: str) -> bool:
    """Tell whether `answer_hashes` accepts this hash."""
    if algorithm not in hash_lookup.ALGORITHMS:
        return False
    try:
        hash_value(algorithm, value)
    except BadInput:
        return False
    return True


def answer_hashes(
    service: Service, key: str, algorithm: str, values: Sequence[str]
) -> tuple[Caller, list[Answer]]:
    """Return the caller of an API key and the answers to a batch of hashes, in the order of `values`.

    The answers equal those of `answer_hash` for all banks. `algorithm`, `values`: as accepted by `together`.
    Needs `lookup`. Raises `Unauthenticated`, `Forbidden`.
    """
    raw = [hash_value(algorithm, value) for value in values]
    if service.replicas is not None:
        caller, answers = service.read(partial(_read, key, algorithm, raw), digest(key))
        record_lookups(service, answers, Origin(caller.caller_id, "hash"))
        return caller, answers
    with service.pool.quick() as connection:
        caller, answers = _answer_batch(connection, key, algorithm, raw)
        # A hash can be asked again. Its record is not worth a disk sync, which takes longer than all the
        # rest.
        lookups.record_all(
            connection,
            caller_id=caller.caller_id,
            input_kind="hash",
            answers=answers,
            waits=False,
            sample=miss_sample(service),
        )
    return caller, answers


def answer_hash_of(service: Service, key: str, algorithm: str, value: str) -> tuple[Caller, Answer]:
    """Answer one hash as `answer_hashes` does."""
    caller, (answer,) = answer_hashes(service, key, algorithm, (value,))
    return caller, answer


def _read(key: str, algorithm: str, raw: Sequence[bytes], source: Source) -> tuple[Caller, list[Answer]]:
    with source.quick() as connection:
        caller, answers = _answer_batch(connection, key, algorithm, raw)
    return caller, [mark_as_of(answer, source) for answer in answers]


def _answer_batch(
    connection: Connection, key: str, algorithm: str, raw: Sequence[bytes]
) -> tuple[Caller, list[Answer]]:
    started = time.perf_counter()
    caller, media = near_media(connection, key, algorithm, raw)
    caller.require("lookup")
    fetched = time.perf_counter()
    answers = [
        answer_of(algorithm, value, media.get(place), started, fetched) for place, value in enumerate(raw)
    ]
    tell_origins(connection, answers)
    return caller, answers


def near_media(
    connection: Connection, key: str, algorithm: str, values: Sequence[bytes]
) -> tuple[Caller, dict[int, list[Nearest]]]:
    """Return the caller of an API key, and the media near each value by its place in `values`. Raises
    `Unauthenticated`."""
    key_and_media = hash_lookup.near(connection, digest(key), algorithm, values)
    if key_and_media is None:
        raise unknown_key()
    caller, near = key_and_media
    if near is None:
        return caller, {}
    return caller, hash_lookup.media(connection, caller.organization_id, algorithm, values, near)


def answer_of(
    algorithm: str, value: bytes, media: Sequence[Nearest] | None, started: float, fetched: float
) -> Answer:
    """Return the answer to a hash and the media near it. `media`: None if nothing is near. `started`,
    `fetched`: as in `timing`."""
    fingerprint, query, empty_answer = _unlike_anything(algorithm)
    if media is None:
        return {
            **empty_answer,
            "lookup_id": str(time_ordered_id()),
            "timing_ms": timing(started, fetched, fetched),
        }
    split = rollout.split(media, [medium.candidate for medium in media], value)
    decision = nearest.decide(split.answering)
    body: Answer = {
        **empty_answer,
        **decided(decision, query),
        **checked.examined(fingerprint, "hash", decision).as_json(),
        "timing_ms": {},
    }
    if split.withholds:
        hold_back(body, rollout.withheld(decision, nearest.decide(split.whole), value))
    body["timing_ms"] = timing(started, fetched, time.perf_counter())
    return body


@cache
def _unlike_anything(algorithm: str) -> tuple[Fingerprint, Query, Answer]:
    """Return a picture with one known hash, its query, and the answer if nothing is near it.

    All hashes of one algorithm share this answer: it does not depend on the value.
    """
    fingerprint = still(algorithm, bytes(BY_NAME[algorithm].value_bytes))
    return (
        fingerprint,
        Query.of(fingerprint, *timeline.of_fingerprint(fingerprint)),
        without_candidates(fingerprint, "hash"),
    )
