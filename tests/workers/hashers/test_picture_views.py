"""Python's views are those of the vectors, which the browser is held against too."""

from __future__ import annotations

from tests.workers.hashers import views


def test_the_vectors_are_what_python_says() -> None:
    assert views.said() == views.read()
