"""Several fakes of one footage, and the footage: who is called what."""

from __future__ import annotations

from uuid import UUID

import pytest

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.decision.model import decision
from registry.matching.decision.model.decision import Decision
from tests.support.matching.decisions import FAKE, ORIGINAL, candidate, query_of
from tests.support.media import drawn

OTHER = drawn.clip("body", face="second victim", noise=0.05, file="second fake")
OTHER_ENTRY = UUID(int=2)


def _relations(decided: Decision) -> dict[tuple[UUID, str], str | None]:
    return {
        (ruling.match.candidate.entry_id, ruling.match.candidate.role): ruling.relation
        for group in decided.groups
        for ruling in group
    }


def _resent(clip: Fingerprint, face: str) -> Fingerprint:
    return drawn.clip("body", face=face, noise=0.15, file=f"{face} re-sent")


@pytest.mark.parametrize("with_original", [False, True], ids=["original unknown", "original known"])
def test_another_fake_of_the_footage_is_listed_as_one(with_original: bool) -> None:
    """It is nearer to the original than to the other fake, and still it is not the original."""
    known = [candidate(FAKE)] + [candidate(ORIGINAL, "original")] * with_original
    decided = decision.decide(query_of(_resent(OTHER, "second victim")), known)
    assert (decided.verdict, decided.reasons) == ("related", ("other_face",))
    assert _relations(decided)[UUID(int=1), "fake"] == "same_footage_other_face"


def test_a_copy_names_its_own_fake_and_the_others_of_the_footage() -> None:
    known = [
        candidate(FAKE),
        candidate(ORIGINAL, "original"),
        candidate(OTHER, entry_id=OTHER_ENTRY),
        candidate(ORIGINAL, "original", entry_id=OTHER_ENTRY),
    ]
    decided = decision.decide(query_of(_resent(OTHER, "second victim")), known)
    assert (decided.verdict, decided.mixed) == ("known_fake", False)
    relations = _relations(decided)
    assert relations[OTHER_ENTRY, "fake"] == "copy"
    assert relations[UUID(int=1), "fake"] == "same_footage_other_face"


def test_the_original_is_no_other_fake() -> None:
    known = [candidate(FAKE), candidate(OTHER, entry_id=OTHER_ENTRY), candidate(ORIGINAL, "original")]
    decided = decision.decide(query_of(_resent(ORIGINAL, "actress")), known)
    assert decided.verdict == "authentic_original"
    assert "copy" not in _relations(decided).values()
