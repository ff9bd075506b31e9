"""Try, in a walled process, what a hostile file would try: `fakeprint doctor` asks which walls stand."""

from __future__ import annotations

import os
import resource
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from workers.walls import wire
from workers.walls.kernel import NOBODY
from workers.walls.server import Call, Tick

MODULE: Final = __name__
TOO_MUCH: Final = 2 << 30
"""Bytes that no decoder gets."""


def load() -> None:
    """Nothing is loaded."""


def _network() -> None:
    socket.socket().close()


def _files() -> None:
    with Path("/etc/passwd").open("rb"):
        pass


def _programs() -> None:
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)


def _memory() -> None:
    bytearray(TOO_MUCH)


TRIES: Final[Mapping[str, Callable[[], None]]] = {
    "network": _network,
    "files": _files,
    "programs": _programs,
    "memory": _memory,
}


def _stand(_path: Path, _order: bytes, _tick: Tick) -> Iterator[bytes]:
    found = {name: _refused(attempt) for name, attempt in TRIES.items()}
    found["environment"] = not any(name.startswith("FAKEPRINT_") for name in os.environ)
    found["user"] = os.geteuid() == NOBODY
    found["cpu"] = resource.getrlimit(resource.RLIMIT_CPU)[0] != resource.RLIM_INFINITY
    yield wire.encode(found, dict[str, bool])


def _refused(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except (OSError, MemoryError):
        return True
    return False


CALLS: Final[Mapping[str, Call]] = {"stand": _stand}
