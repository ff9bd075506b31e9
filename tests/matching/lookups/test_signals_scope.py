"""What callers without the scope `signals` see of an answer."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from registry.identity.callers.model import Caller
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.schemas.lookup import LookupAnswer


def _caller(*roles: str) -> Caller:
    return Caller(uuid4(), uuid4(), "tester", frozenset(roles))


def _answer() -> Any:
    return LookupAnswer.example()


def test_signals_are_for_those_with_the_scope() -> None:
    assert shown(_answer(), _caller("lookup", "signals")) == _answer()


def test_others_see_no_signals_and_confidence_to_a_twentieth() -> None:
    answer = _answer()
    answer["confidence"] = answer["matches"][0]["confidence"] = 0.93
    shown_answer = shown(answer, _caller("lookup"))
    assert shown_answer["confidence"] == 0.95
    assert shown_answer["matches"][0]["confidence"] == 0.95
    assert shown_answer["matches"][0]["signals"] is None
    assert shown_answer["matches"][0]["spans"] == answer["matches"][0]["spans"]
    assert answer["confidence"] == 0.93, "the stored answer keeps what it had"
    assert answer["matches"][0]["signals"] is not None


@pytest.mark.parametrize(
    ("exact", "coarse"), [(None, None), (0.0, 0.0), (0.024, 0.0), (0.026, 0.05), (0.6749, 0.65), (0.98, 0.95)]
)
def test_confidence_is_rounded(exact: float | None, coarse: float | None) -> None:
    answer = _answer() | {"confidence": exact, "matches": []}
    assert shown(answer, _caller("lookup"))["confidence"] == coarse
