"""Column charts: heights to scale, nothing for what was not measured, from the other side in Arabic."""

from __future__ import annotations

from registry.console.charts import LEAST, columns


def test_segments_stand_on_each_other_to_scale() -> None:
    low, high = columns([{"name": 1, "a": 1, "b": 1}, {"name": 2, "a": 3, "b": 1}], ("a", "b"))
    assert (low.total, high.total) == (2, 4)
    assert [(block.of, block.y, block.height) for block in high.blocks] == [("a", 25, 75), ("b", 0, 25)]
    assert [(block.y, block.height) for block in low.blocks] == [(75, 25), (50, 25)]


def test_what_was_not_measured_has_no_column() -> None:
    none, zero, some = columns([{"name": n, "h": value} for n, value in enumerate((None, 0, 2.5))], ("h",))
    assert (none.total, none.blocks, zero.total, zero.blocks) == (None, (), 0, ())
    assert some.blocks[0].height == 100


def test_a_small_segment_can_be_seen() -> None:
    (column,) = columns([{"name": 1, "a": 1, "b": 100_000}], ("a", "b"))
    assert column.blocks[0].height == LEAST
    assert column.blocks[-1].y == 0, "it does not grow out of the chart"


def test_mirrored_columns_come_from_the_right() -> None:
    groups = [{"name": n, "a": 1} for n in range(4)]
    assert [column.x for column in columns(groups, ("a",), mirrored=True)] == [
        column.x for column in reversed(columns(groups, ("a",)))
    ]
