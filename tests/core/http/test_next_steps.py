"""Every problem says what to do about it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from registry.app.api.codes import CODES
from registry.core import errors
from registry.core.errors import MEDIA_CODES, NEXT_STEPS, BadMedia, FakeprintError, NotSettled, TooMany
from registry.core.http import problems

SENTENCE = re.compile(r"[A-Z`].*\.\Z")


def _kinds() -> Iterator[type[FakeprintError]]:
    yield from (
        var for var in vars(errors).values() if isinstance(var, type) and issubclass(var, FakeprintError)
    )


def _raised(kind: type[FakeprintError], code: str | None = None) -> FakeprintError:
    return kind("Said.", wanted="full") if issubclass(kind, NotSettled) else kind("Said.", code=code)


@pytest.mark.parametrize("kind", [*_kinds()], ids=lambda kind: str(kind.__name__))
def test_every_class_of_errors_has_one(kind: type[FakeprintError]) -> None:
    assert SENTENCE.match(_raised(kind).problem()["next_step"])
    assert kind is FakeprintError or "step" in vars(kind) or kind in {NotSettled, TooMany}


@pytest.mark.parametrize("code", [*CODES])
def test_every_code_that_is_answered_has_one(code: str) -> None:
    """By its code, else by the class of its status."""
    statuses = {int(part) for part in CODES[code][0].split(", ")}
    kinds = [kind for kind in _kinds() if kind.status in statuses]
    if statuses == {405}:  # The router's alone.
        kinds = [FakeprintError]
    assert kinds, f"no class of errors has one of the statuses {statuses}"
    for kind in kinds:
        assert SENTENCE.match(_raised(kind, code).problem()["next_step"])


@pytest.mark.parametrize("code", [*MEDIA_CODES])
def test_media_have_one_of_their_own(code: str) -> None:
    """A worker's error is kept by code and message: what to do is not forgotten on the way. The command line
    prints the same."""
    error = BadMedia(MEDIA_CODES[code], code=code)
    assert error.problem()["next_step"] == error.next_step == NEXT_STEPS[code]


def test_an_error_that_knows_better_is_heard() -> None:
    error = errors.BadMedia("No.", code="not_media", next_step="Ask Ana.")
    assert error.problem()["next_step"] == "Ask Ana."
    assert problems.bug().problem()["next_step"]
