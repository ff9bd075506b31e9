"""The process that starts walled processes: it has loaded what they need, and forks one for each file.

It is a new program with an environment of its own, so it has never held a password or a connection. It reads
no file itself. Its arguments are a socket, and the module whose `CALLS` a walled process can do and whose
`load` loads what they need. A message on the socket starts a process. The message names its limits, and
brings its connection, the descriptor of its file, and a pipe to which its id and its exit status are written.

It ends when the socket is closed, and its processes with it. A process is killed when its connection is
closed on the other side. Without Linux's `fork` of a loaded program, a process works for one file alone
(`--alone`).
"""

from __future__ import annotations

import gc
import os
import select
import signal
import socket
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol

from registry.core.errors import FakeprintError, MediaTooLarge
from registry.core.http import malloc
from workers.media.descriptor import path_of
from workers.walls import kernel, wire

ORDER: Final = struct.Struct("<IIi")
"""Megabytes, CPU seconds and niceness of a process."""
DESCRIPTORS: Final = 3
_MOST_DESCRIPTORS: Final = 4096
_NO_MEMORY: Final = ("bad_alloc", "out of memory", "insufficient memory", "failed to allocate")
"""Words in an error of a library that found no memory."""

Tick = Callable[[float], None]
Call = Callable[[Path, bytes, Tick], Iterator[bytes]]
"""Does one thing with the file and yields its results."""


class Work(Protocol):
    """A module of calls."""

    CALLS: Mapping[str, Call]

    def load(self) -> None:
        """Load what the calls need, before there are walls."""


def main(arguments: list[str]) -> None:
    """Serve until the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process decides
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whoever started this one may have held signals back
    if arguments[0] == "--alone":
        connection, file, megabytes, seconds = map(int, arguments[2:])
        work, fault = _loaded(arguments[1])
        kernel.enclose(_needs(megabytes, seconds))
        _serve(socket.socket(fileno=connection), file, work, fault)
        return
    work, fault = _loaded(arguments[1])
    gc.collect()
    gc.freeze()  # a collection in a child would copy these pages
    malloc.return_memory()
    _Server(socket.socket(fileno=int(arguments[0])), work, fault).run()


def _loaded(module: str) -> tuple[Work | None, wire.Fault | None]:
    try:
        work: Any = import_module(module)
        work.load()
    except Exception as error:  # noqa: BLE001 - told to whoever asks for work
        return None, fault_of(error)
    return work, None


@dataclass(frozen=True, slots=True)
class _Process:
    """`handle`: its descriptor (pidfd). `status`: where its id and its exit status are written."""

    pid: int
    handle: int
    connection: int
    status: int


class _Server:
    def __init__(self, control: socket.socket, work: Work | None, fault: wire.Fault | None) -> None:
        self._control = control
        self._work = work
        self._fault = fault
        self._poll = select.poll()
        self._processes: dict[int, _Process] = {}
        """By the descriptors that are polled: that of the process, and that of its connection."""

    def run(self) -> None:
        self._poll.register(self._control, select.POLLIN)
        while True:
            for descriptor, _ in self._poll.poll():
                if descriptor == self._control.fileno():
                    if not self._start():
                        return
                elif (process := self._processes.get(descriptor)) is None:
                    continue
                elif descriptor == process.handle:
                    self._end(process)
                else:
                    self._forget(descriptor)
                    signal.pidfd_send_signal(process.handle, signal.SIGKILL)

    def _start(self) -> bool:
        """Start a process; False if there is nobody to work for. If none can be started, or the order's
        descriptors have found no room, its connection and pipe are closed, and the next order is waited for.
        """
        order, descriptors, *_ = socket.recv_fds(self._control, ORDER.size, DESCRIPTORS)
        if not order:
            return False
        try:
            self._start_with(order, *descriptors)
        except (OSError, TypeError):
            for descriptor in descriptors:
                os.close(descriptor)
        return True

    def _start_with(self, order: bytes, connection: int, file: int, status: int) -> None:
        this = os.getpid()
        child = os.fork()
        if not child:
            try:
                self._become(order, this, connection, file)
            finally:
                os._exit(1)
        try:
            handle = os.pidfd_open(child)
        except OSError:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            raise
        os.close(file)
        _tell(status, b"%d\n" % child)
        process = _Process(child, handle, connection, status)
        for descriptor, events in ((process.handle, select.POLLIN), (connection, 0)):
            self._processes[descriptor] = process
            self._poll.register(descriptor, events)

    def _become(self, order: bytes, parent: int, connection: int, file: int) -> None:
        megabytes, seconds, niceness = ORDER.unpack(order)
        with suppress(PermissionError):  # this one may be nicer than who asks
            os.setpriority(os.PRIO_PROCESS, 0, niceness)
        nothing = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nothing, standard)
        keep = sorted((connection, file))
        for low, high in zip([3, *(kept + 1 for kept in keep)], [*keep, _MOST_DESCRIPTORS], strict=True):
            os.closerange(low, high)
        kernel.enclose(_needs(megabytes, seconds))
        kernel.die_with(parent)
        _serve(socket.socket(fileno=connection), file, self._work, self._fault)
        os._exit(0)

    def _end(self, process: _Process) -> None:
        _, status = os.waitpid(process.pid, 0)
        for descriptor in (process.handle, process.connection):
            self._forget(descriptor)
            os.close(descriptor)
        _tell(process.status, b"%d" % os.waitstatus_to_exitcode(status))
        os.close(process.status)

    def _forget(self, descriptor: int) -> None:
        if self._processes.pop(descriptor, None) is not None:
            self._poll.unregister(descriptor)


def _tell(status: int, words: bytes) -> None:
    with suppress(BrokenPipeError):
        os.write(status, words)


def _serve(connection: socket.socket, file: int, work: Work | None, fault: wire.Fault | None) -> None:
    """Do what is asked until the connection is closed."""
    path = path_of(file)

    def tick(share: float) -> None:
        wire.send(connection, "progress", wire.SHARE.pack(share))

    with suppress(BrokenPipeError, ConnectionResetError):
        for _, body in wire.messages(connection):
            name, _, order = body.partition(b"\n")
            problem = fault
            if work is not None:
                try:
                    for item in work.CALLS[name.decode()](path, order, tick):
                        wire.send(connection, "item", item)
                except ConnectionError:
                    raise
                except Exception as error:  # noqa: BLE001 - told to the other side
                    problem = fault_of(error)
            if problem is None:
                wire.send(connection, "done")
            else:
                wire.send(connection, "error", wire.encode(problem, wire.Fault))


def _needs(megabytes: int, seconds: int) -> kernel.Needs:
    return kernel.Needs(megabytes, seconds, reads=(*kernel.libraries(), kernel.STATUS))


def fault_of(error: Exception) -> wire.Fault:
    """Return an error as it is sent."""
    if isinstance(error, FakeprintError):
        return wire.Fault(error.code, error.message, error.next_step, error.extra)
    if isinstance(error, ModuleNotFoundError):
        return wire.Fault("not_installed", str(error), missing=error.name)
    if isinstance(error, MemoryError) or any(word in str(error).lower() for word in _NO_MEMORY):
        return wire.Fault(MediaTooLarge.code, "The file needs more memory than a decoder may use.")
    return wire.Fault(FakeprintError.code, f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main(sys.argv[1:])
