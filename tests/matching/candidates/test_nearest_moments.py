"""What one hash says by the nearest moments alone is what an alignment with all frames says."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import MANIPULATIONS, TIERS, Candidate, Policy, Query
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import FULL, TRIM, Face, Frame
from registry.catalogue.media.model import Role
from registry.matching.decision.model import decision, nearest
from registry.matching.decision.model.nearest import Nearest
from registry.matching.lookups.service.answer_json import decided
from registry.matching.lookups.service.hashes import still

ZEROS = bytes(32)
POLICIES = (
    Policy(),
    Policy(single_frame=True),
    Policy(single_frame=True, strangers_see_unreviewed=True),
    Policy(min_related=0.8),
    Policy(single_frame=True, min_confidence=0.3, min_related=0.0),
)
FACE = Face(0.0, (0.4, 0.2, 0.2, 0.3), 120.0, 0.95, 0.9, 0, bytes([0, 60]) * 128)


def _hash(bits: int) -> bytes:
    return np.packbits(np.arange(256) < bits).tobytes()


@st.composite
def _frames(draw: st.DrawFn, pdq: bool) -> tuple[Frame, ...]:
    """Frames some of which are near a hash of zeros, views of one time among them."""
    frames: list[Frame] = []
    time = 0.0
    for _ in range(draw(st.integers(1, 6))):
        time = round(time + draw(st.sampled_from([0.033, 0.5, 0.501, 1.7])), 3)
        for view in (FULL, TRIM)[: draw(st.integers(1, 2))]:
            own = draw(st.one_of(st.none(), st.integers(0, 90), st.just(12)))
            other = draw(st.one_of(st.none(), st.just(200)))
            frames.append(
                Frame(
                    float(np.float32(time)),
                    draw(st.sampled_from([0.0, 0.25, 0.5, 3.0])),
                    view,
                    100,
                    phash256=_maybe(other if pdq else own),
                    pdq=_maybe(own if pdq else other),
                )
            )
    return tuple(frames)


def _maybe(bits: int | None) -> bytes | None:
    return None if bits is None else _hash(bits)


@st.composite
def _candidates(draw: st.DrawFn, pdq: bool) -> list[Candidate]:
    """Media of a few entries, some in several of them, in the order in which candidates come."""
    shown = [
        (
            draw(_frames(pdq)),
            draw(st.sampled_from([0.0, 1.0, 4.25])),
            draw(st.sampled_from(((), (FACE,), None))),
        )
        for _ in range(draw(st.integers(1, 3)))
    ]
    made: list[Candidate] = []
    for number in range(draw(st.integers(1, 6))):
        asset = draw(st.integers(0, len(shown) - 1))
        role: Role = draw(st.sampled_from(("fake", "original")))
        entry = draw(st.integers(0, 3))
        if any((candidate.entry_id.int, candidate.asset_id.int) == (entry, asset) for candidate in made):
            continue
        frames, duration, faces = shown[asset]
        made.append(
            Candidate(
                asset_id=UUID(int=asset),
                entry_id=UUID(int=entry),
                role=role,
                sha256="",
                kind="video",
                duration=duration,
                title=f"medium {number}",
                bank="b",
                tier=draw(st.sampled_from(TIERS)),
                original_tier=draw(st.sampled_from(TIERS)),
                manipulation=draw(st.sampled_from((None, *MANIPULATIONS))),
                own=draw(st.booleans()),
                policy=draw(st.sampled_from(POLICIES)),
                references=(),
                frames=_rounded(timeline.of_frames(frames)),
                faces=timeline.of_faces(faces or ()),
                faces_ran=faces is not None,
            )
        )
    return made


def _rounded(frames: timeline.Timeline) -> timeline.Timeline:
    """As the store brings them."""
    return replace(frames, times=np.round(frames.times, 4), durations=np.round(frames.durations, 4))


def _nearest(candidate: Candidate, pdq: bool) -> Nearest | None:
    """What the store brings of a candidate."""
    frames = candidate.frames
    has, values = (frames.has_pdq, frames.pdq) if pdq else (frames.has_phash256, frames.phash256)
    bits = np.where(has, np.bitwise_count(values).sum(axis=1), 256)
    at = min(range(len(frames)), key=lambda row: (bits[row], frames.times[row]))
    if bits[at] > 64:
        return None
    time = frames.times[at]
    later = frames.times[frames.times > time]
    manipulation = candidate.manipulation or ("face_swap" if candidate.needs_faces else "edited")
    return Nearest(
        replace(candidate, frames=nearest.no_frames(), faces=nearest.no_faces(), manipulation=manipulation),
        int(bits[at]),
        float(time),
        float(frames.durations[frames.times == time].max()),
        float(later.min()) if len(later) else None,
        bool(pdq or frames.has_pdq.any()),
    )


@pytest.mark.slow
@pytest.mark.parametrize("pdq", [False, True])
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_the_nearest_moments_decide(pdq: bool, data: st.DataObject) -> None:
    candidates = data.draw(_candidates(pdq))
    asked = still("pdq.1" if pdq else "phash256.1", ZEROS)
    query = Query.of(asked, *timeline.of_fingerprint(asked))
    wanted = decided(decision.decide(replace(query, sha256=None), candidates), query)
    known = [one for candidate in candidates if (one := _nearest(candidate, pdq))]
    found = decided(nearest.decide(known), query)
    assert {**found, "lookup_id": ""} == {**wanted, "lookup_id": ""}


@given(st.floats(0, 20_000, width=32))
def test_seconds_are_those_of_timelines(real: float) -> None:
    assert nearest.seconds(real) == np.round(np.array([real]), 4)[0]
