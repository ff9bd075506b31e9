"""A caller of the deployment: its key, the command line as a user runs it, and HTTP."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx2

PROGRAM: Final = Path(sys.executable).parent / "fakeprint"

Line = dict[str, Any]


@dataclass(frozen=True)
class Caller:
    """Who asks at which address. `folder`: where the command line may keep something."""

    url: str
    key: str
    folder: Path

    def begin(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """A command that runs while something else is done."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
        settings = {"FAKEPRINT_URL": self.url, "FAKEPRINT_KEY": self.key, "FAKEPRINT_DATA": str(self.folder)}
        return subprocess.Popen(
            [str(PROGRAM), *map(str, arguments)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=kept | settings,
        )

    def lines(self, *arguments: str | Path) -> list[Line]:
        """What a command prints with --json. Raises `AssertionError` where it does not end with 0."""
        return ended(self.begin(*arguments, "--json"))

    def __call__(self, *arguments: str | Path) -> Line:
        [line] = self.lines(*arguments)
        return line

    def get(self, path: str) -> httpx2.Response:
        return httpx2.get(
            f"{self.url}{path}",
            headers={"Authorization": f"Bearer {self.key}"} if self.key else {},
            timeout=60,
            trust_env=False,
        )

    def post(self, path: str, body: Mapping[str, Any]) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {self.key}"}
        return httpx2.post(f"{self.url}{path}", headers=headers, json=body, timeout=60, trust_env=False)


def ended(process: subprocess.Popen[str], seconds: float = 300) -> list[Line]:
    """The objects that a command printed, once it has ended with 0. Raises `AssertionError` where it did
    not."""
    stdout, stderr = process.communicate(timeout=seconds)
    arguments = [str(arg)[:80] for arg in process.args]  # type: ignore[union-attr]  # a list of words
    assert process.returncode == 0, (arguments, process.returncode, stdout[-1500:], stderr[-1500:])
    return [json.loads(line) for line in stdout.splitlines()]


def until[T](found: Callable[[], T], seconds: float, said: Callable[[], object] = lambda: "") -> T:
    """What is found, once there is something. Raises `TimeoutError` with what `said` says."""
    ends = time.monotonic() + seconds
    while True:
        value = None
        with suppress(OSError, httpx2.TransportError, KeyError, IndexError):
            value = found()
        if value:
            return value
        if time.monotonic() > ends:
            raise TimeoutError(f"not within {seconds:g} s: {said()}")
        time.sleep(0.1)
