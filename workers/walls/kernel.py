"""Give up, in this process and for good, what reading a foreign file does not need.

Each wall is one of the kernel's. A wall that this kernel lacks is left out, and the others stand. The
standard library is all that is imported, so that a process can do this before it loads anything.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from workers.walls import landlock, seccomp

Wall = Literal["network", "files", "user", "calls", "memory", "cpu"]

NOBODY: Final = 65_533
"""User and group of a walled process whose parent is root. No account has this number, so it owns no file.
`nobody` (65534) does: the embedded PostgreSQL runs as that user."""
_DEATH_SIGNAL: Final = 1
_NO_NEW_PRIVILEGES: Final = 38
_NONE: Final = resource.RLIM_INFINITY
_AFTER: Final = 5
"""Seconds of CPU between the signal that ends a process (SIGXCPU) and the kill of one that ignores it."""
STATUS: Final = "/proc/self/statm"
"""How much memory this process has: what limits a part of its work reads it again."""


@dataclass(frozen=True, slots=True)
class Needs:
    """What a process may still do.

    `megabytes`: address space beyond what it has now. `cpu_seconds`: of a core, from the process's start.
    `file_bytes`: size of a file that it writes. `reads`, `writes`: files and folders. `programs`: start
    programs, and send signals to them. `user`: stay the user that it is.
    """

    megabytes: int
    cpu_seconds: int
    file_bytes: int = 0
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    programs: bool = False
    user: bool = False


def enclose(needs: Needs) -> frozenset[Wall]:
    """Raise the walls around this process and return those that stand.

    Only the calling thread and the threads that it starts are behind the walls of files and calls.
    """
    return frozenset(_raised(needs))


def _raised(needs: Needs) -> Iterator[Wall]:
    if _limited(needs):
        yield "memory"
    yield "cpu"
    if not sys.platform.startswith("linux"):
        return
    libc = ctypes.CDLL(None, use_errno=True)
    if not seccomp.available():
        for flags in (os.CLONE_NEWNET, os.CLONE_NEWUSER | os.CLONE_NEWNET):
            with contextlib.suppress(OSError):
                os.unshare(flags)
                yield "network"
                break
    if not needs.user and os.geteuid() == 0:
        os.setgroups([])
        os.setresgid(NOBODY, NOBODY, NOBODY)
        os.setresuid(NOBODY, NOBODY, NOBODY)
        yield "user"
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if landlock.restrict(needs.reads, needs.writes, programs=needs.programs):
        yield "files"
    if seccomp.install(programs=needs.programs):
        yield "network"
        yield "calls"


def limit_memory(megabytes: int) -> None:
    """Limit the address space of this process, and write no core dumps: they would hold what it knows.

    A larger allocation raises `MemoryError`, instead of waking the kernel's out-of-memory killer.
    """
    _lower(resource.RLIMIT_AS, megabytes << 20)
    _lower(resource.RLIMIT_CORE, 0)


def die_with(parent: int) -> None:
    """Let the kernel kill this process when the process `parent`, which started it, ends.

    A change of the user undoes this, so it is called after `enclose`. Elsewhere than on Linux it does
    nothing.
    """
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def libraries() -> tuple[str, ...]:
    """Return the folders of Python's modules and of the models among them, and of this project's code."""
    home = Path(__file__).parents[2]  # a checkout holds more than code
    paths = [path for path in sys.path if path and Path(path).is_dir() and Path(path) != home]
    return (*paths, str(home / "workers"), str(home / "registry"))


def systems() -> tuple[str, ...]:
    """Return the folders of the system's programs and libraries."""
    return ("/usr", "/bin", "/lib", "/lib64", "/etc/ld.so.cache", "/nix/store", sys.prefix, sys.base_prefix)


def _limited(needs: Needs) -> bool:
    """Set the limits. Return whether the limit of memory could be set."""
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_FSIZE, needs.file_bytes)
    _lower(resource.RLIMIT_CPU, needs.cpu_seconds, more=_AFTER)
    if not Path(STATUS).exists():
        return False
    mapped = int(Path(STATUS).read_text(encoding="ascii").split()[0]) * resource.getpagesize()
    _lower(resource.RLIMIT_AS, mapped + (needs.megabytes << 20))
    return True


def _lower(resource_id: int, limit: int, more: int = 0) -> None:
    """Set a limit, and the one that is for good so much higher."""
    hard = resource.getrlimit(resource_id)[1]
    soft, limit = (min(wanted, hard) if hard != _NONE else wanted for wanted in (limit, limit + more))
    resource.setrlimit(resource_id, (soft, limit))
