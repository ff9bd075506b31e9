"""Run a program that ends when its parent does: `python -I -S bound.py PARENT SIGNAL USER PROGRAM ARGS...`.

Linux sends SIGNAL to this process when the thread that started it ends, even by SIGKILL
(`PR_SET_PDEATHSIG`, prctl(2)). It survives `execv` but not a change of user, so the user changes first.
This is a program of its own because `preexec_fn` is unsafe in a process with threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from typing import Final

PR_SET_PDEATHSIG: Final = 1
PR_SET_NAME: Final = 15


def die_with_parent(number: int, parent: int) -> None:
    """Request signal `number` for the end of the parent. Exit at once if `parent` is no longer the parent."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_PDEATHSIG) failed")
    if os.getppid() != parent:
        os._exit(0)


def call_this_process(name: str) -> None:
    """Set the name that `top` and `ps -o comm` show; the system keeps 15 bytes of it."""
    ctypes.CDLL(None).prctl(PR_SET_NAME, name.encode())


def main(arguments: list[str]) -> None:
    """Become the program. `USER` is a number, or `-` for the current user."""
    parent, number, user, program = int(arguments[0]), int(arguments[1]), arguments[2], arguments[3]
    if user != "-":
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
        os.chdir("/")
    # Children inherit ignored signals; the program must receive its own.
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(name, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    die_with_parent(number, parent)
    os.execv(program, arguments[3:])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main(sys.argv[1:])
