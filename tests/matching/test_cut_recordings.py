"""Genuine recordings that were cut, and fakes with few words that are not genuine, of generated speech.

A value of its fingerprint covers 2.7 s, so what is short is told by what is beside it.
"""

from __future__ import annotations

import hashlib
from functools import cache

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Candidate
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.matching.decision.model import decision
from tests.support.matching.decisions import heard, query_of
from tests.support.media import sounds
from workers.hashers.chromaprint import Chromaprint
from workers.hashers.peaks import Peaks

RATE = sounds.RATE / 2


def decide(query: Fingerprint, *candidates: Candidate) -> decision.Decision:
    return decision.decide(query_of(query), candidates)


@cache
def _voice(seed: int) -> sounds.Samples:
    return sounds.at_half_rate(sounds.speech(seed, 30))


def recorded(*parts: tuple[int, float, float], noise: float = 0.0) -> Fingerprint:
    """Return the note of these stretches of generated speech, by seed, start and length in seconds, with both
    values of its sound."""
    joined = np.concatenate(
        [_voice(seed)[round(start * RATE) : round((start + length) * RATE)] for seed, start, length in parts]
    )
    joined = (joined + np.random.default_rng(1).normal(0, 1 + 300 * noise, len(joined))).astype(np.int16)
    values, tops = Chromaprint(), Peaks()
    values.feed(joined)
    tops.feed(joined)
    media = Media(hashlib.sha256(joined.tobytes()).hexdigest(), "audio", len(joined) / RATE, 0, 0, 1000)
    return Fingerprint(media, (CHROMAPRINT.name,), (), audio=values.values(), peaks=tops.values())


GENUINE, CLONED = 1, 1001


@pytest.fixture(scope="module")
def recording() -> Candidate:
    whole = recorded((GENUINE, 0, 30))
    return heard(whole, "original", tier="reviewed", original_tier="reviewed")


@pytest.mark.parametrize(
    "kept",
    [
        ((0.5, 2), (3.3, 12)),
        ((0, 8), (14, 2.2), (21, 8)),
        ((0, 8), *((9 + 2.5 * word, 1.8) for word in range(6))),
        tuple((3.0 * word, 1.5) for word in range(9)),
    ],
    ids=["a pause after its first words", "much around some words", "many words in a row", "all but words"],
)
def test_a_genuine_recording_that_was_cut_is_no_fake_that_begins_so(
    recording: Candidate, kept: tuple[tuple[float, float], ...]
) -> None:
    """Words between two cuts are too short to be found in the original by themselves."""
    cut = [(GENUINE, *part) for part in kept]
    continued = [*cut, (CLONED, 0, 14)]
    fake = heard(recorded(*continued), manipulation="voice_clone")
    assert decide(recorded(*cut, noise=1), fake, recording).verdict != "known_fake"
    assert decide(recorded(*continued, noise=1), fake, recording).verdict == "known_fake"


@pytest.mark.parametrize(
    "parts",
    [
        ((GENUINE, 0, 8), (CLONED, 1, 2.5), (GENUINE, 8, 12)),
        ((GENUINE, 0, 8), (CLONED, 1, 2.5), (GENUINE, 10.5, 12)),
        ((GENUINE, 0, 8), (CLONED, 2, 3), (GENUINE, 12.5, 12)),
        ((GENUINE, 2, 12), (CLONED, 1, 2)),
    ],
    ids=["put between", "put in their place", "put in the place of more", "at the end"],
)
def test_a_few_words_beside_genuine_ones_decide(
    recording: Candidate, parts: tuple[tuple[int, float, float], ...]
) -> None:
    fake = heard(recorded(*parts), manipulation="spliced")
    assert decide(recorded(*parts, noise=1), fake, recording).verdict == "known_fake"


def test_an_excerpt_of_a_long_part_decides(recording: Candidate) -> None:
    """However short the excerpt is, its words are not the original's."""
    fake = heard(recorded((GENUINE, 0, 8), (CLONED, 0, 14), (GENUINE, 24, 6)), manipulation="spliced")
    excerpt = recorded((GENUINE, 1, 7), (CLONED, 0, 3.4), noise=1)
    assert decide(excerpt, fake, recording).verdict == "known_fake"


@pytest.mark.parametrize("seconds", [1.1, 1.2, 1.3, 1.4])
def test_a_copy_of_a_fake_is_not_authentic_however_little_is_false(
    recording: Candidate, seconds: float
) -> None:
    parts = ((CLONED, 1, seconds), (GENUINE, 9, 20))
    fake = heard(recorded(*parts), manipulation="spliced")
    assert decide(recorded(parts[1], noise=1), recording).verdict == "authentic_original"
    assert decide(recorded(*parts, noise=1), fake, recording).verdict != "authentic_original"
