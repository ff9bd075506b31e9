"""Which media are linked, and as what: pure rules over drawn timelines."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import numpy as np
import pytest

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query
from registry.catalogue.fingerprints.model import mirroring, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint, Frame
from registry.catalogue.media.model import Role
from registry.lineage.model import related
from registry.lineage.model.related import End, Link, Medium
from registry.matching.alignment.model.align import Span
from tests.support.media import drawn
from workers.hashers.pdq import Pdq
from workers.hashers.phash import Phash256

MINE, OTHER = UUID(int=1), UUID(int=2)
FAKE = drawn.clip("body", face="mayor")


def medium(clip: Fingerprint, role: Role = "fake", manipulation: Manipulation | None = None) -> Medium:
    query = Query.of(clip, *timeline.of_fingerprint(clip))
    return Medium(End(MINE, uuid4(), role), manipulation, query)


def candidate(
    clip: Fingerprint,
    role: Role = "fake",
    *,
    manipulation: Manipulation | None = None,
    entry_id: UUID = OTHER,
    rules: Policy | None = None,
) -> Candidate:
    frames, faces = timeline.of_fingerprint(clip)
    return Candidate(
        asset_id=uuid4(),
        entry_id=entry_id,
        role=role,
        sha256=clip.media.sha256,
        kind=clip.media.kind,
        duration=clip.media.duration,
        title="t",
        bank="b",
        tier="unreviewed",
        original_tier="unreviewed",
        manipulation=manipulation,
        own=False,
        policy=rules or Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )


def only(asked: Medium, *candidates: Candidate) -> Link:
    (link,) = related.links(asked, candidates)
    return link


@pytest.mark.parametrize(
    ("other", "roles", "made_by", "relation", "faces"),
    [
        (drawn.clip("body", face="mayor", noise=0.1), ("fake", "fake"), None, "copy", "same"),
        (drawn.clip("body", face="actress"), ("fake", "fake"), None, "same_footage_other_face", "other"),
        (drawn.clip("body", face="actress"), ("fake", "original"), None, "shares_original", "other"),
        (drawn.clip("body", face="mayor"), ("original", "original"), None, "shares_original", "same"),
        (drawn.clip("body", noise=0.1), ("fake", "fake"), None, None, None),
        (drawn.clip("body", noise=0.1), ("fake", "fake"), "edited", None, None),
        (drawn.clip("body", face="mayor", noise=0.1), ("fake", "fake"), "lip_sync", None, None),
        (drawn.clip("body", face="mayor", noise=0.1), ("fake", "fake"), "audio", None, "same"),
        (drawn.clip("body", face="actress"), ("fake", "fake"), "audio", "same_footage_other_face", "other"),
        (FAKE, ("fake", "fake"), "lip_sync", "copy", "same"),
        (FAKE, ("fake", "original"), None, "shares_original", "same"),
    ],
)
def test_footage_links_and_faces_say_how(
    other: Fingerprint,
    roles: tuple[Role, Role],
    made_by: Manipulation | None,
    relation: str | None,
    faces: str | None,
) -> None:
    link = only(medium(FAKE, roles[0]), candidate(other, roles[1], manipulation=made_by))
    assert (link.kind, link.relation, link.faces) == ("same_footage", relation, faces)
    assert link.score >= related.SURE
    (span,) = link.spans
    assert span.query == pytest.approx((0, 8), abs=0.3)


def test_without_faces_on_either_side_footage_is_enough() -> None:
    link = only(medium(drawn.clip("body")), candidate(drawn.clip("body", noise=0.1)))
    assert (link.relation, link.faces) == ("copy", None)


def test_unrelated_footage_is_not_linked() -> None:
    others = [candidate(drawn.clip(f"other {number}", face="mayor"), entry_id=uuid4()) for number in range(5)]
    assert related.links(medium(FAKE), others) == []


def test_an_entry_is_no_relative_of_itself() -> None:
    assert related.links(medium(FAKE), [candidate(FAKE, entry_id=MINE)]) == []


@pytest.mark.parametrize("manipulation", [None, "edited"])
def test_an_opener_that_two_clips_share_makes_them_no_variants(manipulation: Manipulation | None) -> None:
    opener = drawn.clip("opener", seconds=5)
    one = drawn.joined(opener, drawn.clip("story", seconds=35, face="a"))
    other = drawn.joined(opener, drawn.clip("another story", seconds=35, face="b"))
    searched = medium(one, manipulation=manipulation)
    assert related.links(searched, [candidate(other, manipulation=manipulation)]) == []
    opener_alone = candidate(opener, manipulation=manipulation)
    assert len(only(searched, opener_alone).spans) == 1, "the opener itself is shown whole"


def test_stretches_count_together_and_once() -> None:
    parts = [drawn.clip("body", start=start, seconds=3) for start in (0.0, 12.0)]
    gap = drawn.clip("between", seconds=20)
    spread = candidate(drawn.joined(parts[0], gap, parts[1]), manipulation="edited")
    long = medium(drawn.clip("body", seconds=24), manipulation="edited")
    assert len(only(long, spread).spans) == 2
    # The same three seconds, shown twice by the other, are three seconds of the medium: an eighth of it.
    twice = candidate(drawn.joined(parts[0], gap, parts[0]), manipulation="edited")
    assert related.links(long, [twice]) == []


def test_twenty_seconds_are_enough_of_any_length() -> None:
    common = drawn.clip("common", seconds=22)
    one = drawn.joined(common, drawn.clip("one", seconds=130))
    other = drawn.joined(drawn.clip("other", seconds=130), common)
    (span,) = only(medium(one, manipulation="edited"), candidate(other, manipulation="edited")).spans
    assert (span.query[0], span.asset[0]) == pytest.approx((0, 130), abs=0.6)


def test_a_picture_of_the_clip_is_linked_and_one_common_picture_of_two_clips_is_not() -> None:
    still = drawn.clip("body", start=2.0, seconds=0.5, face="mayor")
    assert only(medium(FAKE), candidate(still)).relation == "copy"
    one = drawn.joined(still, drawn.clip("one", seconds=6))
    other = drawn.joined(still, drawn.clip("other", seconds=6))
    assert related.links(medium(one), [candidate(other)]) == []


def test_a_banks_policy_changes_no_link() -> None:
    other = drawn.clip("body", face="mayor", noise=0.1)
    strict = candidate(other, rules=Policy(min_related=0.97, min_confidence=0.97))
    lax = candidate(other, rules=Policy(min_related=0.0, min_confidence=0.0))
    searched = medium(FAKE)
    assert only(searched, strict).score == only(searched, lax).score
    stranger = candidate(drawn.clip("stranger"), rules=Policy(min_related=0.0, min_confidence=0.0))
    assert related.links(searched, [stranger]) == []


def test_a_link_is_kept_with_the_lower_id_first_and_its_seconds_follow() -> None:
    later = drawn.clip("body", start=3.0, seconds=5.0, face="mayor")
    link = only(medium(FAKE), candidate(later, entry_id=UUID(int=0)))
    kept = link.in_order
    assert (kept.one, kept.other) == (link.other, link.one)
    (span,), (seen,) = link.spans, kept.spans
    assert (span.query, span.asset) == (seen.asset, seen.query)
    assert kept.in_order == kept
    assert related.turned(Span((0, 4), (2, 10), 2.0, mirrored=True)) == Span((2, 10), (0, 4), 0.5, True)
    backwards = Span((0, 4), (2, 6), -1.0, mirrored=False)
    assert related.turned(related.turned(backwards)) == backwards


def test_the_hashes_of_a_mirror_image_follow_from_those_of_the_picture() -> None:
    """Held against the hashes of the pixels turned round, of drawn pictures."""
    numbers = np.random.default_rng(7)
    for _ in range(8):
        rough = numbers.integers(0, 255, (9, 16, 3), dtype=np.uint8)
        pixels = np.ascontiguousarray(np.kron(rough, np.ones((40, 40, 1), dtype=np.uint8)))
        (phash, phash_mirror), (pdq, pdq_mirror) = Phash256().compute_pair(pixels), Pdq().compute_pair(pixels)
        plain = Frame(0.0, 0.5, "full", 100, phash.value, pdq.value, b"\0" * 1024)
        both = mirroring.with_mirror(replace(FAKE, frames=(plain, replace(plain, view="trim"))))
        assert [frame.view for frame in both.frames] == ["full", "mirror", "trim", "trim.mirror"]
        turned = both.frames[1]
        assert turned.mirrored
        assert turned.sscd is None
        assert distance(turned.phash256, phash_mirror.value) <= 24
        assert distance(turned.pdq, pdq_mirror.value) <= 24
        assert distance(phash.value, phash_mirror.value) > 80


def distance(item: bytes | None, other: bytes | None) -> int:
    pair = (np.frombuffer(value or b"", dtype=np.uint8) for value in (item, other))
    return int(np.unpackbits(np.bitwise_xor(*pair)).sum())
