"""One fake in 90 places: the scenario of `make bench-takedown`, short, on media made here."""

from __future__ import annotations

import pytest

from tests.bench.takedown.run import run

pytestmark = pytest.mark.slow(82)


def test_from_a_fake_to_the_file_for_the_judge() -> None:
    story = run(None, short=True)
    assert story.wrong == []
    figures = story.figures
    assert (figures["rows"], figures["defects"], figures["kills"]) == (120, 30, 3)
    assert figures["notices_sent"] > 80
    wanted = {"sent_twice": 0, "wrongly_sent": 0, "breaches_raised": 2, "bundle_tamper_unseen": 0}
    assert {name: figures[name] for name in wanted} == wanted
