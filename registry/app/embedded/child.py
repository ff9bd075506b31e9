"""Child processes that end with their parent, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO

from registry.app.embedded import bound


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


def end(process: subprocess.Popen[bytes], steps: Sequence[tuple[int, float]]) -> None:
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
