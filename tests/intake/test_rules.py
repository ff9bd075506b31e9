"""Numbers and PINs of private cases: no slip of the pen makes one number another."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput
from registry.intake import model as intake
from registry.intake.model import LETTERS, NUMBERS, case_number, check, in_halves, number, typed_pin
from registry.persons.erasure.model import ALPHABET

SECRETS = st.integers(0, NUMBERS - 1)
PLACES = st.integers(0, LETTERS)


@given(SECRETS)
def test_a_number_is_read_as_it_is_written(secret: int) -> None:
    kept = number(secret)
    assert len(kept) == LETTERS + 1
    spoken = in_halves(kept).lower().replace("0", "o").replace("1", "l").replace("-", " – ")
    assert case_number(f"\u200f {spoken}\u2069") == kept


@given(SECRETS, PLACES, st.sampled_from(ALPHABET))
def test_one_letter_mistaken_is_no_number(secret: int, place: int, letter: str) -> None:
    kept = number(secret)
    slip = kept[:place] + letter + kept[place + 1 :]
    if slip != kept:
        with pytest.raises(BadInput, match="mistyped"):
            case_number(slip)


@given(SECRETS, PLACES, PLACES)
def test_two_letters_exchanged_are_no_number(secret: int, one: int, other: int) -> None:
    letters = list(number(secret))
    letters[one], letters[other] = letters[other], letters[one]
    if (slip := "".join(letters)) != number(secret):
        with pytest.raises(BadInput, match="mistyped"):
            case_number(slip)


@given(st.text(max_size=30))
def test_invalid_case_numbers_are_recognised(text: str) -> None:
    with suppress(BadInput):
        kept = case_number(text)
        assert check(kept[:LETTERS]) == kept[LETTERS]


def test_vectors() -> None:
    assert case_number("7qk4m-1xrdf") == "7QK4M1XRDF"
    assert number(0) == "0000000000"
    assert in_halves(number(NUMBERS - 1)) == "ZZZZZ-ZZZZ" + check("Z" * LETTERS)


@pytest.mark.parametrize(
    ("typed", "read"),
    [("4071 8293", "40718293"), ("٤٠٧١٨٢٩٣", "40718293"), ("", ""), ("x", ""), ("1" * 50, "1" * 9)],
)
def test_a_pin_is_its_digits(typed: str, read: str) -> None:
    assert typed_pin(typed) == read
    assert intake.pin(7) == "00000007"


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "waiting"),
        ({"status": "pending"}, "waiting"),
        ({"own_tier": "reviewed"}, "waiting"),
        ({"own_tier": "reviewed", "visibility": "private"}, "confirmed"),
        ({"tier": "court_order"}, "confirmed"),
        ({"status": "suspended", "suspended_for": "dispute"}, "contested"),
        ({"status": "suspended", "suspended_for": "rejected"}, "declined"),
        ({"status": "withdrawn"}, "ended"),
        ({"status": "withdrawn", "withdrawn_at": datetime.now(UTC)}, "withdrawn"),
    ],
)
def test_states_of_a_case(change: dict[str, Any], state: str) -> None:
    case = intake.CaseFacts(None, "matchable", None, "unreviewed", "unreviewed", "shared")
    assert intake.state(replace(case, **change)) == state


def test_a_bank_that_anybody_reads_takes_no_cases() -> None:
    fit = {"known_tier": "reviewed"}
    assert intake.unfit("fakes", "shared", fit) == []
    for kind, visibility, policy in (
        ("negative", "private", fit),
        ("fakes", "public", fit),
        ("fakes", "private", {}),
        ("fakes", "private", fit | {"public_tier": "reviewed"}),
        ("fakes", "private", fit | {"published": True}),
        ("fakes", "private", fit | {"subscribers_list": True}),
    ):
        assert len(intake.unfit(kind, visibility, policy)) == 1
