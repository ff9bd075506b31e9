"""The preview of a policy: the changes that it announces are those that the policy makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from registry.catalogue.banks.service.banks import change_bank
from registry.core.errors import Forbidden
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.service.preview import preview_policy
from tests.support.entries import set_tier
from tests.support.matching.asking import ask, forget_evidence
from tests.support.matching.watches import put
from tests.support.media import drawn

NOISES = (0.5, 1.0, 1.05, 1.08, 1.16, 1.24, 1.32, 1.4)
BROAD = {"min_confidence": 0.6, "min_related": 0.3}
STRICT = {"min_confidence": 0.97, "min_related": 0.9}


def queries() -> list[Any]:
    """Copies that are more and more altered, a single picture of the fake, and an unrelated clip."""
    copies = [drawn.clip("speech", noise=noise, file=f"copy {noise}", seconds=6, start=1) for noise in NOISES]
    return [*copies, drawn.clip("speech", seconds=0.0, file="still"), drawn.clip("weather")]


def asked(service: Service, caller: Caller) -> list[str]:
    return [ask(service, caller, query)["verdict"] for query in queries()]


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, STRICT),
        (BROAD, {"min_confidence": 0.97}),
        (BROAD, {"min_confidence": 0.9, "min_related": 0.8}),
        ({"min_confidence": 0.97}, {"min_confidence": 0.6}),
        ({}, {"known_tier": "reviewed"}),
        ({"known_tier": "court_order"}, {"known_tier": "unreviewed"}),
        ({}, {"answer_tier": "reviewed"}),
        ({"single_frame": True}, {"single_frame": False}),
    ],
)
def test_the_changes_announced_are_those_that_the_policy_makes(
    service: Service, owner: Caller, before: dict[str, Any], after: dict[str, Any]
) -> None:
    put(service, owner, drawn.clip("speech"))
    change_bank(service, owner, "default", before)
    was = asked(service, owner)
    preview = preview_policy(service, owner, "default", after)
    change_bank(service, owner, "default", after)
    becomes = asked(service, owner)
    made = Counter((one, other) for one, other in zip(was, becomes, strict=True) if one != other)
    assert {(change.before, change.after): change.count for change in preview.changes} == made
    assert made, "this policy changes something"
    assert (preview.lookups, preview.unknown, preview.unseen) == (len(was), 0, ())


def test_a_change_names_the_latest_lookups(service: Service, owner: Caller) -> None:
    put(service, owner, drawn.clip("speech"))
    ids = [ask(service, owner, queries()[1])["lookup_id"] for _ in range(5)]
    (change,) = preview_policy(service, owner, "default", {"known_tier": "reviewed"}).changes
    assert (change.before, change.after, change.count) == ("known_fake", "related", 5)
    assert [str(example.lookup_id) for example in change.examples] == ids[:1:-1]


def test_what_was_not_recorded_is_said(service: Service, owner: Caller) -> None:
    put(service, owner, drawn.clip("speech"))
    ask(service, owner, queries()[0])
    set_tier(service, "reviewed")
    looser = {"min_related": 0.1, "single_frame": True}
    assert preview_policy(service, owner, "default", looser).unseen == ("more_related", "single_frame")
    forget_evidence(service)
    preview = preview_policy(service, owner, "default", {"known_tier": "court_order"})
    assert (preview.named, preview.unknown, preview.changes) == (1, 1, [])


def test_only_administrators_preview(service: Service, owner: Caller) -> None:
    with pytest.raises(Forbidden):
        preview_policy(service, replace(owner, roles=frozenset({"lookup"})), "default", STRICT)
