"""How many messages are lost when a webhook's endpoint fails and its workers are killed: `webhooks_lost`."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from standardwebhooks.webhooks import Webhook

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.audit.service import record_event
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.sharing.webhooks.service.webhooks import create_webhook, list_webhooks
from tests.support.service import servers as services
from tests.support.service.stack import PROGRAM, environment
from tests.support.takedown.endpoints import Endpoint, Received, endpoint, says

EVENTS: Final = 400
FAILING: Final = 0.2
"""Share of requests that the endpoint answers with 500, cuts off, or takes and does not answer."""
KILLED_AFTER: Final = 40
"""Requests after which the process that sends is killed and another started."""
LONGEST: Final = 900.0
"""Seconds after which what has not come counts as lost."""


def measure(events: int = EVENTS) -> dict[str, Any]:
    """Record `events`, while the endpoint fails at random and the sending worker is killed again and again.

    The waits between attempts are cut to nothing, again and again: a day would pass else.
    """
    with (
        services.postgres() as server,
        server.clone() as url,
        tempfile.TemporaryDirectory() as folder,
        endpoint(_unreliable(random.Random(7))) as there,  # noqa: S311 - the same each time
    ):
        settings = Settings(database_url=url, data=Path(folder), webhook_private=True, lease_seconds=2)
        prepare(settings)
        wire()
        service = open_service(settings)
        try:
            owner = authenticate(service, bootstrap(service) or "")
            made = create_webhook(service, owner, url=there.url(), kinds=["entry.*"])
            began = time.monotonic()
            with _worker(settings, "control", "--beat"):
                kills = _suffer(service, settings, owner, events, there)
            took = time.monotonic() - began
            (shown,) = list_webhooks(service, owner)
        finally:
            service.close()
    return {
        "webhook_events": events,
        "webhooks_lost": events - len(_numbers(there)),
        "webhooks_out_of_order": _out_of_order(there),
        "webhooks_forged": _forged(there, str(made.secret)),
        "webhook_requests": len(there.received),
        "webhook_ids": len({item.headers["webhook-id"] for item in there.received}),
        "webhook_workers_killed": kills,
        "webhooks_dead": shown.dead,
        "webhook_seconds": round(took, 1),
    }


def _suffer(service: Service, settings: Settings, owner: Caller, events: int, there: Endpoint) -> int:
    """Let it all happen until everything has come; how many workers were killed."""
    gives_up = time.monotonic() + LONGEST
    for number in range(events):
        with service.pool.transaction() as connection:
            record_event(connection, owner, "entry.changed", said={"number": number})
    kills = 0
    while True:
        with _worker(settings, "delivery") as sending:
            until = len(there.received) + KILLED_AFTER
            while len(there.received) < until:
                if _settled(service, owner) or time.monotonic() > gives_up:
                    return kills
                time.sleep(0.1)
            os.killpg(sending.pid, signal.SIGKILL)
            kills += 1


def _settled(service: Service, owner: Caller) -> bool:
    with service.pool.transaction() as connection:
        connection.execute("UPDATE webhook_delivery SET next_at = now() WHERE status = 'waiting'")
        row = connection.execute("SELECT count(*) AS untold FROM event_untold").fetchone()
    return bool(row and row["untold"] == 0) and list_webhooks(service, owner)[0].waiting == 0


def _unreliable(chance: random.Random) -> Any:
    """An endpoint that hears, but does not always say so."""

    def answer(connection: socket.socket, request: Received) -> None:
        drawn = chance.random()
        if drawn < FAILING / 3:
            says(500)(connection, request)
        elif drawn < FAILING / 3 * 2:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n")
        elif drawn >= FAILING:
            says(204)(connection, request)

    return answer


def _numbers(there: Endpoint) -> list[int]:
    """Which events have come, in the order in which each first did."""
    return list(dict.fromkeys(_number(item) for item in there.received))


def _number(request: Received) -> int:
    number: int = json.loads(request.body)["data"]["said"]["number"]
    return number


def _out_of_order(there: Endpoint) -> int:
    """Requests that tell of an event before the one before it, or after the one behind it, has come."""
    reached, odd = -1, 0
    for request in there.received:
        number = _number(request)
        odd += not reached <= number <= reached + 1
        reached = max(reached, number)
    return odd


def _forged(there: Endpoint, secret: str) -> int:
    """Requests whose signature does not hold; they are minutes old at most."""
    wrong = 0
    for request in there.received:
        signed = request.headers["webhook-signature"]
        at = int(request.headers["webhook-timestamp"])
        known = Webhook(secret).sign(
            request.headers["webhook-id"], datetime.fromtimestamp(at, UTC), request.body.decode()
        )
        wrong += known != signed
    return wrong


@contextmanager
def _worker(settings: Settings, queues: str, *more: str) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process, in a session of its own; killed on leaving."""
    command: Sequence[str] = [*PROGRAM, "worker", "--queues", queues, *more]
    worker_environment = environment(
        FAKEPRINT_DATABASE_URL=settings.database_url,
        FAKEPRINT_DATA=str(settings.data),
        FAKEPRINT_WEBHOOK_PRIVATE="true",
        FAKEPRINT_LEASE_SECONDS="2",
    )
    with subprocess.Popen(
        command,
        env=worker_environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


if __name__ == "__main__":
    print(json.dumps(measure(), indent=1))
