"""Whom an entry says that it depicts, and who is meant."""

from __future__ import annotations

import pytest

from registry.catalogue.entries.model.details import depicts

PEOPLE = [
    {"name": "María Núñez del Río", "url": "https://www.example.org/people/maria/", "role": "concejala"},
    {"name": "أحمد بن علي"},
]


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("maria", True),
        ("RÍO nunez", True),
        ("احمد", True),
        ("maría ahmed", False),
        ("concejala", False),
        ("http://example.org/people/maria#who", True),
        ("https://example.org/people", False),
        ("", False),
        (" \t", False),
    ],
)
def test_people_are_meant_by_name_or_page(wanted: str, meant: bool) -> None:
    assert depicts(PEOPLE, wanted) is meant


def test_nobody_is_meant_where_nobody_is_depicted() -> None:
    assert not depicts([], "maria")
