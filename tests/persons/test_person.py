"""A protected person's state machine, and what a consent must be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import BadInput, Conflict, Forbidden
from registry.identity.callers.model import Caller
from registry.persons import model as person
from registry.persons.erasure import model as revocation
from registry.persons.model import LIVING, STATES, TRANSITIONS, Act, State, prose

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
NAIVE = NOW.replace(tzinfo=None)
SHA256 = "ab" * 32
ACTS: tuple[Act, ...] = ("accept", "refuse", "renew", "revoke", "expire", "erase")


def consent(**changed: Any) -> person.Consent:
    payload: dict[str, Any] = {
        "by": "self",
        "text": "I agree.",
        "document_sha256": SHA256,
        "given_at": NOW - timedelta(days=1),
        "expires_at": None,
        "scope": ["lookups"],
        "minor": False,
        "acting": None,
        "mandate_sha256": None,
    }
    now = changed.pop("now", NOW)
    return person.consent(person.GivenConsent(**(payload | changed)), now=now)


@given(st.lists(st.sampled_from(ACTS)))
def test_whatever_is_done_nobody_comes_back(acts: list[Act]) -> None:
    state: State = "proposed"
    for act in acts:
        if (state, act) not in TRANSITIONS:
            with pytest.raises(Conflict) as caught:
                person.after(state, act)
            assert (caught.value.code, caught.value.extra["state"]) == ("wrong_state", state)
            continue
        following = person.after(state, act)
        assert not (state not in LIVING and following in LIVING)
        assert following != "active" or state == "active" or act == "accept"
        assert state != "erased"
        state = following
    assert state in STATES


def test_every_living_person_can_be_revoked_and_every_other_erased() -> None:
    for state in STATES:
        assert ((state, "revoke") in TRANSITIONS) == (state in LIVING)
        assert ((state, "erase") in TRANSITIONS) == (state != "erased")
    assert {following for (state, _), following in TRANSITIONS.items() if state not in LIVING} == {"erased"}


@given(
    st.datetimes(NAIVE - timedelta(days=9000), NAIVE + timedelta(days=9000)),
    st.integers(-14 * 60, 14 * 60),
    st.timedeltas(timedelta(days=-5), timedelta(days=800)),
)
def test_a_consent_never_holds_longer_than_twelve_months(
    day: datetime, offset: int, length: timedelta
) -> None:
    given_at = day.replace(tzinfo=timezone(timedelta(minutes=offset)))
    ends = given_at + length
    refused = "consent_over" if length <= timedelta(0) else "consent_too_long"
    if given_at < ends <= person.a_year_after(given_at):
        found = consent(given_at=given_at, expires_at=ends, now=given_at)
        assert (found.given_at, found.expires_at) == (given_at, ends)
        assert length <= timedelta(days=366)
    else:
        with pytest.raises(BadInput) as caught:
            consent(given_at=given_at, expires_at=ends, now=given_at)
        assert caught.value.code == refused


def test_a_consent_of_a_leap_day_ends_on_the_twenty_eighth() -> None:
    leap = datetime(2028, 2, 29, 12, tzinfo=UTC)
    assert consent(given_at=leap, now=leap).expires_at == datetime(2029, 2, 28, 12, tzinfo=UTC)


def test_times_count_with_their_offset() -> None:
    kiritimati = datetime(2026, 11, 25, 22, 59, tzinfo=timezone(timedelta(hours=14)))
    assert consent(given_at=kiritimati).given_at == datetime(2026, 11, 25, 8, 59, tzinfo=UTC)
    honolulu = datetime(2026, 11, 25, 8, tzinfo=timezone(timedelta(hours=-10)))
    with pytest.raises(BadInput) as caught:
        consent(given_at=honolulu)
    assert caught.value.code == "consent_in_future"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"given_at": NAIVE}, "bad_time"),
        ({"expires_at": NAIVE + timedelta(days=30)}, "bad_time"),
        ({"given_at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))}, "bad_time"),
        ({"given_at": NOW - timedelta(days=400)}, "consent_over"),
        ({"expires_at": NOW - timedelta(hours=1)}, "consent_over"),
        ({"expires_at": NOW + timedelta(days=366)}, "consent_too_long"),
        ({"scope": []}, "bad_scope"),
        ({"scope": ["lookups", "everything"]}, "bad_scope"),
        ({"text": " \n "}, "bad_label"),
        ({"text": "a\x00b"}, "bad_label"),
        ({"text": "a" * 20_001}, "bad_label"),
        ({"document_sha256": "ab"}, "bad_sha256"),
        ({"minor": True}, "guardian_needed"),
        ({"minor": True, "by": "representative", "acting": "A", "mandate_sha256": SHA256}, "guardian_needed"),
        ({"by": "guardian", "acting": "A", "mandate_sha256": SHA256}, "guardian_needed"),
        ({"by": "guardian", "minor": True}, "mandate_needed"),
        ({"by": "representative", "acting": "A"}, "mandate_needed"),
        ({"by": "representative", "mandate_sha256": SHA256}, "mandate_needed"),
        ({"by": "somebody"}, "mandate_needed"),
        ({"acting": "A"}, "mandate_needed"),
    ],
)
def test_a_consent_that_is_none(changed: dict[str, Any], code: str) -> None:
    with pytest.raises(BadInput) as caught:
        consent(**changed)
    assert caught.value.code == code


def test_a_guardian_consents_for_a_minor_in_any_language() -> None:
    found = consent(
        by="guardian",
        minor=True,
        acting="Jose\u0301 Ibáñez",
        mandate_sha256=SHA256.upper(),
        text="أوافق\tعلى\r\n\r\n  同意します  ",
        scope=["entries", "lookups"],
    )
    assert (found.acting, found.mandate_sha256) == ("José Ibáñez", SHA256)
    assert found.text == "أوافق على\n\n同意します"
    assert found.scope == ("lookups", "entries")
    assert "Ibáñez" not in repr(found), "what is personal is in no log"


def test_invisible_text_is_refused() -> None:
    assert prose("First.\n\u200b\nلمى\u200c\u200dA.\n\ufeff", "text") == "First.\n\nلمى\u200c\u200dA."
    for empty in ("\u200b", " \u202e\n\u2060 "):
        with pytest.raises(BadInput) as caught:
            prose(empty, "text")
        assert caught.value.code == "bad_label"


def test_media_that_may_show_a_minor_sexually_is_refused() -> None:
    person.refuse_abuse(shows_minor_sexually=False)
    with pytest.raises(Forbidden) as caught:
        person.refuse_abuse(shows_minor_sexually=True)
    assert caught.value.code == "minor_protection"
    assert "inhope.org" in str(caught.value.next_step)


@given(st.binary(min_size=15, max_size=40))
def test_a_revocation_code_is_read_as_people_write_it(secret: bytes) -> None:
    code = revocation.code(secret)
    assert len(code) == 29
    written = code.lower().replace("-", " – ").replace("0", "o").replace("1", "l")
    assert revocation.digest(written) == revocation.digest(code)


@given(st.binary(min_size=15, max_size=15), st.integers(0, 24), st.sampled_from(revocation.ALPHABET))
def test_most_typing_errors_of_a_code_are_detected(secret: bytes, place: int, letter: str) -> None:
    letters = revocation.code(secret).replace("-", "")
    slipped = letters[:place] + letter + letters[place + 1 :]
    if slipped == letters or revocation.check(slipped[:-1]) == slipped[-1]:  # one slip of 32
        assert (revocation.digest(slipped) == revocation.digest(letters)) == (slipped == letters)
        return
    with pytest.raises(BadInput) as caught:
        revocation.digest(slipped)
    assert caught.value.code == "bad_code"


@pytest.mark.parametrize("text", ["", "-----", "AAAAA-AAAAA", "é" * 25, "X" * 10_000, "\x00" * 25])
def test_invalid_codes(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        revocation.digest(text)
    assert caught.value.code == "bad_code"


def test_one_of_several_roles_is_enough() -> None:
    caller = Caller(uuid4(), uuid4(), "lawyer", frozenset({"faces", "takedown"}))
    caller.require_any("register", "takedown")
    with pytest.raises(Forbidden):
        caller.require_any("register", "review")
