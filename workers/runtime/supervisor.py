"""Run several kinds of work under one command, each in its own worker.

A worker of two queues reserves messages of both before it can process them, so a lookup would wait behind
reserved videos. The process that sends messages must not wait for a free process either.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from types import FrameType
from typing import Final

from registry.app.commands import main
from registry.app.embedded import child

EVERY: Final = 0.2
"""Seconds between two checks."""
_STDERR: Final = 2
_PASSED_ON: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def run(commands: Mapping[str, Sequence[str]], descriptors: Sequence[int] = ()) -> int:
    """Run `fakeprint` with the arguments of each name, in processes that share what this one has loaded.
    They keep its `descriptors`.

    When one has ended, or when this one is told to end, the others are told to end too, and waited for.
    Returns the exit status of the first that failed, 0 if none did. A process that ends by itself is not
    restarted: the caller of this command does that.
    """
    processes: list[child.Forked] = []

    def tell(signum: int) -> None:
        for process in processes:
            process.send_signal(signum)

    def pass_on(signum: int, _frame: FrameType | None) -> None:
        tell(signal.SIGTERM if signum == signal.SIGINT else signum)

    with ExitStack() as ends:
        for signum in _PASSED_ON:
            ends.callback(signal.signal, signum, signal.signal(signum, pass_on))
        with child.undisturbed():
            processes += [
                child.fork(
                    name,
                    partial(main, list(arguments), prog_name="fakeprint"),
                    log=_STDERR,
                    descriptors=descriptors,
                )
                for name, arguments in commands.items()
            ]
        while not (ended := [process for process in processes if process.poll() is not None]):
            time.sleep(EVERY)
        tell(signal.SIGTERM)
        for process in processes:
            process.join()
    failed = next((process.exitcode for process in (*ended, *processes) if process.exitcode), 0)
    return failed if failed >= 0 else 128 - failed
