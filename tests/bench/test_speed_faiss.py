"""The bench of faiss's indexes: one that searches everything finds everything, however it orders bits."""

from __future__ import annotations

import numpy as np
import pytest

from tests.bench.speed import faiss_scale
from tests.bench.speed.faiss_scale import Codes, Found, Searched
from tests.bench.speed.shape import Shape


@pytest.mark.parametrize(("name", "effort"), [("ivf4", 4), ("hash10x24", 1)])
def test_what_is_one_bit_away_is_found_at_the_greatest_effort(name: str, effort: int) -> None:
    draw = np.random.default_rng(1)
    codes = Codes(draw.integers(0, 256, (400, 32), np.uint8), np.arange(400, dtype=np.int32))
    turned = codes.hashes[:20].copy()
    turned[:, 9] ^= 16
    found = [near.tolist() for near, _ in Searched(name, codes, Shape.load()).near(turned, effort)]
    assert found == [[row] for row in range(20)]


def test_figures_are_of_the_cheapest_way_to_the_recall_that_is_wanted() -> None:
    rows = [
        Found("ivf8", 100.0, effort, share, 1.0, cost, 2 * cost, 40.0, 1.0)
        for effort, share, cost in ((1, 0.5, 10.0), (2, 0.9991, 500.0), (4, 1.0, 900.0))
    ]
    expected = {"faiss_recall_vs_sql": 0.9991, "faiss_100m_lookups_per_s": 2000.0, "faiss_100m_p99_ms": 1.0}
    assert faiss_scale.figures(rows) == expected
