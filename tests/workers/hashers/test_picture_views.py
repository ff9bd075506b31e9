"""Python's views are those of the vectors, which the browser is held against too."""

from __future__ import annotations

from tests.workers.hashers import views


def test_vectors_equal_those_of_python() -> None:
    assert views.computed() == views.read()
