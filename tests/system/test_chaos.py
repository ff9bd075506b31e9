"""A short run of the chaos suite: some faults under load, and nothing lost, doubled or stuck."""

from __future__ import annotations

import pytest

from tests.system.chaos import run
from tests.system.chaos.faults import SHORT

pytestmark = pytest.mark.slow(84)


def test_nothing_is_lost_doubled_or_stuck() -> None:
    """On RabbitMQ, which production runs on; `make chaos` takes Redis and the embedded default too."""
    notifications: list[str] = []
    plan = run.Plan(
        *(len(SHORT), 1.0, "short rabbitmq"), kinds=SHORT, clips=2, notices=6, long=False, small=True
    )
    done = run.run("rabbitmq", plan, notifications.append)
    assert done.findings == [], "\n".join(notifications)
    assert done.injected.total() == len(SHORT)
    assert done.calls["registrations"] > 2
    assert done.calls["lookups"] > 0
