"""Entries of strangers, and strict banks, do not change a correct answer."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Candidate, Policy, Tier
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.matching.decision.model import decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

BODY = drawn.clip("body", seconds=10, file="body")
OTHER = UUID(int=9)


def _alike(clip: Fingerprint, bits: int, cosine: float, file: str) -> Fingerprint:
    """`clip` with frames so far away: `bits` of 256, and a cosine."""
    numbers = drawn.generator(file)

    def hashed(value: bytes | None) -> bytes | None:
        if value is None:
            return None
        found = np.unpackbits(np.frombuffer(value, np.uint8))
        found[numbers.choice(256, bits, replace=False)] ^= 1
        return np.packbits(found).tobytes()

    def moved(frame: Frame) -> bytes:
        vector = np.frombuffer(frame.sscd or b"", "<f2").astype(np.float32)
        away = drawn.unit(numbers, 512)
        away -= (away @ vector) * vector
        away /= np.linalg.norm(away)
        return drawn.packed(cosine * vector + np.sqrt(1 - cosine**2) * away)

    frames = tuple(
        replace(frame, phash256=hashed(frame.phash256), pdq=hashed(frame.pdq), sscd=moved(frame))
        for frame in clip.frames
    )
    media = replace(clip.media, sha256=file.encode().hex().ljust(64, "0")[:64])
    return replace(clip, media=media, frames=frames)


QUERY = _alike(BODY, 60, 0.7, "query")
FAR = _alike(QUERY, 60, 0.665, "poison")
"""Another clip's frames, a little like the query's."""


@pytest.mark.parametrize(
    ("tier", "own", "doubt"),
    [
        ("unreviewed", False, False),
        ("reviewed", False, True),
        ("unreviewed", True, True),
        ("court_order", False, True),
    ],
)
def test_strangers_cannot_weaken_reviewed_entries(tier: Tier, own: bool, doubt: bool) -> None:
    fake = _reviewed(BODY)
    poison = candidate(FAR, manipulation="edited", tier=tier, own=own, entry_id=OTHER)
    alone = decision.decide(query_of(QUERY), [fake])
    beside = decision.decide(query_of(QUERY), [fake, poison])
    assert alone.verdict == "known_fake"
    assert alone.confidence
    # What is shown beside it is another matter.
    mine = [group[0] for group in beside.groups if group[0].match.candidate is fake]
    assert (mine[0].confidence < alone.confidence) is doubt


def test_an_original_protects_the_genuine_clip_in_a_strict_bank_too() -> None:
    """What its bank shows is the bank's affair; that another clip is meant is everybody's."""
    fake = _reviewed(_alike(BODY, 6, 0.97, "fake"))
    for rules in (Policy(), Policy(min_confidence=0.97, min_related=0.97)):
        original = candidate(
            BODY,
            "original",
            manipulation="edited",
            tier="reviewed",
            original_tier="reviewed",
            own=False,
            rules=rules,
            entry_id=OTHER,
        )
        genuine = query_of(_alike(BODY, 58, 0.72, "genuine"))
        assert decision.decide(genuine, [fake]).verdict == "known_fake"
        assert decision.decide(genuine, [fake, original]).verdict != "known_fake"


def _reviewed(clip: Fingerprint) -> Candidate:
    return candidate(clip, manipulation="edited", tier="reviewed", own=False)
