"""What beat sends goes to a queue whose workers know the task, with each broker."""

from __future__ import annotations

from importlib import import_module

import pytest

from registry import queues
from registry.broker import celery_config
from registry.settings import Settings
from workers.app import MODULES, app


@pytest.mark.parametrize("url", ["pgmq://u@localhost/d", "amqp://localhost", "redis://localhost"])
def test_each_message_of_the_beat_is_taken(url: str) -> None:
    config = celery_config(Settings(broker_url=url, database_url="postgresql://u@localhost/d"))
    kinds = {queues.named(url, kind): kind for kind in queues.NAMES}
    schedule = config["beat_schedule"]
    assert kinds[schedule["stamp-ledger"]["options"]["queue"]] == queues.DELIVERY
    for one in schedule.values():
        queue = one["options"].get("queue", config["task_default_queue"])
        for module in MODULES[kinds[queue]]:
            import_module(module)
        assert app.tasks[one["task"]].run.__module__ in MODULES[kinds[queue]], one["task"]
