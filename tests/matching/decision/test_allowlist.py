"""Negative banks: known harmless media is not reported as a fake, and nothing else is suppressed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.catalogue.entries.model.entry import TIERS, Candidate, Policy, Query, Tier, rank
from registry.catalogue.fingerprints.model import timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Role
from registry.matching.decision.model import decision
from tests.support.media import drawn

FAKE = drawn.clip("scene", noise=0.12, file="fake")
LIKE = drawn.clip("scene", file="allowlisted")
SAME = drawn.clip("scene", noise=0.02, file="re-encoded")
OTHER = drawn.clip("elsewhere", file="other")


def query(clip: Fingerprint) -> Query:
    return Query.of(clip, *timeline.of_fingerprint(clip))


def candidate(clip: Fingerprint, number: int = 1, role: Role = "fake", **fields: Any) -> Candidate:
    frames, faces = timeline.of_fingerprint(clip)
    plain = Candidate(
        asset_id=UUID(int=number),
        entry_id=UUID(int=number),
        role=role,
        sha256=clip.media.sha256,
        kind=clip.media.kind,
        duration=clip.media.duration,
        title="",
        bank="",
        tier="unreviewed",
        original_tier="unreviewed",
        manipulation="edited",
        own=True,
        policy=Policy(),
        references=(),
        frames=frames,
        faces=faces,
    )
    return replace(plain, **fields)


def negative(clip: Fingerprint, **fields: Any) -> Candidate:
    return candidate(clip, 99, allowlisted=True, **fields)


def decided(clip: Fingerprint, *candidates: Candidate) -> tuple[str, tuple[str, ...]]:
    found = decision.decide(query(clip), candidates)
    return found.verdict, found.reasons


def test_a_look_alike_that_is_nearer_takes_the_fake_away() -> None:
    assert decided(SAME, candidate(FAKE)) == ("known_fake", ())
    assert decided(SAME, candidate(FAKE), negative(LIKE)) == ("no_match", ("known_harmless",))
    assert decided(SAME, negative(LIKE), candidate(FAKE)) == ("no_match", ("known_harmless",))


def test_a_look_alike_that_is_farther_takes_nothing_away() -> None:
    copy = drawn.clip("scene", noise=0.02, file="copy")
    far = drawn.clip("scene", noise=0.3, file="far")
    assert decided(copy, candidate(LIKE), negative(far)) == ("known_fake", ())


def test_as_near_is_near_enough() -> None:
    twin = replace(FAKE, media=replace(FAKE.media, sha256="ab" * 32))
    assert decided(SAME, candidate(FAKE), negative(twin)) == ("no_match", ("known_harmless",))


def test_of_the_very_file_the_very_file_is_known_better() -> None:
    assert decided(FAKE, candidate(FAKE), negative(LIKE)) == ("known_fake", ())
    assert decided(LIKE, candidate(FAKE), negative(LIKE)) == ("no_match", ("known_harmless",))
    assert decided(FAKE, candidate(FAKE), negative(FAKE)) == ("no_match", ("known_harmless",))


def test_a_digest_alone_is_enough() -> None:
    digest = replace(FAKE, frames=(), faces=(), algorithms=())
    assert decided(digest, candidate(FAKE), negative(FAKE)) == ("no_match", ("known_harmless",))
    assert decided(digest, negative(FAKE)) == ("no_match", ("known_harmless",))
    ordered = candidate(FAKE, tier="court_order")
    assert decided(digest, ordered, negative(FAKE, tier="court_order")) == ("known_fake", ())


@pytest.mark.parametrize(
    ("tier", "of_negative", "answer"),
    [
        ("unreviewed", "unreviewed", ("no_match", ("known_harmless",))),
        ("reviewed", "unreviewed", ("related", ("known_harmless",))),
        ("reviewed", "reviewed", ("no_match", ("known_harmless",))),
        ("court_order", "court_order", ("known_fake", ())),
    ],
)
def test_a_fake_is_suppressed_by_an_equally_trusted_look_alike(
    tier: Tier, of_negative: Tier, answer: tuple[str, tuple[str, ...]]
) -> None:
    assert decided(SAME, candidate(FAKE, tier=tier), negative(LIKE, tier=of_negative)) == answer


def test_others_negative_banks_do_nothing() -> None:
    assert decided(SAME, candidate(FAKE), negative(LIKE, own=False)) == ("known_fake", ())


def test_a_fake_beside_a_look_alike_is_found() -> None:
    """A film with a fake, and an opening that everybody uses."""
    opening, body = drawn.clip("opening", seconds=4.0), drawn.clip("scene", seconds=8.0)
    later = tuple(replace(frame, time=frame.time + 4.0) for frame in body.frames)
    film = replace(
        opening, frames=opening.frames + later, media=replace(opening.media, sha256="cd" * 32, duration=12.0)
    )
    copy = replace(film, media=replace(film.media, sha256="ef" * 32))
    found = decision.decide(query(copy), [candidate(film), negative(opening)])
    assert found.verdict == "known_fake"
    assert [item.match.aligned.span.query[0] for group in found.groups for item in group] == [
        pytest.approx(4.0, abs=0.6)
    ]
    assert decided(opening, candidate(film), negative(opening)) == ("no_match", ("known_harmless",))


def test_changed_parts_of_a_look_alike_copy_are_found() -> None:
    """A harmless clip, and a fake made of it by changing four seconds in the middle."""
    base, made = drawn.clip("scene", seconds=16.0), drawn.clip("made up", seconds=16.0)
    mixed = tuple(
        new if 6 <= old.time < 10 else old for old, new in zip(base.frames, made.frames, strict=True)
    )
    fake = replace(base, frames=mixed, media=replace(base.media, sha256="cd" * 32))
    copy = replace(fake, media=replace(base.media, sha256="ef" * 32))
    found = decision.decide(query(copy), [candidate(fake), negative(base)])
    assert found.verdict == "known_fake"
    ((start, end),) = [item.match.aligned.span.query for group in found.groups for item in group]
    assert (round(start), round(end)) == (6, 10)
    assert decided(base, candidate(fake), negative(base))[0] == "no_match"


def test_a_genuine_clip_stays_genuine() -> None:
    entry: dict[str, Any] = {"manipulation": "face_swap"}
    swapped, genuine = drawn.clip("scene", face="a"), drawn.clip("scene", face="b")
    clip = drawn.clip("scene", face="b", noise=0.02)
    pair = (candidate(swapped, **entry), candidate(genuine, 1, "original", asset_id=UUID(int=2), **entry))
    assert decided(clip, *pair)[0] == "authentic_original"
    assert decided(clip, *pair, negative(genuine))[0] == "authentic_original"


def test_unrelated_look_alikes_change_nothing() -> None:
    assert decided(OTHER, candidate(FAKE), negative(LIKE)) == ("no_match", ())


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(["scene", "elsewhere"]), st.sampled_from(TIERS), st.floats(0, 0.3)),
        min_size=1,
        max_size=4,
    ),
    st.lists(
        st.tuples(st.sampled_from(["scene", "elsewhere"]), st.sampled_from(TIERS), st.floats(0, 0.3)),
        max_size=3,
    ),
)
def test_laws(fakes: list[tuple[str, Tier, float]], allowlisted: list[tuple[str, Tier, float]]) -> None:
    """A court's entry answers as if there were no negative bank; the others answer no graver than that."""
    made = [
        candidate(drawn.clip(seed, noise=noise, file=f"f{at}"), at, tier=tier)
        for at, (seed, tier, noise) in enumerate(fakes)
    ]
    spared = [
        candidate(drawn.clip(seed, noise=noise, file=f"n{at}"), 50 + at, tier=tier, allowlisted=True)
        for at, (seed, tier, noise) in enumerate(allowlisted)
    ]
    without = decision.decide(query(SAME), made)
    found = decision.decide(query(SAME), made + spared)
    assert rank_of(found.verdict) <= rank_of(without.verdict)

    def by_court(item: decision.Decision) -> list[tuple[UUID, str]]:
        return sorted(
            (ruling.match.candidate.asset_id, ruling.verdict)
            for group in item.groups
            for ruling in group
            if ruling.match.candidate.tier == "court_order"
        )

    assert by_court(found) == by_court(without)
    assert not any(ruling.match.candidate.allowlisted for group in found.groups for ruling in group)
    hushed = {item.match.candidate.tier for group in without.groups for item in group}
    if found.verdict == "no_match" and hushed:
        assert max(map(rank, hushed)) <= max(rank(item.tier) for item in spared)


def rank_of(verdict: str) -> int:
    return ("no_match", "authentic_original", "related", "known_fake").index(verdict)
