"""Landlock: the files that this thread may open (Linux 5.13 and later).

See https://docs.kernel.org/userspace-api/landlock.html. Each right below begins with the version of the
interface that is named; older kernels do without it.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
import sys
from collections.abc import Iterable
from typing import Final

_CREATE, _ADD, _RESTRICT = 444, 445, 446
"""Numbers of the calls, the same on x86-64 and on ARM."""
_VERSION: Final = 1
_BENEATH: Final = 1
_EXECUTE, _WRITE, _READ, _LIST = 1 << 0, 1 << 1, 1 << 2, 1 << 3
_TRUNCATE: Final = 1 << 14
_CHANGE: Final = sum(1 << bit for bit in (1, 4, 5, 7, 8, 10, 12))
"""Write, remove folders and files, make folders, files, pipes and symlinks."""
_FILES: Final = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_NETWORK: Final = {4: 0b11}
"""Bind and connect by TCP."""
_SCOPES: Final = {6: 0b11}
"""Abstract Unix sockets, and signals, of processes without this restriction."""
_OF_FILES: Final = _EXECUTE | _WRITE | _READ | _TRUNCATE


def version() -> int:
    """Return the version of the kernel's interface; 0: it has none, or it is switched off."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, int(_libc().syscall(_CREATE, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))))


def restrict(reads: Iterable[str], writes: Iterable[str], *, programs: bool) -> bool:
    """Let this thread open nothing but these files and what is beneath these folders; for good.

    `programs`: what can be read may be started too. Descriptors that are open stay so. Returns False if the
    kernel cannot do it. Raises `OSError` if it could and did not.
    """
    if not (abi := version()):
        return False
    files = _of(_FILES, abi)
    attributes = struct.pack("=QQQ", files, _of(_NETWORK, abi), _of(_SCOPES, abi))
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _done(_libc().syscall(_CREATE, attributes, ctypes.c_size_t(size), ctypes.c_uint32(0)))
    try:
        read = _READ | _LIST | (_EXECUTE if programs else 0)
        for path in reads:
            _allow(ruleset, path, read & files)
        for path in writes:
            _allow(ruleset, path, (read | _CHANGE | _TRUNCATE) & files)
        _done(_libc().syscall(_RESTRICT, ctypes.c_int(ruleset), ctypes.c_uint32(0)))
    finally:
        os.close(ruleset)
    return True


def _allow(ruleset: int, path: str, rights: int) -> None:
    """Add a rule. A path that does not exist, or that this user cannot reach, needs none.

    Nor does a file that is in memory alone, which is open to whoever has its descriptor.
    """
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        return
    try:
        if not stat.S_ISDIR(os.fstat(place).st_mode):
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, place)
        none = ctypes.c_uint32(0)
        added = _libc().syscall(_ADD, ctypes.c_int(ruleset), ctypes.c_int(_BENEATH), rule, none)
        if ctypes.get_errno() != errno.EBADFD or added >= 0:
            _done(added)
    finally:
        os.close(place)


def _of(rights: dict[int, int], abi: int) -> int:
    return max((bits for since, bits in rights.items() if since <= abi), default=0)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _done(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "Landlock")
    return result
