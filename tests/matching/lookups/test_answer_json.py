"""The JSON of an answer has the fields that the API describes."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel

from registry.matching.decision.model.checked import Unchecked
from registry.matching.lookups import model
from registry.matching.lookups.schemas import lookup
from registry.matching.lookups.schemas.checked import NotChecked


@pytest.mark.parametrize(
    ("typed", "described"),
    [
        (model.Answer, lookup.LookupAnswer),
        (model.Match, lookup.Match),
        (model.Span, lookup.Span),
        (model.Coverage, lookup.Coverage),
        (model.Rollout, lookup.Rollout),
        (model.Watched, lookup.LookupWatch),
        (Unchecked, NotChecked),
    ],
)
def test_a_typed_dictionary_has_the_fields_of_its_model(typed: Any, described: type[BaseModel]) -> None:
    assert typed.__required_keys__ | typed.__optional_keys__ == set(described.model_fields)
    assert {name for name, field in described.model_fields.items() if field.is_required()} <= (
        typed.__required_keys__
    )
