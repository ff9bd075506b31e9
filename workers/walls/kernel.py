"""Give up, in this process and for good, what reading a foreign file does not need.

Each wall is one of the kernel's. A wall that this kernel lacks is left out, and the others stand. The
standard library is all that is imported, so that a process can do this before it loads anything.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import platform
import resource
import signal
import struct
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
_DUMPABLE: Final = 4
_SECURE: Final = 28
_KEEP_RIGHTS: Final = 1 << 2
"""SECBIT_NO_SETUID_FIXUP: rights do not depend on the user's number, also where `access` asks for them."""
_AMBIENT: Final = 47
_AMBIENT_RAISE: Final = 2
_READ_SEARCH: Final = 2
"""CAP_DAC_READ_SEARCH: read files and enter folders whatever their owner."""
_CAPABILITIES: Final = struct.pack("=Ii", 0x20080522, 0)
"""Header of the third version of capget and capset, for the calling thread."""
_CAPGET: Final = {"x86_64": 125, "aarch64": 90}
_CAPSET: Final = {"x86_64": 126, "aarch64": 91}
_SETRESUID: Final = {"x86_64": 117, "aarch64": 147}
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
    programs, and send signals to them. Under root, this thread and they are then another user, who reads
    what `reads` names, whoever owns it. `user`: stay the user that it is.
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
    if not needs.user and os.geteuid() == 0 and (_read_as_nobody(libc) if needs.programs else _be_nobody()):
        yield "user"
    libc.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    if landlock.restrict(needs.reads, needs.writes, programs=needs.programs):
        yield "files"
    if seccomp.install(programs=needs.programs):
        yield "network"
        yield "calls"


def _be_nobody() -> bool:
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    return True


def _read_as_nobody(libc: ctypes.CDLL) -> bool:
    """Change the user of this thread, and keep one right of root for it and for the programs that it starts.

    Other threads remain root's: the kernel's call is made, not that of the C library, which changes all. A
    container may lack it; then nothing is changed. See capabilities(7).
    """
    machine = platform.machine()
    held = ctypes.create_string_buffer(24)  # effective, permitted, inheritable: 32 bits each, twice
    if machine not in _CAPGET or libc.syscall(_CAPGET[machine], _CAPABILITIES, held):
        return False
    right = 1 << _READ_SEARCH
    if not struct.unpack("=6I", held.raw)[1] & right or libc.prctl(_SECURE, _KEEP_RIGHTS, 0, 0, 0):
        return False
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    refused = libc.syscall(_SETRESUID[machine], NOBODY, NOBODY, NOBODY)
    refused |= libc.syscall(_CAPSET[machine], _CAPABILITIES, struct.pack("=6I", right, right, right, 0, 0, 0))
    refused |= libc.prctl(_AMBIENT, _AMBIENT_RAISE, _READ_SEARCH, 0, 0)
    if refused:
        raise OSError(ctypes.get_errno(), "The user could not be changed.")
    libc.prctl(_DUMPABLE, 1, 0, 0, 0)  # else its programs cannot open what it has open
    return True


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
