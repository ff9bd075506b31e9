"""Calls of a walled process that a hostile file has taken over."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from registry.core.errors import TruncatedMedia
from workers.walls.server import Call, Tick


def load() -> None:
    """Nothing is loaded."""


def _read(path: Path, raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield str(path).encode() + b" " + raw + b" " + os.pread(int(path.name), 100, 0)


def _environment(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield "\n".join(f"{name}={value}" for name, value in os.environ.items()).encode()
    yield b",".join(name.encode() for name in _open_descriptors())
    yield b"%d" % os.getpriority(os.PRIO_PROCESS, 0)


def _open_descriptors() -> Iterator[str]:
    for descriptor in range(256):
        try:
            os.fstat(descriptor)
        except OSError:
            continue
        yield str(descriptor)


def _fault(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield str(os.getpid()).encode()
    ctypes.string_at(0)


def _abort(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield b""
    os.abort()


def _killed(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield b""
    signal.pthread_kill(threading.get_ident(), signal.SIGKILL)


def _memory(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield bytes(bytearray(2 << 30))


def _spin(_path: Path, _raw: bytes, tick: Tick) -> Iterator[bytes]:
    yield str(os.getpid()).encode()
    tick(0.5)
    while True:
        pass


def _nonsense(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    os.write(3, b"\xff" * 100)
    os.write(4, b"\xff" * 100)
    yield b""


def _truncated(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield b"first"
    raise TruncatedMedia("It ends.", next_step="Send the rest.")


def _bug(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    yield b""
    raise ZeroDivisionError


def _lie(_path: Path, _raw: bytes, _tick: Tick) -> Iterator[bytes]:
    """An error that the work may not raise."""
    from registry.core.errors import FakeprintError

    error = FakeprintError("You are signed out.")
    error.code = "unauthorized"
    yield b""
    raise error


CALLS: Final[Mapping[str, Call]] = {
    "read": _read,
    "environment": _environment,
    "fault": _fault,
    "abort": _abort,
    "killed": _killed,
    "memory": _memory,
    "spin": _spin,
    "nonsense": _nonsense,
    "truncated": _truncated,
    "bug": _bug,
    "lie": _lie,
}
