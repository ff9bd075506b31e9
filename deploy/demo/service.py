"""The service of the demonstration: `fakeprint up` on a data folder of its own, and its command line."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

READY_WITHIN = 120  # seconds
STOPS_WITHIN = 40  # seconds
PROGRAM = Path(sys.executable).parent / "fakeprint"


class ServiceFailed(RuntimeError):
    """`fakeprint up` or one of its commands did not do its work; the message holds its last words."""


@contextmanager
def running(data: Path, log: Path) -> Iterator[str]:
    """The URL of a service on `data`; it is stopped at the end, whatever happened.

    Raises:
        ServiceFailed: it is not ready within READY_WITHIN seconds.
    """
    with log.open("w") as words:
        process = subprocess.Popen(
            [str(PROGRAM), "up", "--data", str(data), "--port", "0"],
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=subprocess.STDOUT,
            env=environment(),
            start_new_session=True,  # Ctrl-C reaches the demonstration alone, which then stops it in order
        )
    try:
        yield _wait(process, log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOPS_WITHIN)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], log: Path) -> str:
    limit = time.monotonic() + READY_WITHIN
    while time.monotonic() < limit:
        for line in log.read_text().splitlines():
            if line.startswith("ready "):
                return line.removeprefix("ready ").strip()
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise ServiceFailed(
        f"`fakeprint up` did not become ready:\n{log.read_text()[-2000:]}"
        f"To begin anew, after a change of the schema say: rm -rf {log.parent}"
    )


def environment() -> dict[str, str]:
    """This process's environment without settings of another Fakeprint."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}


def ask(
    data: Path, *arguments: str, on_event: Callable[[Mapping[str, Any]], None] = lambda _: None
) -> list[Mapping[str, Any]]:
    """Run `fakeprint ARGUMENTS --json` against the service on `data`: its objects, one a path.

    `on_event` is called with each object as soon as it is printed.

    Raises:
        ServiceFailed: it printed no JSON.
    """
    command = [str(PROGRAM), *arguments, "--data", str(data), "--json"]
    objects = []
    with (
        tempfile.TemporaryFile("w+") as errors,
        subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=environment(),
        ) as process,
    ):
        for line in process.stdout or ():
            try:
                objects.append(json.loads(line))
            except ValueError as error:
                raise ServiceFailed(f"{' '.join(command)} printed: {line[-600:]}") from error
            on_event(objects[-1])
        process.wait()
        errors.seek(0)
        if not objects:
            detail = errors.read()[-2000:]
            raise ServiceFailed(f"{' '.join(command)} ended with {process.returncode}: {detail}")
    return objects
