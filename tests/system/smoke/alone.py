"""A network, mounts and processes of one's own: nothing that runs within reaches anything without, and
nothing outlives it, however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Final

import psutil

_BEGIN: Final = 'mkdir -p /run/netns && mount -t tmpfs none /run/netns && exec "$@"'
"""Networks that `ip netns` names are named in here alone."""


def run(command: Sequence[str]) -> int:
    """Run a command there, as root; its exit status. SIGTERM and Ctrl-C are passed on to it."""
    apart = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
    process = subprocess.Popen([*apart, "sh", "-c", _BEGIN, "sh", *command])

    def passed_on(number: int, _frame: Any) -> None:
        with suppress(psutil.NoSuchProcess, ProcessLookupError):
            for item in psutil.Process(process.pid).children():
                os.kill(item.pid, number)

    before = {number: signal.signal(number, passed_on) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        return process.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
