"""Child processes that end with their parent, however it ends."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from multiprocessing import parent_process
from multiprocessing.context import ForkProcess
from pathlib import Path
from typing import IO, Any, Final, override

from registry.app.embedded import bound

_DEFAULTS: Final[dict[int, Any]] = {
    signal.SIGINT: signal.default_int_handler,
    signal.SIGTERM: signal.SIG_DFL,
    signal.SIGQUIT: signal.SIG_DFL,
    signal.SIGHUP: signal.SIG_DFL,
}
"""Handlers of a program that just began."""


def spawn(
    command: Sequence[str],
    *,
    log: IO[bytes] | int,
    environment: Mapping[str, str],
    on_parent_death: int = signal.SIGKILL,
    user: int | None = None,
    descriptors: Sequence[int] = (),
) -> subprocess.Popen[bytes]:
    """Start `command` so that it gets `on_parent_death` when the calling thread ends. Both outputs: `log`.

    It has a session of its own, so that a terminal's Ctrl-C reaches the supervisor alone, which ends its
    children in their order. `user` is a number to become, None: the caller.
    Of the caller's `descriptors` it gets those named, under the same numbers.
    """
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", bound.__file__, str(os.getpid()), str(int(on_parent_death))),
            *("-" if user is None else str(user), *command),
        ],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,
        pass_fds=descriptors,
    )


class Forked(ForkProcess):
    """A forked process, with the methods of `Popen` that are used here; see `fork`."""

    def __init__(self, name: str, work: Callable[[], object], log: int, descriptors: Sequence[int]) -> None:
        super().__init__(name=name)
        self._work, self._log, self._keep = work, log, descriptors

    @override
    def run(self) -> None:
        """Become what a program of its own would be, then work."""
        parent = parent_process()
        bound.die_with_parent(signal.SIGKILL, parent.pid if parent and parent.pid else 0)
        bound.call_this_process(self.name)
        os.setsid()
        for standard, file in enumerate((os.open(os.devnull, os.O_RDONLY), self._log, self._log)):
            os.dup2(file, standard)
        # Those of a caller that closed its own are None, or on other descriptors.
        sys.stdin, sys.stdout = os.fdopen(0, closefd=False), os.fdopen(1, "w", closefd=False)
        sys.stderr = os.fdopen(2, "w", 1, errors="backslashreplace", closefd=False)
        for descriptor in [int(entry.name) for entry in Path("/proc/self/fd").iterdir()]:
            with suppress(OSError):  # that of this list
                if descriptor > 2 and descriptor not in self._keep:
                    os.close(descriptor)
        for number, handler in _DEFAULTS.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        self._work()

    def poll(self) -> int | None:
        return self.exitcode

    def send_signal(self, number: int) -> None:
        if self.exitcode is None and self.pid is not None:
            with suppress(ProcessLookupError):  # in a handler, while its end is being noted
                os.kill(self.pid, number)

    def wait(self, seconds: float) -> None:
        if not wait_until(lambda: self.exitcode is not None, seconds=seconds):
            raise subprocess.TimeoutExpired(self.name, seconds)


def fork(
    name: str, work: Callable[[], object], *, log: IO[bytes] | int, descriptors: Sequence[int] = ()
) -> Forked:
    """Run `work` in a process forked from this one, bound to it as by `spawn`.

    What this one has loaded is shared and not loaded again. It must have no other threads: a lock that one
    holds would stay locked in the new process. Only Linux forks so here; macOS's libraries do not bear it.
    """
    process = Forked(name, work, log if isinstance(log, int) else log.fileno(), descriptors)
    with undisturbed():  # a handler of this process must not run in the new one
        process.start()
    return process


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let signals wait for the end of the block."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def loading() -> Iterator[None]:
    """Keep what the block imports in memory that forked processes share.

    Signals wait meanwhile: a library may catch what a handler raises.
    """
    gc.disable()  # most of it stays; collections would take a fifth of the time
    with undisturbed():
        yield
        gc.collect()
        gc.freeze()
    gc.enable()


def end(process: subprocess.Popen[bytes] | Forked, steps: Sequence[tuple[int, float]]) -> None:
    """Send each signal of `steps` in turn and wait that many seconds for the end; SIGKILL comes last."""
    for number, seconds in (*steps, (signal.SIGKILL, 10.0)):
        if process.poll() is not None:
            return
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def wait_until(ready: Callable[[], bool], *, seconds: float, every: float = 0.05) -> bool:
    """Return whether `ready()` became true within `seconds`; it is called every `every` seconds."""
    deadline = time.monotonic() + seconds
    while not ready():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True
