"""Gradual rollout of a bank: which lookups it answers. Pure.

A hash of the bank and the query gives a fixed pseudo-random number. So the same file or hash always gets the
same answer, and a growing share only adds answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from registry.catalogue.entries.model.entry import Candidate
from registry.catalogue.entries.model.verdict import Verdict
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.decision.model.decision import Decision

_WIDTH: Final = 8


@dataclass(frozen=True, slots=True)
class Withheld:
    """Effect of a full rollout of the caller's own banks: additional matches, and the verdict with them."""

    matches: int
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Split[T]:
    """`answering`: what the banks answer a query with. `whole`: the same, and in its place what the caller's
    own banks withhold."""

    answering: Sequence[T]
    whole: Sequence[T]

    @property
    def withholds(self) -> bool:
        """Whether the caller's own banks withhold anything."""
        return len(self.whole) > len(self.answering)


def query_bytes(fingerprint: Fingerprint, sha256: str | None) -> bytes:
    """Return the query's bytes for the draw: the file's digest, or the one hash or vector."""
    if sha256 is not None:
        return bytes.fromhex(sha256)
    values = (value for frame in fingerprint.frames for value in (frame.phash256, frame.pdq, frame.sscd))
    return next((value for value in values if value), b"")


def answers(bank_id: UUID, share: float, query: bytes) -> bool:
    """Tell whether a bank that answers this share of lookups (0-1) answers this query."""
    if share >= 1:
        return True
    drawn = hashlib.sha256(b"rollout" + bank_id.bytes + query).digest()[:_WIDTH]
    return bool(int.from_bytes(drawn) < share * 2.0 ** (8 * _WIDTH))


def split[T](subjects: Sequence[T], candidates: Sequence[Candidate], query: bytes) -> Split[T]:
    """Split things by whether the banks of their candidates, in the same order, answer the query."""
    if all(candidate.policy.rollout >= 1 for candidate in candidates):
        return Split(subjects, subjects)
    answers_by_subject = [
        (subject, _answers(candidate, query), candidate.own)
        for subject, candidate in zip(subjects, candidates, strict=True)
    ]
    answering = [subject for subject, answers, _ in answers_by_subject if answers]
    return Split(answering, [subject for subject, answers, own in answers_by_subject if answers or own])


def withheld(decision: Decision, whole: Decision, query: bytes) -> Withheld | None:
    """Compare the decision with `whole`, which includes the matches withheld by the caller's own banks. None
    if equal."""
    count = sum(not _answers(group[0].match.candidate, query) for group in whole.groups)
    return Withheld(count, whole.verdict) if count or whole.verdict != decision.verdict else None


def _answers(candidate: Candidate, query: bytes) -> bool:
    return answers(candidate.bank_id, candidate.policy.rollout, query)
