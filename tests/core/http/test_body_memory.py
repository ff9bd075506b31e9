"""Bodies in memory: bounded in all, and of one caller."""

from __future__ import annotations

from contextlib import ExitStack

import pytest

from registry.core.errors import TooMany, Unavailable
from registry.core.http.body_memory import UNCOUNTED, BodyMemory

MEBIBYTE = 1 << 20


def test_a_caller_gets_half_of_the_memory_budget_at_most() -> None:
    room = BodyMemory(MEBIBYTE, total=8 * MEBIBYTE)
    with ExitStack() as held:
        for key in ("a", "b"):
            for _ in range(4):
                held.enter_context(room.place(key)).hold(MEBIBYTE)
            with pytest.raises(TooMany), room.place(key) as place:
                place.hold(UNCOUNTED + 1)
        with pytest.raises(Unavailable) as refused, room.place("c") as place:
            place.hold(UNCOUNTED + 1)
        assert refused.value.code == "busy"
        with room.place("c") as place:
            place.hold(UNCOUNTED)
    with room.place("c") as place:
        place.hold(4 * MEBIBYTE)
    assert not room._held, "nobody is remembered who holds nothing"


def test_a_body_takes_more_as_it_comes_and_nothing_more_once_refused() -> None:
    room = BodyMemory(MEBIBYTE, total=4 * MEBIBYTE)
    with room.place("a") as place:
        for size in (10, UNCOUNTED, UNCOUNTED + 1, MEBIBYTE, MEBIBYTE, 3):
            place.hold(size)
        assert place.size == MEBIBYTE
        with pytest.raises(TooMany):
            place.hold(3 * MEBIBYTE)
        assert place.size == MEBIBYTE
        with room.place("a") as other:
            other.hold(MEBIBYTE)


def test_the_largest_bodies_have_room_whatever_their_size() -> None:
    room = BodyMemory(100 * MEBIBYTE, total=MEBIBYTE)
    with room.place("a") as one, room.place("a") as two:
        one.hold(100 * MEBIBYTE)
        two.hold(100 * MEBIBYTE)
