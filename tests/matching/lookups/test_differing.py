"""The map of a match shows where a fake and its original differ, and whose each cell of the query is."""

from __future__ import annotations

import pytest

from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.core.service import Service
from registry.identity.callers.model import Caller
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.pages import differing
from tests.support.matching.asking import ask
from tests.support.media.faked import FACE, clip

HEIGHT, WIDTH = 180, 320


@pytest.fixture
def registered(service: Service, owner: Caller) -> None:
    """A fake and its original, which differ in the face."""
    new = Registration(
        fakes=(clip("swapped", file="fake"),),
        originals=(clip("genuine", file="original"),),
        manipulation="face_swap",
    )
    register_entry(service, owner, new)


@pytest.mark.usefixtures("registered")
@pytest.mark.parametrize(("face", "relation"), [("swapped", "copy"), ("genuine", "original")])
def test_the_marked_cells_cover_the_face_and_are_like_the_file_that_the_query_is(
    service: Service, owner: Caller, face: str, relation: str
) -> None:
    found = ask(service, owner, clip(face, file="query"))["matches"][0]
    assert found["relation"] == relation
    drawn = differing.drawn(found)
    assert drawn is not None
    down, across = FACE
    for square in drawn.squares:
        assert 100 * across.start / WIDTH - square.width <= square.x <= 100 * across.stop / WIDTH
        assert 100 * down.start / HEIGHT - square.height <= square.y <= 100 * down.stop / HEIGHT
    whole = (down.stop - down.start) * (across.stop - across.start) / HEIGHT / WIDTH
    assert whole / 2 < drawn.share < 2 * whole
    mine, other = (
        (drawn.of("fake"), drawn.of("original"))
        if relation == "copy"
        else (
            drawn.of("original"),
            drawn.of("fake"),
        )
    )
    assert mine > 0.8
    assert other < 0.1


@pytest.mark.usefixtures("registered")
def test_who_may_not_see_signals_sees_no_map(service: Service, owner: Caller) -> None:
    answer = ask(service, owner, clip("swapped", file="query"))
    reader = Caller(owner.caller_id, owner.organization_id, "x", frozenset({"lookup"}))
    assert differing.drawn(shown(answer, reader)["matches"][0]) is None


def test_a_crop_is_drawn_where_it_lies_in_the_registered_picture() -> None:
    difference = {"place": [0.25, 0.5, 0.75, 1.0], "cells": [[0, 0, 20, 0.1], [23, 23, 9, 0.5]]}
    drawn = differing.drawn({"signals": {"difference": difference}})
    assert drawn is not None
    first, last = drawn.squares
    assert (first.x, first.y, first.kind) == (25, 50, "fake")
    assert last.x + last.width == pytest.approx(75, abs=0.1)
    assert last.y + last.height == pytest.approx(100, abs=0.1)
    assert last.kind == "neither"
    assert drawn.share == pytest.approx(2 / 576)


def test_answers_recorded_before_cells_were_have_no_map() -> None:
    assert (
        differing.drawn({"signals": {"difference": {"value": 0.1, "decides": True, "moments": []}}}) is None
    )
