"""A short run of the chaos suite: some faults under load, and nothing lost, doubled or stuck."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.chaos import run
from tests.chaos.faults import SHORT


def test_nothing_is_lost_doubled_or_stuck(capsys: pytest.CaptureFixture[str]) -> None:
    """On RabbitMQ and on the embedded default in turns, by the day."""
    broker = ("rabbitmq", "pgmq")[datetime.now(UTC).toordinal() % 2]
    told: list[str] = []
    plan = run.Plan(
        *(len(SHORT), 1.0, f"short {broker}"), kinds=SHORT, clips=2, notices=6, long=False, small=True
    )
    done = run.run(broker, plan, told.append)
    assert done.findings == [], "\n".join(told)
    assert done.injected.total() == len(SHORT)
    assert done.calls["registrations"] > 2
    assert done.calls["lookups"] > 0
    assert done.temporary == []
