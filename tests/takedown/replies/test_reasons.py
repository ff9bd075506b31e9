"""Statements of reasons: which fields are checked how, and what they say of the content."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput, TooLarge
from registry.takedown.regimes.model import dsa_terms
from registry.takedown.replies.model import reasons
from tests.support.takedown.statements import statement

TODAY = date(2026, 11, 26)


def faults(**other: Any) -> list[tuple[str, str]]:
    return [(fault.field, fault.code) for fault in reasons.checked(1, statement(**other)).faults]


def test_each_form_is_read() -> None:
    one, two = statement(), statement()
    lines = "\n".join(map(json.dumps, (one, two)))
    forms = [json.dumps([one, two]), json.dumps({"statements": [one, two]}), lines, f"\ufeff{lines}\n\n"]
    for form in forms:
        assert [each.puid for each in reasons.read(form.encode())] == [one["puid"], two["puid"]]
    assert [each.row for each in reasons.read(json.dumps(one).encode())] == [1]
    for raw, code in (
        (b"", "no_statements"),
        (b"[]", "no_statements"),
        (b"{", "bad_json"),
        (b"{}\nx", "bad_json"),
    ):
        with pytest.raises(BadInput) as error:
            reasons.read(raw)
        assert error.value.code == code
    with pytest.raises(TooLarge):
        reasons.read(b"[" + b",".join([b"1"] * (reasons.MOST + 1)) + b"]")


@pytest.mark.parametrize("name", reasons.REQUIRED)
def test_missing_required_fields_are_reported(name: str) -> None:
    assert (name, "field_missing") in faults(**{name: None})
    assert faults(**{name: 5})


@pytest.mark.parametrize(
    ("other", "found"),
    [
        ({}, []),
        ({"unknown": "x", "uuid": 5}, []),
        ({"decision_visibility": None}, [("decision_visibility", "decision_missing")]),
        ({"decision_visibility": [], "decision_account": "DECISION_ACCOUNT_SUSPENDED"}, []),
        (
            {"decision_visibility": ["DECISION_VISIBILITY_OTHER"]},
            [("decision_visibility_other", "field_missing")],
        ),
        (
            {"decision_visibility": "DECISION_VISIBILITY_OTHER"},
            [("decision_visibility", "not_a_list"), ("decision_visibility_other", "field_missing")],
        ),
        ({"illegal_content_explanation": None}, [("illegal_content_explanation", "field_missing")]),
        ({"illegal_content_explanation": "x" * 2001}, [("illegal_content_explanation", "too_long")]),
        ({"decision_facts": "x" * 5001}, [("decision_facts", "too_long")]),
        (
            {"decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT"},
            [
                ("incompatible_content_ground", "field_missing"),
                ("incompatible_content_explanation", "field_missing"),
            ],
        ),
        ({"incompatible_content_illegal": "Maybe"}, []),  # of the other ground: left out
        ({"puid": "x" * 501}, [("puid", "bad_puid")]),
        ({"puid": "a\n"}, [("puid", "bad_puid")]),
        ({"content_date": "1999-12-31"}, [("content_date", "bad_day")]),
        ({"application_date": "2019-12-31"}, [("application_date", "bad_day")]),
        ({"application_date": "2026-02-29"}, [("application_date", "bad_day")]),
        ({"application_date": "2026-1-31"}, [("application_date", "bad_day")]),
        ({"end_date_visibility_restriction": "2038-01-02"}, [("end_date_visibility_restriction", "bad_day")]),
        ({"territorial_scope": ["ES", "XX"]}, [("territorial_scope", "unknown_value")]),
        ({"territorial_scope": [["ES"]]}, [("territorial_scope", "unknown_value")]),
        ({"content_language": "es"}, [("content_language", "unknown_value")]),
        ({"content_id": {"EAN-13": "12"}}, [("content_id", "bad_ean")]),
        (
            {"decision_ground_reference_url": "javascript:alert(1)"},
            [("decision_ground_reference_url", "bad_url")],
        ),
        ({"automated_detection": True}, [("automated_detection", "unknown_value")]),
        ({"category": {"a": 1}}, [("category", "unknown_value")]),
    ],
)
def test_fields_are_checked_as_the_database_checks_them(
    other: dict[str, Any], found: list[tuple[str, str]]
) -> None:
    assert sorted(faults(**other)) == sorted(found)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.dictionaries(st.sampled_from(sorted(statement())) | st.text(max_size=8), json_values, max_size=8))
def test_whatever_comes_is_kept_or_has_a_fault_that_is_known(other: dict[str, Any]) -> None:
    found = reasons.checked(1, statement() | other)
    assert all(fault.code in reasons.FAULTS and fault.message for fault in found.faults)
    if not found.faults:
        assert reasons.outcome(found.fields)
        assert reasons.summary(found.fields)
        json.dumps(found.fields)


@pytest.mark.parametrize(
    ("other", "outcome", "act"),
    [
        ({}, "removed", "remove"),
        ({"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DISABLED"]}, "disabled", "remove"),
        ({"territorial_scope": ["ES", "FR"]}, "partly", None),
        ({"territorial_scope": sorted(dsa_terms.UNION)}, "removed", "remove"),
        ({"end_date_visibility_restriction": "2027-01-01"}, "partly", None),
        ({"decision_visibility": ["DECISION_VISIBILITY_CONTENT_DEMOTED"]}, "restricted", "refuse"),
        (
            {"decision_visibility": ["DECISION_VISIBILITY_OTHER"], "decision_visibility_other": "x"},
            "other",
            None,
        ),
        ({"decision_visibility": None, "decision_account": "DECISION_ACCOUNT_TERMINATED"}, "account", None),
        ({"decision_visibility": None, "decision_monetary": "DECISION_MONETARY_SUSPENSION"}, "other", None),
        ({"application_date": "2026-11-27"}, "removed", None),
    ],
)
def test_decisions_about_the_content(other: dict[str, Any], outcome: str, act: str | None) -> None:
    said = reasons.checked(1, statement(**other)).fields
    assert (reasons.outcome(said), reasons.proposed(said, TODAY)) == (outcome, act)


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"category_specification": ["KEYWORD_STALKING_BY_DRONE"]}, "category_specification"),
        ({"category": "STATEMENT_CATEGORY_NEW"}, "category"),
        ({"content_type": ["CONTENT_TYPE_VIDEO", "CONTENT_TYPE_HOLOGRAM"]}, "content_type"),
        ({"source_type": "SOURCE_NEW"}, "source_type"),
    ],
)
def test_a_term_that_the_list_lacks_is_kept_with_a_warning(other: dict[str, Any], field: str) -> None:
    found = reasons.checked(1, statement(**other))
    assert found.faults == ()
    assert [(warning.field, warning.code) for warning in found.warnings] == [(field, "unknown_term")]
    assert "2026" in found.warnings[0].message
    assert found.fields[field] == (sorted(other[field]) if isinstance(other[field], list) else other[field])


def test_a_restriction_that_the_list_lacks_moves_no_notice() -> None:
    found = reasons.checked(1, statement(decision_visibility=["DECISION_VISIBILITY_CONTENT_BLURRED"]))
    assert [warning.field for warning in found.warnings] == ["decision_visibility"]
    assert (reasons.outcome(found.fields), reasons.proposed(found.fields, TODAY)) == ("other", None)


def test_grounds() -> None:
    incompatible = {
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "Rule 3",
        "incompatible_content_explanation": "No fakes.",
    }
    both = incompatible | {"incompatible_content_illegal": "Yes"}
    grounds = [
        reasons.ground(reasons.checked(1, statement(**item)).fields) for item in ({}, incompatible, both)
    ]
    assert grounds == ["illegal", "incompatible", "both"]


def test_words_of_the_database_are_consistent() -> None:
    belonging = {word for category in dsa_terms.CATEGORIES for word in dsa_terms.keywords_of(category)}
    assert belonging | dsa_terms.UNCATEGORISED == dsa_terms.KEYWORDS
    assert belonging.isdisjoint(dsa_terms.UNCATEGORISED)
    assert "KEYWORD_STALKING" in dsa_terms.KEYWORDS
    assert len(dsa_terms.CATEGORIES) == 16
    assert len(dsa_terms.UNION) == 27
