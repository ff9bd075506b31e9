"""What large registries would cost: the page has the table that the command prints."""

from __future__ import annotations

from tests.bench.speed.cluster import ROOT
from tests.bench.speed.database.costs import Engine, table


def test_the_page_has_the_computed_table() -> None:
    assert table() in (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def test_what_outgrows_a_server_is_divided_and_each_part_is_asked() -> None:
    engine = Engine("any", fixed_ms=1.0, ms_a_million=0.1, gb_a_million=0.7)
    assert [engine.servers(millions) for millions in (10, 100, 1_000)] == [1, 1, 10]
    assert [engine.ms(millions) for millions in (10, 100, 1_000)] == [2.0, 11.0, 110.0]


def test_copies_are_of_all_parts() -> None:
    engine = Engine("any", fixed_ms=1.0, ms_a_million=0.1, gb_a_million=0.7)
    cores, gb, euros = engine.cost(1_000, 1_000)
    assert round(cores) == 185
    assert (gb, euros) == (2 * 700, 2 * 10 * 1_500)
