"""What beat sends goes to a queue whose workers know the task, with each broker."""

from __future__ import annotations

from importlib import import_module

import pytest

from registry.core.errors.messaging import BrokerUnavailable
from registry.core.messaging import queues
from registry.core.messaging.broker import celery_config
from registry.core.settings import Settings
from workers.app import MODULES, app
from workers.runtime.beat import Scheduler


@pytest.mark.parametrize("url", ["pgmq://u@localhost/d", "amqp://localhost", "redis://localhost"])
def test_each_message_of_the_beat_is_taken(url: str) -> None:
    config = celery_config(Settings(broker_url=url, database_url="postgresql://u@localhost/d"))
    kinds = {queues.named(url, kind): kind for kind in queues.NAMES}
    schedule = config["beat_schedule"]
    assert kinds[schedule["stamp-ledger"]["options"]["queue"]] == queues.DELIVERY
    for item in schedule.values():
        queue = item["options"].get("queue", config["task_default_queue"])
        for module in MODULES[kinds[queue]]:
            import_module(module)
        assert app.tasks[item["task"]].run.__module__ in MODULES[kinds[queue]], item["task"]


class Said:
    """A publisher that keeps what is due; `refuses`: for these queues it raises this."""

    def __init__(self) -> None:
        self.refuses: dict[str, Exception] = {}
        self.sent: list[tuple[str, str, float]] = []

    def tick(self, task: str, queue: str, *, expires: float) -> None:
        if queue in self.refuses:
            raise self.refuses[queue]
        self.sent.append((task, queue, expires))


def test_due_tasks_are_published_and_errors_logged_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    log = Said()
    monkeypatch.setattr(Scheduler, "_publisher", log)
    scheduler = Scheduler(app=app)
    assert scheduler.producer is None, "Celery's would wait for a connection"
    schedule = scheduler.schedule
    log.refuses = {"delivery": RuntimeError("no thread can be started")}
    for _ in range(3):
        scheduler.apply_entry(schedule["relay"])
        scheduler.apply_entry(schedule["stamp-ledger"])
    log.refuses = {"control": BrokerUnavailable("away")}
    for _ in range(3):
        scheduler.apply_entry(schedule["relay"])
        scheduler.apply_entry(schedule["stamp-ledger"])
    assert (
        log.sent == [("fakeprint.relay", "control", 3)] * 3 + [("fakeprint.stamp_ledger", "delivery", 30)] * 3
    )
    assert [record.message for record in caplog.records] == [
        "nothing is sent to the queue delivery: no thread can be started",
        "nothing is sent to the queue control: away",
    ]
