"""What sound adds to a decision: it bears out a match, and alone it is for a person."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Candidate, Policy
from registry.catalogue.fingerprints.model import audio
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Role
from registry.matching.decision.model import decision
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

OTHER = UUID(int=2)
FAKE = drawn.clip("body", face="victim", seconds=12, sound="speech")
ORIGINAL = drawn.clip("body", face="actress", seconds=12, noise=0.05, file="o", sound="speech")
COPY = drawn.clip("body", face="victim", seconds=12, noise=0.1, file="copy", sound="speech")
UNDER_OTHER_PICTURES = drawn.clip("landscape", seconds=12, noise=0.1, sound="speech")


def of(clip: Fingerprint, role: Role = "fake", **fields: object) -> Candidate:
    return replace(candidate(clip, role, **fields), audio=audio.values(clip.audio))  # type: ignore[arg-type]


def decide(query: Fingerprint, *candidates: Candidate, undecidable: str | None = None) -> Decision:
    return decision.decide(query_of(query), candidates, undecidable=undecidable)


def test_sound_bears_a_copy_out() -> None:
    ((ruling,),) = decide(COPY, of(FAKE)).groups
    assert (ruling.verdict, ruling.relation) == ("known_fake", "copy")
    assert ruling.sound
    assert ruling.sound.seconds == pytest.approx(12, abs=0.3)
    assert ruling.sound.bit_error < 0.05


def test_a_copy_with_another_sound_is_one_all_the_same_and_has_no_sound() -> None:
    for query in (replace(COPY, audio=None), replace(COPY, audio=drawn.voice("song", 12))):
        ((ruling,),) = decide(query, of(FAKE)).groups
        assert (ruling.verdict, ruling.sound) == ("known_fake", None)


def test_the_sound_under_other_pictures_is_related() -> None:
    decided = decide(UNDER_OTHER_PICTURES, of(FAKE))
    assert (decided.verdict, decided.reasons, decided.mixed) == ("related", ("audio_only",), False)
    ((ruling,),) = decided.groups
    assert ruling.relation == "audio"
    assert ruling.match.aligned.span.query == pytest.approx((0, 12), abs=0.3)
    assert ruling.match.aligned.span.asset == pytest.approx((0, 12), abs=0.3)


def test_even_a_blank_picture_is_related_by_its_sound() -> None:
    blank = replace(
        UNDER_OTHER_PICTURES,
        frames=tuple(replace(frame, quality=0) for frame in UNDER_OTHER_PICTURES.frames),
    )
    assert decide(blank, of(FAKE), undecidable="low_information").verdict == "related"


def test_sound_matches_have_spans() -> None:
    query = drawn.joined(
        drawn.clip("before", seconds=20),
        drawn.clip("landscape", seconds=8, start=10 * audio.STEP, sound="speech"),
        drawn.clip("after", seconds=10),
    )
    ((ruling,),) = decide(query, of(FAKE)).groups
    span = ruling.match.aligned.span
    # Drawn values hear nothing of what lies beside them, unlike real ones at the edge of a cut.
    assert span.query == pytest.approx((20, 28), abs=1.0)
    assert span.asset == pytest.approx((10 * audio.STEP, 8 + 10 * audio.STEP), abs=1.0)


def test_other_organizations_get_the_reason_unreviewed() -> None:
    assert decide(UNDER_OTHER_PICTURES, of(FAKE, own=False)).reasons == ("audio_only", "unreviewed")
    reviewed = of(FAKE, own=False, tier="reviewed")
    assert decide(UNDER_OTHER_PICTURES, reviewed).reasons == ("audio_only",)


def test_a_bank_may_have_none_of_it() -> None:
    silent = of(FAKE, rules=Policy(audio=False))
    assert decide(UNDER_OTHER_PICTURES, silent).verdict == "no_match"
    ((ruling,),) = decide(COPY, silent).groups
    assert ruling.sound, "a match is still borne out"


def test_an_authentic_original_is_not_raised_by_its_fakes_sound() -> None:
    shown = drawn.clip("body", face="actress", seconds=12, noise=0.1, file="shown", sound="speech")
    both = (of(FAKE), of(ORIGINAL, "original"))
    assert decide(shown, *both).verdict == "authentic_original"
    # Nor by that of another entry's fake, made from the same footage and not like it any more.
    elsewhere = drawn.clip("puppets", seconds=12, sound="speech")
    assert decide(shown, *both, of(elsewhere, entry_id=OTHER)).verdict == "authentic_original"


def test_a_sound_match_of_an_original_is_not_reported() -> None:
    assert decide(UNDER_OTHER_PICTURES, of(ORIGINAL, "original")).verdict == "no_match"


def test_sound_out_of_step_with_the_picture_bears_nothing_out() -> None:
    late = replace(COPY, audio=drawn.voice("speech", 12, 40 * audio.STEP))
    ((ruling,),) = decide(late, of(FAKE)).groups
    assert (ruling.verdict, ruling.sound) == ("known_fake", None)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([None, "speech", "song"]),
    st.sampled_from(["body", "landscape"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([None, "victim", "actress"]),
)
def test_sound_never_decides(
    sound: str | None, seed: str, own: bool, original: bool, face: str | None
) -> None:
    query = drawn.clip(seed, face=face, seconds=12, noise=0.1, file="q", sound=sound)
    silent = replace(query, audio=None)
    known = [of(FAKE, own=own), *([of(ORIGINAL, "original", own=own)] if original else [])]
    with_sound, without = decide(query, *known), decide(silent, *known)
    if without.verdict == "no_match":
        assert with_sound.verdict in {"no_match", "related"}
    else:
        assert (with_sound.verdict, with_sound.reasons) == (without.verdict, without.reasons)
