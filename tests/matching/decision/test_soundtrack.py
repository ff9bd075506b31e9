"""What sound adds to a decision: it bears a match out; alone it is for a person; voice notes are decided."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import Candidate, Policy, Tier
from registry.catalogue.fingerprints.model import audio, peaks
from registry.catalogue.fingerprints.model.algorithms import CHROMAPRINT
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Media
from registry.matching.decision.model import decision, soundtrack
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import heard as of
from tests.support.matching.decisions import query_of
from tests.support.media import drawn

OTHER = UUID(int=2)
FAKE = drawn.clip("body", face="victim", seconds=12, sound="speech")
ORIGINAL = drawn.clip("body", face="actress", seconds=12, noise=0.05, file="o", sound="speech")
COPY = drawn.clip("body", face="victim", seconds=12, noise=0.1, file="copy", sound="speech")
UNDER_OTHER_PICTURES = drawn.clip("landscape", seconds=12, noise=0.1, sound="speech")


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


def note(seed: str, seconds: float, file: str = "", noise: float = 0.0) -> Fingerprint:
    """Return the fingerprint of a file of sound alone."""
    digest = hashlib.sha256(f"{seed} {seconds} {file} {noise}".encode()).hexdigest()
    media = Media(digest, "audio", seconds, 0, 0, 1000)
    return Fingerprint(media, (CHROMAPRINT.name,), (), audio=drawn.voice(seed, seconds, noise=noise))


CLONE = note("clone", 15)
RESENT = note("clone", 15, "resent", noise=0.2)


def test_a_copy_of_a_cloned_voice_is_a_known_fake() -> None:
    decided = decide(RESENT, of(CLONE, manipulation="voice_clone"))
    assert (decided.verdict, decided.confidence) == ("known_fake", soundtrack.SURE)
    ((ruling,),) = decided.groups
    assert (ruling.relation, ruling.match.single) == ("copy", False)


def test_of_a_strangers_unreviewed_note_a_person_decides() -> None:
    assert decide(RESENT, of(CLONE, own=False)).reasons == ("unreviewed",)
    assert decide(RESENT, of(CLONE, own=False, tier="reviewed")).verdict == "known_fake"


def test_a_strict_bank_wants_more_than_sound_gives() -> None:
    strict = of(CLONE, rules=Policy(min_confidence=0.99))
    assert decide(RESENT, strict).reasons == ("weak",)


def test_a_bank_may_leave_out_sound_under_pictures_and_not_notes() -> None:
    silent = of(CLONE, rules=Policy(audio=False))
    filmed = replace(drawn.clip("landscape", seconds=15), audio=RESENT.audio)
    assert decide(filmed, silent).verdict == "no_match"
    assert decide(RESENT, silent).verdict == "known_fake"


def test_a_trusted_original_that_sounds_the_same_throughout_leaves_it_to_a_person() -> None:
    original = of(note("clone", 15, "o"), "original")
    decided = decide(RESENT, of(CLONE), original)
    assert (decided.verdict, decided.reasons) == ("related", ("original_close",))


def test_a_strangers_original_does_not_suppress_a_fake() -> None:
    claim = of(note("clone", 15, "o"), "original", own=False, entry_id=OTHER)
    assert decide(RESENT, of(CLONE), claim).verdict == "known_fake"


def test_a_strangers_original_that_is_clearly_nearer_is_a_doubt() -> None:
    claim = of(RESENT, "original", own=False, entry_id=OTHER)
    near = note("clone", 15, "again", noise=0.2)
    assert decide(near, of(note("clone", 15, noise=0.2)), claim).verdict == "known_fake"
    query = replace(RESENT, media=replace(RESENT.media, sha256="0" * 64))
    assert decide(query, of(note("clone", 15, noise=0.3)), claim).reasons == ("original_claimed",)


def spoken(*parts: tuple[str, float, float], noise: float = 0.0) -> Fingerprint:
    """Return a note that has these stretches of sounds, by seed, start and length in seconds."""
    notes = [drawn.voice(seed, seconds, start) or b"" for seed, start, seconds in parts]
    heard = drawn.noisy(b"".join(notes), noise, f"{parts}")
    seconds = sum(length for _, _, length in parts)
    digest = hashlib.sha256(heard).hexdigest()
    media = Media(digest, "audio", seconds, 0, 0, 1000)
    return Fingerprint(media, (CHROMAPRINT.name,), (), audio=heard)


GENUINE = note("genuine", 30)
EXTENDED = spoken(("genuine", 2, 14), ("clone", 0, 14))
"""Genuine seconds, and a cloned voice after them."""


@pytest.mark.parametrize(
    ("of_fake", "of_original"),
    [("court_order", "reviewed"), ("reviewed", "unreviewed"), ("reviewed", "reviewed")],
)
@pytest.mark.parametrize("noise", [0.0, 0.2])
def test_a_registered_recording_is_no_fake_whatever_the_tiers(
    of_fake: Tier, of_original: Tier, noise: float
) -> None:
    """The organization itself registered both, and the fake has genuine seconds."""
    fake = of(EXTENDED, manipulation="voice_clone", tier=of_fake)
    original = of(GENUINE, "original", tier=of_original, original_tier=of_original)
    heard = note("genuine", 30, "again", noise=noise)
    assert decide(heard, fake, original).verdict != "known_fake"
    assert decide(spoken(("clone", 0, 14), noise=noise), fake, original).verdict == "known_fake"


def test_another_device_that_recorded_the_original_makes_no_fake_of_it() -> None:
    """The fake was cut from a recording by telephone; the registered original is the broadcast."""
    telephone = note("genuine", 15, "telephone", noise=0.7)
    fake = of(replace(telephone, media=replace(telephone.media, sha256="1" * 64)), manipulation="voice_clone")
    broadcast = of(GENUINE, "original", tier="reviewed", original_tier="reviewed")
    decided = decide(telephone, fake, broadcast)
    assert decided.verdict == "related"


def test_what_is_heard_by_peaks_alone_is_for_a_person() -> None:
    """In another speed. Short jingles have peaks enough, and an original may be registered without."""
    recording, own = drawn.tops("genuine", 30), drawn.tops("clone", 14)
    time, pitch, strong = peaks.unpacked(own)
    begun = recording[: np.searchsorted(peaks.unpacked(recording).time, round(14 / peaks.TICK))]
    joined = np.concatenate([begun, peaks.packed(time + round(14 / peaks.TICK), pitch, strong)])

    def heard(values: peaks.Values, speed: float, seconds: float) -> Fingerprint:
        found = note("clone", seconds, f"{speed}")
        return replace(found, audio=None, peaks=drawn.paced(values, speed))

    fake = of(heard(joined, 1.0, 28), manipulation="voice_clone", tier="reviewed")
    original = of(heard(recording, 1.0, 30), "original", tier="reviewed", original_tier="reviewed")
    decided = decide(heard(joined, 1.2, 28 / 1.2), fake, original)
    assert decided.verdict == "related"
    assert any(ruling.match.candidate.role == "fake" for group in decided.groups for ruling in group)
    assert decide(heard(recording, 1.2, 25), fake, original).verdict == "related"
    without = of(note("genuine", 30), "original", tier="reviewed", original_tier="reviewed")
    assert decide(heard(recording, 1.2, 25), fake, without).verdict == "related"


def test_another_take_that_is_alike_by_values_is_for_a_person() -> None:
    """Two voices of one text; and one voice that says it a little faster."""
    own = drawn.tops("one take", 15)
    fake = of(replace(CLONE, peaks=own.tobytes()), manipulation="voice_clone")
    same, faster, another = (
        replace(RESENT, peaks=some)
        for some in (own.tobytes(), drawn.paced(own, 1.01), drawn.tops("another take", 15).tobytes())
    )
    assert decide(same, fake).verdict == "known_fake"
    assert decide(faster, fake).reasons == ("weak",)
    assert decide(another, fake).reasons == ("weak",)
    original = of(replace(CLONE, peaks=own.tobytes()), "original", original_tier="reviewed")
    assert decide(same, original).verdict == "authentic_original"
    assert decide(faster, original).verdict == "related"
    greeted = np.concatenate([own[:60], drawn.tops("another take", 15)[60:]])
    assert decide(replace(RESENT, peaks=greeted.tobytes()), fake).reasons == ("weak",)


def test_a_part_of_a_spliced_note_decides_only_with_what_is_beside_it() -> None:
    """It was cut from two recordings, and one of them is registered."""
    spliced = of(spoken(("genuine", 2, 14), ("elsewhere", 3, 14)), manipulation="spliced")
    original = of(GENUINE, "original", tier="reviewed", original_tier="reviewed")
    other = decide(note("elsewhere", 30), spliced, original)
    assert (other.verdict, other.reasons) == ("related", ("no_original",))
    copy = decide(spoken(("genuine", 2, 14), ("elsewhere", 3, 14), noise=0.1), spliced, original)
    assert copy.verdict == "known_fake"


def test_an_original_with_other_words_in_it_is_for_a_person() -> None:
    """The fake that has them is registered from a room, or not at all. What is around a quotation is not in
    it, nor are the words of a fake that decides."""
    original = of(GENUINE, "original", tier="reviewed", original_tier="reviewed")
    joined = spoken(("genuine", 2, 10), ("clone", 0, 8), ("genuine", 20, 10))
    decided = decide(joined, original)
    assert (decided.verdict, decided.reasons) == ("related", ("weak",))
    quoted = spoken(("clone", 0, 8), ("genuine", 2, 20), ("elsewhere", 0, 8))
    assert decide(quoted, original).verdict == "authentic_original"
    fake = of(replace(joined, media=replace(joined.media, sha256="2" * 64)), manipulation="spliced")
    verdicts = {ruling.verdict for group in decide(joined, fake, original).groups for ruling in group}
    assert verdicts == {"known_fake", "authentic_original"}


def test_noise_beside_genuine_seconds_makes_no_fake_of_them() -> None:
    """Noise is alike by values in all recordings, and has no peaks in common with another."""
    parts, tops = (("clone", 0, 12), ("genuine", 2, 14)), _tops("clone", "genuine")
    registered, asked = (replace(spoken(*parts, noise=noise), peaks=tops) for noise in (0.0, 0.1))
    original = of(
        replace(GENUINE, peaks=drawn.tops("genuine", 28).tobytes()),
        "original",
        tier="reviewed",
        original_tier="reviewed",
    )
    fake = of(registered, manipulation="voice_clone")
    assert decide(asked, fake, original).verdict == "known_fake"
    noisy = decide(replace(asked, peaks=_tops("noise", "genuine")), fake, original)
    assert (noisy.verdict, noisy.reasons) == ("related", ("weak",))


def _tops(first: str, second: str) -> bytes:
    """Return peaks of 12 seconds of one sound, then of 14 of another, where `spoken` has their values."""
    begin = (len(drawn.voice(first, 12) or b"") // 4) * audio.STEP
    before, after = drawn.tops(first, begin), drawn.tops(second, 28)
    time, pitch, strong = peaks.unpacked(after)
    here = (time >= 2 / peaks.TICK) & (time < 16 / peaks.TICK)
    moved = time[here] + round((begin - 2) / peaks.TICK)
    return np.concatenate([before, peaks.packed(moved, pitch[here], strong[here])]).tobytes()


def test_the_length_of_the_sound_counts_and_not_that_of_the_pictures() -> None:
    filmed = drawn.clip("body", seconds=2)
    long = replace(filmed, audio=drawn.voice("words", 60))
    greeting = spoken(("words", 0, 5))
    assert decide(greeting, of(long, manipulation="voice_clone")).verdict != "known_fake"
    instant = replace(long, media=replace(long.media, duration=0.04))
    assert (
        decide(note("words", 60, noise=0.1), of(instant, manipulation="voice_clone")).verdict == "known_fake"
    )


def test_pictures_of_an_entry_of_sound_do_not_decide() -> None:
    filmed = drawn.clip("body", seconds=15, sound="clone")
    entry = of(filmed, manipulation="voice_clone")
    shown = drawn.clip("body", seconds=15, noise=0.1, file="shown")
    for genuine in (shown, replace(shown, audio=drawn.voice("words", 15))):
        decided = decide(genuine, entry)
        assert (decided.verdict, decided.reasons[0]) == ("related", "other_sound")
    copy = decide(replace(shown, audio=RESENT.audio), entry)
    assert (copy.verdict, [group[0].relation for group in copy.groups]) == ("known_fake", ["audio"])


def test_a_note_that_a_negative_bank_holds_is_none() -> None:
    harmless = replace(of(RESENT, tier="reviewed"), allowlisted=True)
    assert decide(note("clone", 15, "again"), of(CLONE), harmless).verdict == "no_match"


def test_seconds_of_other_sound_within_a_stretch_are_told_apart() -> None:
    own, other = (audio.values(drawn.voice(name, 30)) for name in ("own", "other"))
    mixed = own.copy()
    mixed[100:125] = other[100:125]
    (stretch,) = audio.align(mixed, own)
    assert stretch.query == pytest.approx((0, 30), abs=0.3)
    before, after = audio.agreeing(mixed, own, stretch)
    assert before == pytest.approx((0, 99 * audio.STEP + audio.WINDOW - audio.TAIL), abs=0.7)
    assert after == pytest.approx((125 * audio.STEP + audio.LEAD, 30), abs=0.7)


def test_a_badly_kept_copy_is_found_by_its_length_and_left_to_a_person() -> None:
    """Another take of the same words may be as near."""
    far = note("clone", 15, "far", noise=0.7)
    (stretch,) = audio.align(audio.values(far.audio), audio.values(CLONE.audio))
    assert audio.ERROR < stretch.bit_error <= audio.LONG_ERROR
    assert decide(far, of(CLONE)).reasons == ("weak",)
    original = of(CLONE, "original")
    decided = decide(far, original)
    assert (decided.verdict, decided.reasons) == ("related", ("weak",))
    short = note("clone", 6, "far", noise=0.7)
    assert decide(short, of(note("clone", 6))).verdict == "no_match"


def test_a_note_is_searched_by_keys_that_differ_in_one_bit() -> None:
    values = audio.values(CLONE.audio)
    own, near = audio.keys(values), audio.near_keys(values, audio.PROBES)
    assert near[: len(own)] == own
    assert len(own) < len(near) <= audio.PROBES
    apart = {min((key ^ other).bit_count() for other in own) for key in near[len(own) :]}
    assert apart == {1}
    many = audio.values(drawn.voice("long", 600))
    assert audio.near_keys(many, audio.PROBES) == audio.keys(many, audio.PROBES)
