"""Run `fakeprint up` as a process for tests: start it, end it, and watch its child processes."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from registry.app.embedded import bound
from tests.support.service import servers as services

FAKEPRINT = (sys.executable, "-c", "from registry.app.commands import main; main()")


@dataclass
class Up:
    """A running `fakeprint up`: its process, its folder and the address it announced."""

    process: subprocess.Popen[Any]
    data: Path
    url: str = ""

    @property
    def run(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return found

    def family(self) -> list[psutil.Process]:
        """Return all processes that it started, at any depth."""
        return psutil.Process(self.process.pid).children(recursive=True)

    def get(self, path: str, key: str | None = None) -> int:
        host, port = self.url.removeprefix("http://").split(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=services.PATIENCE)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {key}"} if key else {})
            return connection.getresponse().status
        finally:
            connection.close()


def begin(data: Path, *options: str, **more: str) -> Up:
    """Start it. It ends with the thread that calls this, so that a killed bench leaves nothing behind."""
    bind = (sys.executable, "-I", "-S", bound.__file__, str(os.getpid()), str(int(signal.SIGTERM)), "-")
    process = subprocess.Popen(
        [*bind, *FAKEPRINT, "up", "--data", str(data), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")} | more,
    )
    return Up(process, data)


@contextmanager
def running(data: Path, *options: str, **more: str) -> Iterator[Up]:
    """Run `fakeprint up` and wait until it is ready. Kill it with its children if the test has not ended it.

    `more`: environment variables.
    """
    started = begin(data, "--port", "0", *options, **more)
    assert started.process.stdout is not None
    assert started.process.stderr is not None
    try:
        line = started.process.stdout.readline()
        if not line:
            raise AssertionError(started.process.stderr.read())
        found = re.fullmatch(r"ready (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line
        started.url = found.group(1)
        yield started
    finally:
        if started.process.poll() is None:
            started.process.kill()
        started.process.wait(services.PATIENCE)
        started.process.stdout.close()
        started.process.stderr.close()


def gone(family: list[psutil.Process], seconds: float) -> list[psutil.Process]:
    """Return the processes that still run after `seconds`."""
    deadline = time.monotonic() + seconds
    alive = family
    while alive and time.monotonic() < deadline:
        alive = [each for each in alive if _runs(each)]
        time.sleep(0.1)
    return alive


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two checks
        return False


def hurry(up: Up) -> None:
    """End it with two signals. The second does not wait for tasks."""
    family = up.family()
    up.process.send_signal(signal.SIGTERM)
    time.sleep(0.3)
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(services.PATIENCE) == 0
    assert gone(family, 10) == []
    assert not (up.data / "run.json").exists()
