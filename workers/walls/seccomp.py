"""Seccomp: the calls of the kernel that this thread may make (Linux on x86-64 and ARM).

A refused call fails with EPERM, so that a library that tries one reports an error. The list names what
reaches beyond the process: network, other processes, other users' rights, the machine. See
https://docs.kernel.org/userspace-api/seccomp_filter.html and the kernel's tables of call numbers.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Iterator, Mapping
from typing import Final

_CALLS: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "socket": (41, 198),
    "socketpair": (53, 199),
    "connect": (42, 203),
    "bind": (49, 200),
    "listen": (50, 201),
    "accept": (43, 202),
    "accept4": (288, 242),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438),
    "pidfd_send_signal": (424, 424),
    "setpriority": (141, 140),
    "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122),
    "sched_setattr": (314, 274),
    "sched_setparam": (142, 118),
    "sched_setscheduler": (144, 119),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "shmget": (29, 194),
    "shmctl": (31, 195),
    "shmat": (30, 196),
    "semget": (64, 190),
    "msgget": (68, 186),
    "mq_open": (240, 180),
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "fchmodat2": (452, 452),
    "chown": (92, None),
    "lchown": (94, None),
    "fchown": (93, 55),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
    "utime": (132, None),
    "utimes": (235, None),
    "futimesat": (261, None),
    "utimensat": (280, 88),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "fanotify_init": (300, 262),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "unshare": (272, 97),
    "setns": (308, 268),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "adjtimex": (159, 171),
    "clock_adjtime": (305, 266),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "personality": (135, 92),
    "syslog": (103, 116),
    "vhangup": (153, 58),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
}
"""Calls that are refused, with their numbers on x86-64 and on ARM."""
_STARTING: Final[Mapping[str, tuple[int | None, int | None]]] = {
    "execve": (59, 221),
    "execveat": (322, 281),
    "fork": (57, None),
    "vfork": (58, None),
    "kill": (62, 129),
    "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}
"""Calls that a process refuses which starts no programs."""
_CLONE, _CLONE3, _TGKILL, _PRLIMIT = (56, 220), (435, 435), (234, 131), (302, 261)
_THREAD: Final = 0x10000
"""The flag of `clone` for a thread."""

_ARCHITECTURES: Final = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1), "arm64": (0xC00000B7, 1)}
"""Audit number, and column of the tables above."""
_X32: Final = 0x40000000
"""Numbers from here on are the same calls under another interface of x86-64."""

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _ARGUMENT = 0, 4, 16
_ALLOWED: Final = 0x7FFF0000
_REFUSED: Final = 0x00050000 | errno.EPERM
_UNKNOWN: Final = 0x00050000 | errno.ENOSYS
_KILLED: Final = 0x80000000
_SECCOMP: Final = 22
_FILTER: Final = 2


class _Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def available() -> bool:
    """Tell whether this machine has filters, and the numbers of its calls are known here."""
    if not sys.platform.startswith("linux") or platform.machine() not in _ARCHITECTURES:
        return False
    # Without a program the kernel answers EFAULT if it has filters, and EINVAL if it has none.
    libc = ctypes.CDLL(None, use_errno=True)
    return libc.prctl(_SECCOMP, _FILTER, None, 0, 0) != 0 and ctypes.get_errno() == errno.EFAULT


def install(*, programs: bool) -> bool:
    """Refuse the calls in this thread, for good. `programs`: it may start programs and send signals.

    Returns False if the machine has no filters. Raises `OSError` if it has them and refuses this one. The
    thread must have given up new privileges before.
    """
    if not available():
        return False
    instructions = b"".join(_instructions(*_ARCHITECTURES[platform.machine()], programs=programs))
    program = _Program(len(instructions) // 8, instructions)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")
    return True


def _instructions(audit: int, column: int, *, programs: bool) -> Iterator[bytes]:
    """Yield the filter's instructions. Jumps count the instructions that are skipped: if true, if false."""
    yield _one(_LOAD, _ARCHITECTURE)
    yield _one(_EQUAL, audit, 1, 0)
    yield _one(_RETURN, _KILLED)
    yield _one(_LOAD, _NUMBER)
    yield from _refused_if(_AT_LEAST, _X32)
    for numbers in (*_CALLS.values(), *(() if programs else _STARTING.values())):
        if (number := numbers[column]) is not None:
            yield from _refused_if(_EQUAL, number)
    # Its flags lie in memory, where no filter sees them. Libraries then use `clone`.
    yield _one(_EQUAL, _CLONE3[column], 0, 1)
    yield _one(_RETURN, _UNKNOWN)
    yield from _only_if(_PRLIMIT[column], _EQUAL, 0)  # its own limits
    if not programs:
        yield from _only_if(_CLONE[column], _ANY_BIT, _THREAD)
        yield from _only_if(_TGKILL[column], _EQUAL, os.getpid())  # `abort`
    yield _one(_RETURN, _ALLOWED)


def _refused_if(test: int, value: int) -> Iterator[bytes]:
    yield _one(test, value, 0, 1)
    yield _one(_RETURN, _REFUSED)


def _only_if(number: int, test: int, value: int) -> Iterator[bytes]:
    """Allow a call only if its first argument passes the test."""
    yield _one(_EQUAL, number, 0, 4)
    yield _one(_LOAD, _ARGUMENT)
    yield _one(test, value, 1, 0)
    yield _one(_RETURN, _REFUSED)
    yield _one(_RETURN, _ALLOWED)


def _one(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)
