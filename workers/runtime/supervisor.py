"""Run several kinds of work under one command, each in its own worker.

A worker of two queues reserves messages of both before it can process them, so a lookup would wait behind
reserved videos. The process that sends messages must not wait for a free process either.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from types import FrameType
from typing import Final

from registry.app.embedded import child
from registry.app.embedded.service import FAKEPRINT

_STDERR: Final = 2
_PASSED_ON: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def run(commands: Sequence[Sequence[str]]) -> int:
    """Run `fakeprint` with each of these arguments until one ends, or until told to end.

    Then the others are told to end too, and waited for. Returns the exit status of the first that failed, 0
    if none did. A process that ends by itself is not restarted: the caller of this command does that.
    """
    processes: list[subprocess.Popen[bytes]] = []

    def tell(signum: int) -> None:
        for process in processes:
            with suppress(ProcessLookupError):
                process.send_signal(signum)

    def pass_on(signum: int, _frame: FrameType | None) -> None:
        tell(signal.SIGTERM if signum == signal.SIGINT else signum)

    with ExitStack() as ends:
        for signum in _PASSED_ON:
            ends.callback(signal.signal, signum, signal.signal(signum, pass_on))
        sys.stderr.flush()
        processes += [
            child.spawn([*FAKEPRINT, *arguments], log=_STDERR, environment=os.environ)
            for arguments in commands
        ]
        ended = threading.Event()
        statuses: list[int] = []

        def watch(process: subprocess.Popen[bytes]) -> None:
            statuses.append(process.wait())
            ended.set()

        watchers = [threading.Thread(target=watch, args=(process,), daemon=True) for process in processes]
        for watcher in watchers:
            watcher.start()
        while not ended.wait(1.0):  # a wait without a timeout would not react to signals
            continue
        tell(signal.SIGTERM)
        for watcher in watchers:
            watcher.join()
    failed = next((status for status in statuses if status), 0)
    return failed if failed >= 0 else 128 - failed
