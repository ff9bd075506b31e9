"""Whether the query shows a fake or its original: log-odds over the seconds that both match. Pure."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from registry.catalogue.fingerprints.model import distance
from registry.core.numbers import Floats
from registry.matching.alignment.model import similarity
from registry.matching.alignment.model.align import Aligned
from registry.matching.decision.model.match import Match

FACE_ODDS: Final = 12.0
MOUTH_ODDS: Final = 6.0
"""Log-odds per difference of 1 in similarity to fake and original, of faces (FACE_ODDS) and mouth
movement."""
EXACT: Final = 40.0
"""Log-odds of the identical file."""
UNLIKE_SSCD: Final = 0.56
UNLIKE_BITS: Final = 64.0
"""Cosine and hash distance of a moment that a span does not explain: just too unlike to be a pair."""


def weigh(fake: Match, original: Match) -> tuple[float, NDArray[np.bool_], NDArray[np.bool_]]:
    """Compare the query with a fake and an original over the seconds that both show.

    Returns the log-odds for the fake, and masks of the moments of the fake's and of the original's span that
    they apply to.

    Moments are weighted by how much the two assets differ there: an edit of four seconds in twenty leaves
    sixteen that say nothing. Faces weigh most, since they were changed. The picture as a whole adds the rest;
    SSCD chose correctly on 115 of 116 re-encoded frames.
    """
    if fake.exact or original.exact:
        of_fake, of_original = (
            np.ones(len(side.aligned.frames), dtype=np.bool_) for side in (fake, original)
        )
        return EXACT * (fake.exact - original.exact), of_fake, of_original
    times = _together(fake.aligned, original.aligned)
    of_fake = np.isin(fake.aligned.frames.query, times)
    of_original = np.isin(original.aligned.frames.query, times)
    if not of_fake.any() or not of_original.any():
        return 0.0, of_fake & False, of_original & False
    odds = similarity.nearer(_likeness(fake.aligned, times), _likeness(original.aligned, times))
    pictures = average(odds, differ(fake, original, times))
    total = pictures + _face_odds(fake, original, of_fake, of_original)
    return total if abs(total) >= similarity.TIE else 0.0, of_fake, of_original


def average(odds: Floats, weights: Floats) -> float:
    """Return the weighted mean of the moments' log-odds; the plain mean if all weights are close to zero."""
    total = float(weights.sum())
    return float((odds * weights).sum()) / total if total > 1e-6 else float(odds.mean())


def _together(aligned: Aligned, other: Aligned) -> Floats:
    """Return the moments of the query that lie in both spans and that either of them explains."""
    start = max(aligned.span.query[0], other.span.query[0])
    end = min(aligned.span.query[1], other.span.query[1])
    times = np.union1d(aligned.frames.query, other.frames.query)
    return times[(times >= start - 1e-6) & (times <= end + 1e-6)]


def _likeness(aligned: Aligned, times: Floats) -> tuple[Floats, Floats]:
    """Return (k,) cosines and (k,) hash distances at these moments. Unexplained moments get UNLIKE_SSCD and
    UNLIKE_BITS. If an algorithm did not run, its values are the same for every span."""
    sscd, bits = np.full(len(times), UNLIKE_SSCD), np.full(len(times), UNLIKE_BITS)
    at, frames = np.searchsorted(times, aligned.frames.query), aligned.frames
    inside = (at < len(times)) & np.isin(frames.query, times)
    sscd[at[inside]] = np.where(frames.sscd[inside] > -1, frames.sscd[inside], UNLIKE_SSCD)
    bits[at[inside]] = np.minimum(frames.bits[inside], UNLIKE_BITS)
    return sscd, bits


def _face_odds(
    fake: Match, original: Match, of_fake: NDArray[np.bool_], of_original: NDArray[np.bool_]
) -> float:
    pair = (fake.part(of_fake), original.part(of_original))
    if not all(pair):
        return 0.0
    near, far = pair[0][0].faces, pair[1][0].faces
    moves = near.movement.mouth - far.movement.mouth if near.movement and far.movement else 0.0
    looks = near.cosine - far.cosine if near.cosine is not None and far.cosine is not None else 0.0
    return FACE_ODDS * looks + MOUTH_ODDS * moves


def differ(fake: Match, original: Match, times: Floats) -> Floats:
    """Return (k,) how different the two assets' own frames are at these moments of the query."""
    left, right = fake.candidate.frames, original.candidate.frames
    i, j = left.nearest(_on(fake, times)), right.nearest(_on(original, times))
    cosine = np.einsum("ij,ij->i", left.sscd[i], right.sscd[j])
    embedded = left.has_sscd[i] & right.has_sscd[j]
    bits = np.unpackbits(left.phash256[i] ^ right.phash256[j], axis=1).sum(axis=1)
    hashed = left.has_phash256[i] & right.has_phash256[j]
    apart = np.where(embedded, np.maximum(1 - cosine, 0), 0) + np.where(hashed, bits / distance.HASH_BITS, 0)
    return np.asarray(apart, dtype=np.float64)


def _on(match: Match, times: Floats) -> Floats:
    return match.aligned.line.speed * times + match.aligned.line.start
