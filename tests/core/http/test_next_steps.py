"""Every problem says what to do about it, and every code has one class for each of its statuses."""

from __future__ import annotations

import re

import pytest

from registry.app.api.codes import CODES
from registry.core.errors import (
    MEDIA_CODES,
    BadMedia,
    Conflict,
    FakeprintError,
    NotMedia,
    NotSettled,
    TooMany,
    WrongState,
)
from registry.core.http import problems

SENTENCE = re.compile(r"[A-Z`].*[.?]\Z")
KINDS = [kind for kind in FakeprintError.kinds() if kind.__module__.startswith("registry.")]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: str(kind.__name__))
def test_every_error_has_a_next_step(kind: type[FakeprintError]) -> None:
    error = kind("Said.", wanted="full") if issubclass(kind, NotSettled) else kind("Said.")
    assert SENTENCE.match(error.problem()["next_step"])
    of_a_status = kind.__base__ is FakeprintError and kind.__module__ == FakeprintError.__module__
    assert not of_a_status or "step" in vars(kind) or kind in {NotSettled, TooMany}


def test_each_status_of_a_code_has_one_class() -> None:
    for code, (statuses, _) in CODES.items():
        kinds = [kind for kind in KINDS if kind.code == code and kind.meaning]
        assert sorted(kind.status for kind in kinds) == [int(part) for part in statuses.split(", ")]


def test_an_error_inherits_no_text_of_another_code() -> None:
    assert all(kind.next_step is None for kind in BadMedia.kinds() if "next_step" not in vars(kind))
    assert BadMedia("No.").next_step is None


@pytest.mark.parametrize("code", sorted(MEDIA_CODES))
def test_a_stored_code_becomes_its_class_again(code: str) -> None:
    """A worker's error is stored as code and message. The next step comes from the class."""
    error = BadMedia.of_code(code, "No.")
    assert type(error) is not BadMedia
    assert (error.code, error.message) == (code, "No.")
    assert error.problem()["next_step"] == error.next_step


def test_a_code_without_a_class_is_kept() -> None:
    error = Conflict.of_code("of_a_newer_version", "No.", next_step="Upgrade.")
    assert type(error) is Conflict
    assert (error.code, error.status, error.next_step) == ("of_a_newer_version", 409, "Upgrade.")
    assert Conflict.code == "conflict"


def test_a_code_of_another_status_keeps_the_status_that_was_answered() -> None:
    assert Conflict.of_code(NotMedia.code, "No.").status == 409


def test_a_specific_next_step_wins() -> None:
    error = NotMedia("No.", next_step="Ask Ana.")
    assert error.problem()["next_step"] == "Ask Ana."
    assert problems.bug().problem()["next_step"]


def test_further_fields_replace_none_of_rfc_9457() -> None:
    problem = WrongState(
        "The delivery is waiting.", extra={"status": "waiting", "channel": "paper"}
    ).problem()
    assert (problem["status"], problem["channel"]) == (409, "paper")
