"""What is dear is not asked where a few hashes have found it, and nobody can plant what keeps it unasked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate, create_caller
from registry.matching.candidates.model import probes
from registry.matching.candidates.store import candidates
from registry.matching.candidates.store.candidates import Probe
from tests.support.media import drawn

SECONDS = 24.0


@pytest.fixture
def stranger(service: Service, owner: Caller) -> Caller:
    made = create_caller(service, owner, organization="Strangers", name="s", roles=["lookup", "register"])
    return authenticate(service, made.key)


def probe_of(clip: Fingerprint) -> Probe:
    found = probes.choose_values(clip.informative(), clip.media.duration)
    return Probe(
        phash256=list(found.phash256),
        pdq=list(found.pdq),
        sscd=[value for value, _ in found.sscd],
        sha256=None,
        first=found.first,
        phash256_at=list(found.phash256.values()),
        pdq_at=list(found.pdq.values()),
        sscd_at=[place for _, place in found.sscd],
    )


def known_by_vectors(clip: Fingerprint, file: str) -> Fingerprint:
    """Other hashes, the same vectors: what only the dear question finds."""
    other = drawn.clip(file, seconds=SECONDS)
    frames = tuple(replace(one, sscd=mine.sscd) for one, mine in zip(other.frames, clip.frames, strict=True))
    return replace(other, frames=frames)


def found(service: Service, caller: Caller, probe: Probe, *, bank_id: UUID | None = None) -> Sequence[UUID]:
    with service.pool.transaction() as connection:
        proposed = candidates.propose(
            connection, probe, organization_id=caller.organization_id, bank_id=bank_id
        )
    return [item.entry_id for item in proposed]


def test_vectors_are_queried_rarely_after_hash_matches(service: Service, owner: Caller) -> None:
    clip = drawn.clip("body", seconds=SECONDS)
    same = UUID(register_entry(service, owner, Registration(fakes=[clip])).entry_id)
    only = UUID(register_entry(service, owner, Registration(fakes=[known_by_vectors(clip, "else")])).entry_id)
    probe = probe_of(clip)
    always = sum(place == 0 for place in probe.sscd_at)
    assert 0 < always < len(probe.sscd) / 8
    assert found(service, owner, probe) == [same, only], "some are asked in any case"
    none_in_any_case = replace(probe, sscd_at=[1] * len(probe.sscd))
    assert found(service, owner, none_in_any_case) == [same]
    assert found(service, owner, replace(probe, first=())) == [same, only]


def test_probes_around_found_parts_are_skipped(service: Service, owner: Caller) -> None:
    half, rest = drawn.clip("one", seconds=SECONDS / 2), drawn.clip("two", seconds=SECONDS / 2)
    same = UUID(register_entry(service, owner, Registration(fakes=[half])).entry_id)
    frames = tuple(
        replace(one, sscd=mine.sscd)
        for one, mine in zip(drawn.clip("else", seconds=SECONDS / 2).frames, rest.frames, strict=True)
    )
    only = UUID(register_entry(service, owner, Registration(fakes=[replace(rest, frames=frames)])).entry_id)
    both = probe_of(drawn.joined(half, rest))
    none_in_any_case = replace(both, sscd_at=[max(1, place) for place in both.sscd_at])
    assert set(found(service, owner, none_in_any_case)) == {same, only}


def test_entries_of_strangers_settle_nothing(service: Service, owner: Caller, stranger: Caller) -> None:
    """Else copies of a fake's footage that anybody registers would hide the fake."""
    clip = drawn.clip("body", seconds=SECONDS)
    register_entry(service, stranger, Registration(fakes=[clip]))
    only = UUID(register_entry(service, owner, Registration(fakes=[known_by_vectors(clip, "else")])).entry_id)
    probe = probe_of(clip)
    none_in_any_case = replace(probe, sscd_at=[1] * len(probe.sscd))
    assert only in found(service, owner, none_in_any_case)
