"""Pictures that say nothing decide nothing, also where nobody has measured that they do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from registry.catalogue.fingerprints.model.document import from_document, to_document
from registry.catalogue.fingerprints.model.enrolment import check_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.matching.decision.model import decision
from tests.support.matching.decisions import candidate, query_of
from tests.support.media import drawn

BLACK = drawn.clip("black", seconds=3)


def opened_black(seed: str) -> Fingerprint:
    """A clip whose first three seconds are everybody's."""
    clip = drawn.clip(seed, seconds=20)
    black = tuple(replace(frame, quality=0) for frame in BLACK.frames)
    return replace(clip, frames=(*black, *(frame for frame in clip.frames if frame.time >= 3)))


def unmeasured(clip: Fingerprint) -> Fingerprint:
    """The clip as a document without PDQ has it."""
    document: dict[str, Any] = to_document(clip, faces=False)
    del document["algorithms"]["pdq.1"]
    return from_document(document)


def test_black_openings_are_no_copies_of_each_other() -> None:
    asset = opened_black("one")
    decided = decision.decide(query_of(opened_black("other")), [candidate(asset, manipulation="edited")])
    assert decided.verdict == "no_match"


def test_unmeasured_black_openings_are_for_a_person_to_judge() -> None:
    asset = unmeasured(opened_black("one"))
    check_document(asset)
    decided = decision.decide(
        query_of(unmeasured(opened_black("other"))),
        [candidate(asset, manipulation="edited", tier="reviewed")],
    )
    assert decided.verdict == "related"
    assert "low_information" in decided.reasons


@pytest.mark.parametrize("registered", [True, False], ids=["asset", "query"])
def test_one_side_that_was_measured_is_enough(registered: bool) -> None:
    clips = [drawn.clip("body", seconds=12), unmeasured(drawn.clip("body", seconds=12, noise=0.05))]
    asset, query = clips if registered else clips[::-1]
    found = decision.decide(query_of(query), [candidate(asset, manipulation="edited", tier="reviewed")])
    assert found.verdict == "known_fake"
    black = [opened_black("one"), unmeasured(opened_black("other"))]
    asset, query = black if registered else black[::-1]
    found = decision.decide(query_of(query), [candidate(asset, manipulation="edited", tier="reviewed")])
    assert found.verdict == "no_match"


def test_copies_without_measure_on_either_side_are_found() -> None:
    asset, query = (unmeasured(drawn.clip("body", seconds=12, noise=noise)) for noise in (0.0, 0.05))
    found = decision.decide(query_of(query), [candidate(asset, manipulation="edited", tier="reviewed")])
    assert (found.verdict, found.reasons) == ("related", ("low_information",))
    assert found.groups[0][0].relation == "copy"


def test_the_very_same_file_is_known_whatever_was_measured() -> None:
    clip = unmeasured(drawn.clip("body", seconds=12))
    found = decision.decide(query_of(clip), [candidate(clip, manipulation="edited", tier="reviewed")])
    assert found.verdict == "known_fake"


def test_a_frame_that_was_not_measured_among_others_is_not_compared() -> None:
    document: dict[str, Any] = to_document(drawn.clip("body"), faces=False)
    del document["algorithms"]["pdq.1"]["frames"][3]
    assert [frame.informative for frame in from_document(document).frames].index(False) == 3
