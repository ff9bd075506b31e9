"""The whole service for tests: `fakeprint up` on a folder of its own, and the command line beside it."""

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
    """How a command ended."""

    status: int
    stdout: str
    stderr: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """Each line of stdout, which must all be JSON objects."""
        return [json.loads(line) for line in self.stdout.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        [only] = self.lines
        return only


def environment(**more: str) -> dict[str, str]:
    """This process's environment without any setting of ours, and `more`."""
    return {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")} | more


def fakeprint(*arguments: str | Path, **more: str) -> Ran:
    """Run the command line as a person does; `more` goes into its environment."""
    command: Sequence[str | Path] = [*PROGRAM, *arguments]
    done = subprocess.run(command, env=environment(**more), capture_output=True, timeout=120, check=False)
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


def within(*arguments: str | Path, **more: str) -> Ran:
    """As `fakeprint`, within this process: models and modules are loaded once for all tests. For commands
    that ask a service; how a process starts and ends is tried with `fakeprint`."""
    given = {name: None for name in os.environ if name.startswith("FAKEPRINT_")}
    settings.cache_clear()
    try:
        done = CliRunner().invoke(
            main, list(map(str, arguments)), prog_name="fakeprint", env={**given, **more}
        )
    finally:
        settings.cache_clear()
    return Ran(done.exit_code, done.stdout, done.stderr)


@dataclass(frozen=True)
class Stack:
    """A running `up`."""

    url: str
    data: Path

    def fakeprint(self, *arguments: str | Path, **more: str) -> Ran:
        """Run a command against it, within this process."""
        return within(*arguments, **{"FAKEPRINT_DATA": str(self.data), **more})


@contextmanager
def running(**more: str) -> Iterator[Stack]:
    """`fakeprint up` with one worker, once it says that it is ready; ended on leaving. `more` goes into its
    environment."""
    with services.open_temporary_folder("stack") as folder:
        data, log = folder / "data", folder / "up.log"
        command = [*PROGRAM, "up", "--data", str(data), "--port", "0", "--workers", "1"]
        with services.running(command, log, environment(**more)) as process:
            services.wait_until(lambda: bool(_READY.search(log.read_text())), 90, process, log)
            found = _READY.search(log.read_text())
            assert found is not None
            yield Stack(found.group(1), data)
