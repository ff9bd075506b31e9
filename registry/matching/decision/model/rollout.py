"""Which lookups a bank answers that is rolled out step by step. Pure.

Of a bank and what is asked follows a number that looks drawn and is always the same. So the same file, or
the same hash, has the same answer however often it is asked, and a share that grows only adds to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.catalogue.entries.model.entry import Candidate
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.decision.model.decision import Decision

_WIDTH: Final = 8


@dataclass(frozen=True, slots=True)
class Withheld:
    """What the caller's own banks would have added, were they rolled out: so many matches, and the verdict
    that the answer would have."""

    matches: int
    verdict: str


def asked(fingerprint: Fingerprint, sha256: str | None) -> bytes:
    """What the draw goes by: the file's digest, or the one hash or vector that is asked."""
    if sha256 is not None:
        return bytes.fromhex(sha256)
    values = (item for frame in fingerprint.frames for item in (frame.phash256, frame.pdq, frame.sscd))
    return next((value for value in values if value), b"")


def answers(bank_id: UUID, share: float, query: bytes) -> bool:
    """Whether a bank that answers that share of lookups (0-1) answers this one."""
    if share >= 1:
        return True
    drawn = hashlib.sha256(b"rollout" + bank_id.bytes + query).digest()[:_WIDTH]
    return bool(int.from_bytes(drawn) < share * 2.0 ** (8 * _WIDTH))


def apart[T](
    things: Sequence[T], candidate: Callable[[T], Candidate], query: bytes
) -> tuple[Sequence[T], Sequence[T]]:
    """Of things that each belong to a candidate, those whose bank answers; and these with those that banks of
    the caller's own withhold, the very same sequence where they withhold none."""
    if all(candidate(thing).policy.rollout >= 1 for thing in things):
        return things, things
    told = [_answers(candidate(thing), query) for thing in things]
    answering = [one for one, yes in zip(things, told, strict=True) if yes]
    whole = [one for one, yes in zip(things, told, strict=True) if yes or candidate(one).own]
    return answering, whole if len(whole) > len(answering) else answering


def withheld(decided: Decision, whole: Decision, query: bytes) -> Withheld | None:
    """What `whole`, with all that the caller's own banks withhold, says more than `decided`; None for
    nothing."""
    kept = sum(not _answers(group[0].match.candidate, query) for group in whole.groups)
    return Withheld(kept, whole.verdict) if kept or whole.verdict != decided.verdict else None


def _answers(candidate: Candidate, query: bytes) -> bool:
    return answers(candidate.bank_id, candidate.policy.rollout, query)
