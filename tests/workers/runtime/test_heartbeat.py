"""What a worker's timer keeps, and when its processes give memory back."""

from __future__ import annotations

import pytest
from kombu.asynchronous.timer import Timer

from registry.core.http import malloc
from workers import app
from workers.runtime.heartbeat import drop_cancelled


def test_cancelled_timers_are_dropped_and_others_keep_their_order() -> None:
    timer = Timer()
    came: list[int] = []
    entries = [timer.call_at(-1.0 - (at * 7 % 50), came.append, (at,)) for at in range(50)]
    for at, entry in enumerate(entries):
        if at % 3:
            entry.cancel()
    drop_cancelled(timer)
    assert len(timer) == 17
    for _, entry in timer:
        if entry is None:
            break
        entry()
    assert came == sorted(range(0, 50, 3), key=lambda at: -(at * 7 % 50))


def test_a_process_of_the_pool_gives_memory_back_after_a_task_but_not_after_each(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [5.0]
    values: list[float] = []
    monkeypatch.setattr(malloc, "return_memory", lambda: values.append(clock[0]))
    lean = app.Leanness(every=60.0, now=lambda: clock[0])
    for clock[0] in (5.0, 6.0, 64.0, 65.5, 120.0, 126.0):
        assert lean.give_back() == (clock[0] in values)
    assert values == [5.0, 65.5, 126.0]
