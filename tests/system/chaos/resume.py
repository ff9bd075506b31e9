"""How long a job stands still when the worker that does it is killed, with all its processes.

python -m tests.system.chaos.resume [rabbitmq|pgmq|redis] …
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Final, Literal

import psutil

from registry.core.settings import Settings
from tests.support.service import servers as services
from tests.support.service.deployment import Deployment, deployment, draw, says

Broker = Literal["rabbitmq", "pgmq", "redis"]

LEASE: Final = float(Settings.model_fields["lease_seconds"].default)
"""As deployed, not as shortened by other tests."""
SECONDS: Final = 120
"""Of the video: more than a worker has read when it is killed."""


def measure(broker: Broker) -> float:
    """Seconds from the SIGKILL of a real worker and its pool, in the middle of a real video, until another
    worker has claimed that job and works. Raises `TimeoutError` where that takes longer than a minute and a
    half."""
    with ExitStack() as ends:
        folder = ends.enter_context(services.open_temporary_folder("resume"))
        server = ends.enter_context(services.postgres())
        url = "" if broker == "pgmq" else ends.enter_context(_BROKERS[broker]()).url
        database_url = ends.enter_context(server.clone())
        deployed = ends.enter_context(deployment(database_url, url, folder, lease_seconds=LEASE))
        return _resumed(deployed, draw(folder / "video.mp4", seconds=SECONDS))


_BROKERS: Final = {"rabbitmq": services.rabbitmq, "redis": services.redis}


def _resumed(deployed: Deployment, video: Path) -> float:
    first = deployed.worker("--queues", "media")
    deployed.worker("--queues", "control", "--beat")
    services.wait_until(lambda: all(says(log, "ready") for log in deployed.logs), 90)
    deployed.register(video)
    deployed.await_row("SELECT 1 FROM job WHERE status = 'running' AND progress > 0", 90)
    deployed.worker("--queues", "media")
    services.wait_until(lambda: says(deployed.logs[-1], "ready"), 90)
    held = "SELECT job_id, fence FROM job WHERE task = 'fingerprint_asset' AND status = 'running'"
    before = deployed.row(held)
    killed = psutil.Process(first.pid)
    for process in (killed, *killed.children(recursive=True)):
        process.kill()
    began = time.monotonic()
    assert before, "the video was read before its worker could be killed"
    services.wait_until(lambda: deployed.row(held).get("fence", 0) > before["fence"], 90)
    return time.monotonic() - began


if __name__ == "__main__":
    chosen = [name for name in sys.argv[1:] if name in ("rabbitmq", "pgmq", "redis")] or ["rabbitmq", "pgmq"]
    for name in chosen:
        print(json.dumps({f"resume_s_{name}": round(measure(name), 1)}))  # type: ignore[arg-type]  # checked above
