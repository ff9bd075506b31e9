"""What `make soak` says of measurements: what grows by role, also where children are replaced, and beyond its
bound."""

from __future__ import annotations

import pytest

from tests.bench.soak.judging import judged, roles
from tests.bench.soak.measuring import Record

TIMES = [5.0 * index for index in range(240)]
HOUR = 3600.0


def test_a_pool_whose_children_are_replaced_is_judged_as_a_whole() -> None:
    """Each child grows by a tenth in ten minutes, then another takes its place that goes on from there."""
    record = steady()
    for number in range(2):
        lived = TIMES[number * 120 : (number + 1) * 120]
        _process(record, "media-1", f"pid 2{number}", lived, [300 + at * 0.05 for at in lived])
    found = judged(record, 0.0, lambda _: None)
    assert found.figures["memory_slope_roles_percent_per_hour"] > 30
    assert found.figures["children_replaced"] == 1
    assert any("memory of media grows" in item for item in found.over)


def test_a_child_that_was_there_for_half_of_the_time_is_judged_by_itself() -> None:
    record = steady()
    _process(record, "media-1", "pid 20", TIMES[:130], [300 + at * 0.05 for at in TIMES[:130]])
    found = judged(record, 0.0, lambda _: None)
    assert any("media-1 pid 20" in item for item in found.over)


def test_a_short_run_judges_no_memory() -> None:
    record = steady()
    _process(record, "media-1", "pid 20", TIMES, [300 + at * 0.05 for at in TIMES])
    record.whole["connections"].values = [at / 100 for at in TIMES]
    found = judged(record, 0.0, lambda _: None, settled=False)
    assert [item.partition(" ")[0] for item in found.over] == ["connections"]
    assert found.figures["memory_slope_percent_per_hour"] > 30


def test_short_lived_processes_are_not_counted_as_their_service() -> None:
    record = steady()
    _process(record, "media-1", "pid 99", TIMES[-3:], [5000.0] * 3)
    assert max(roles(record, 0.0)["media"].values) == pytest.approx(100, abs=1)
    assert judged(record, 0.0, lambda _: None).over == []


@pytest.mark.parametrize("what", ["connections", "idle_in_transaction", "temp_files", "nameless_files"])
def test_growth_beyond_a_bound_is_reported(what: str) -> None:
    record = steady()
    record.whole[what].values = [at / 100 for at in TIMES]
    found = judged(record, 0.0, lambda _: None)
    assert [item.partition(" ")[0] for item in found.over] == [what]


def test_rows_are_set_against_the_work_that_left_them() -> None:
    record = steady()
    for at in TIMES:
        record.tables["job"].add(at, at)
        record.done["register_file"].add(at, at / 2)
        record.done["ask_hashes"].add(at, at)
    figures = judged(record, 0.0, lambda _: None).figures
    assert figures["job_rows_per_entry"] == pytest.approx(2)
    assert figures["rows_per_lookup"] == pytest.approx(0.5)


def steady() -> Record:
    """Nothing grows: one process of a service of ours, and a database."""
    record = Record()
    _process(record, "media-1", "pid 1", TIMES, [100 + index % 2 / 10 for index in range(len(TIMES))])
    _process(record, "postgres", "all", TIMES, [50.0] * len(TIMES))
    for what in ("connections", "idle_in_transaction", "temp_files", "nameless_files", "database_mb"):
        for at in TIMES:
            record.whole[what].add(at, 7.0)
    return record


def _process(record: Record, cell: str, name: str, times: list[float], memory: list[float]) -> None:
    record.hosts[cell] = cell.removesuffix("-1")
    for at, of in zip(times, memory, strict=True):
        record.processes[(cell, name)]["memory_mb"].add(at, of)
        record.processes[(cell, name)]["fds"].add(at, 10.0)
        record.processes[(cell, name)]["threads"].add(at, 3.0)
