"""Start service processes for tests by forking one that has loaded their modules.

Loading is most of the CPU of a start: 1.3 s of 1.6 for the API. A forked process does what a started one
does: it has an environment, a session, an output and arguments of its own.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from multiprocessing import forkserver, get_context
from multiprocessing.context import ForkServerContext, ForkServerProcess
from multiprocessing.reduction import DupFd
from typing import IO, Any, override

from registry.app.embedded.bound import die_with_parent


class Forked(subprocess.Popen[bytes]):
    """A process that another one has forked, which tells how it ended."""

    _child_created = False  # this process need not wait for it

    def __init__(self, process: ForkServerProcess, command: Sequence[str]) -> None:
        self.args, self.pid, self.returncode = command, process.pid or 0, None
        self.stdin = self.stdout = self.stderr = None
        self._process = process

    @override
    def poll(self) -> int | None:
        self.returncode = self._process.exitcode
        return self.returncode

    @override
    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        status = self.poll()
        if status is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return status

    @override
    def send_signal(self, sig: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sig)


def spawn(
    arguments: Sequence[str],
    *,
    log: IO[bytes],
    environment: Mapping[str, str],
    on_parent_death: int = signal.SIGKILL,
) -> subprocess.Popen[bytes]:
    """Run `fakeprint ARGUMENTS` as `registry.app.embedded.child.spawn` does."""
    order = (list(arguments), dict(environment), on_parent_death, DupFd(log.fileno()))
    process = _context().Process(target=_run, args=order)
    process.start()
    return Forked(process, ["fakeprint", *arguments])


@cache
def _context() -> ForkServerContext:
    context = get_context("forkserver")
    context.set_forkserver_preload(["tests.support.service.loaded"])
    return context


def _run(arguments: list[str], environment: dict[str, str], on_parent_death: int, log: Any) -> None:
    # As long as this is open, the process that forks outlives the tests.
    os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]
    os.setsid()
    die_with_parent(on_parent_death, os.getppid())
    output, nothing = log.detach(), os.open(os.devnull, os.O_RDONLY)
    for given, number in ((nothing, 0), (output, 1), (output, 2)):
        os.dup2(given, number)
        os.set_inheritable(number, True)
    sys.stdin = os.fdopen(0)
    for given in {nothing, output} - {0, 1, 2}:
        os.close(given)
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["fakeprint", *arguments]
    import_module("registry.app.commands").main()
