"""The whole service for tests: `fakeprint up` in its own folder, and the command line."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from registry.app.commands import main
from registry.core.settings import settings
from tests.support.service import servers as services

PROGRAM = (sys.executable, "-c", "from registry.app.commands import main; main(prog_name='fakeprint')")
_READY = re.compile(r"^ready (http://\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Return each line of stdout. All must be JSON objects."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        [only] = self.lines
        return only


def environment(**more: str) -> dict[str, str]:
    """Return this process's environment without our settings, plus `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")} | more


def fakeprint(*arguments: str | Path, **more: str) -> Ran:
    """Run the command line in a new process. `more`: environment variables."""
    command: Sequence[str | Path] = [*PROGRAM, *arguments]
    done = subprocess.run(command, env=environment(**more), capture_output=True, timeout=120, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def within(*arguments: str | Path, **more: str) -> Ran:
    """Run the command line within this process, so that models and modules are loaded once for all tests.

    Use it for commands that call a service. Test start and end of a process with `fakeprint`.
    """
    variables = {name: None for name in os.environ if name.startswith("FAKEPRINT_")}
    settings.cache_clear()
    try:
        done = CliRunner().invoke(
            main, list(map(str, arguments)), prog_name="fakeprint", env={**variables, **more}
        )
    finally:
        settings.cache_clear()
    return Ran(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Stack:
    """A running `fakeprint up`."""

    url: str
    data: Path

    def fakeprint(self, *arguments: str | Path, **more: str) -> Ran:
        """Run a command against it, within this process."""
        return within(*arguments, **{"FAKEPRINT_DATA": str(self.data), **more})


@contextmanager
def running(**more: str) -> Iterator[Stack]:
    """Run `fakeprint up` with one worker and wait until it is ready. `more`: environment variables."""
    with services.open_temporary_folder("stack") as folder:
        data, log = folder / "data", folder / "up.log"
        command = [*PROGRAM, "up", "--data", str(data), "--port", "0", "--workers", "1"]
        with services.running(command, log, environment(**more)) as process:
            services.wait_until(lambda: bool(_READY.search(log.read_text())), 90, process, log)
            found = _READY.search(log.read_text())
            assert found is not None
            yield Stack(found.group(1), data)
