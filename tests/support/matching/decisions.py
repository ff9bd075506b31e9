"""Fingerprints and candidates for tests of the decision."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

from registry.catalogue.entries.model.entry import Candidate, Manipulation, Policy, Query, Tier
from registry.catalogue.fingerprints.model import audio, mosaics, peaks, timeline
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.media.model import Role
from tests.support.media import drawn

ENTRY = UUID(int=1)


def candidate(
    clip: Fingerprint,
    role: Role = "fake",
    *,
    tier: Tier = "unreviewed",
    original_tier: Tier = "unreviewed",
    manipulation: Manipulation | None = None,
    own: bool = True,
    rules: Policy | None = None,
    entry_id: UUID = ENTRY,
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
        tier=tier,
        original_tier=original_tier,
        manipulation=manipulation,
        own=own,
        policy=rules or Policy(),
        references=(),
        frames=frames,
        faces=faces,
        mosaics=mosaics.of_mosaics(clip.mosaics),
    )


def query_of(clip: Fingerprint) -> Query:
    return Query.of(clip, *timeline.of_fingerprint(clip))


FAKE = drawn.clip("body", face="victim")


ORIGINAL = drawn.clip("body", face="actress", noise=0.05, file="o")


def heard(clip: Fingerprint, role: Role = "fake", **fields: object) -> Candidate:
    """Return it with its sound."""
    sound = {"audio": audio.values(clip.audio), "peaks": peaks.values(clip.peaks)}
    return replace(candidate(clip, role, **fields), **sound)  # type: ignore[arg-type]
