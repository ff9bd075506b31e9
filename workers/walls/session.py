"""Ask a walled process to do something with a file, and kill it where it takes too long.

The first request starts the process that forks the others (`workers.walls.server`). It serves this process
until that ends.
"""

from __future__ import annotations

import atexit
import logging
import math
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cached_property
from pathlib import Path
from time import monotonic
from typing import Final, Protocol

from registry.core.errors import (
    BadMedia,
    DecoderCrashed,
    FakeprintError,
    NotInstalled,
    NotSettled,
    TookTooLong,
)
from workers.errors import DecoderLost, NotDivisible
from workers.media import source
from workers.walls import server, wire

log = logging.getLogger(__name__)

MEGABYTES: Final = 650
"""Memory of a walled process beyond what it has when it begins, 190 MB. So its peak stays under 900 MB."""
EVERY: Final = 0.25
"""Seconds after which the caller is asked again whether it still waits."""
WHOLE: Final = 60.0
"""Seconds in which the rest of a message must come once it has begun."""
PATIENCE: Final = 4
"""Seconds of time for each second of CPU that a process may take, where other processes take their share."""
ENVIRONMENT: Final[Mapping[str, str]] = {
    "PATH": os.defpath,
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "ORT_DISABLE_TELEMETRY": "1",
}
"""All of the environment. One thread: with more, a process cannot be forked."""
_LARGE_PAGES: Final[Mapping[str, str]] = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""What forks the others takes 1 s of CPU more to start with these, and 3 ms less for each file."""

Progress = Callable[[float], None]


class Session:
    """A walled process that works on one file."""

    def __init__(self, connection: socket.socket, seconds: int) -> None:
        self._connection = connection
        self._connection.settimeout(WHOLE)
        self._seconds = seconds
        self._waited = 0.0

    def call(self, name: str, order: bytes, progress: Progress | None = None) -> Iterator[bytes]:
        """Yield the results of a call. `progress` is called several times a second, and may raise to end it.

        Raises the error of the work. A process that ends gives `ConnectionError`.
        """
        wire.send(self._connection, "call", name.encode() + b"\n" + order)
        share = 0.0
        while True:
            kind, body = self._next(share, progress)
            if kind == "item":
                yield body
            elif kind == "progress":
                (share,) = wire.SHARE.unpack(body)
                share = share if math.isfinite(share) else 0.0
                if progress is not None:
                    progress(share)
            elif kind == "done":
                return
            else:
                raise _error(wire.decode(body, wire.Fault))

    def _next(self, share: float, progress: Progress | None) -> tuple[wire.Kind, bytes]:
        while not self._comes():
            if progress is not None:
                progress(share)
        found = wire.receive(self._connection)
        if found is None:
            raise ConnectionResetError
        return found

    def _comes(self) -> bool:
        """Wait for a message, `EVERY` seconds at most. Raises `TookTooLong`."""
        began = monotonic()
        waiting = select.poll()
        waiting.register(self._connection, select.POLLIN)
        if waiting.poll(EVERY * 1000):
            return True
        self._waited += monotonic() - began
        if self._waited > self._seconds * PATIENCE:
            raise TookTooLong.of(self._seconds)
        return False


@contextmanager
def opened(path: Path, module: str, *, seconds: int) -> Iterator[Session]:
    """Start a walled process that has the file at `path` open and does the calls of `module`.

    It may take so many seconds of CPU. Raises `BadMedia` as `source.identify` does if the file cannot be
    opened; `timed_out`, or `decoder_crashed` if the process ended otherwise. Raises `DecoderLost`
    (temporary) if processes cannot be started.
    """
    with ExitStack() as ends:
        with source.readable():
            file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        ends.callback(os.close, file)
        ours, theirs = socket.socketpair()
        ends.callback(ours.close)
        with theirs:
            process = _start(module, theirs, file, seconds)
        _working.append(process)
        ends.callback(_working.remove, process)
        try:
            yield Session(ours, seconds)
        except (ConnectionError, TimeoutError, wire.BadMessage) as error:
            ours.close()
            raise _how(process.ended(), seconds) from error
        except TookTooLong as error:
            ours.close()
            if process.ended() is None:  # it never began
                raise DecoderLost from error
            raise
        finally:
            ours.close()
            process.ended()


def working_seconds() -> float:
    """Return the CPU seconds so far of the walled processes that work for this one now. 0 where the system
    does not tell."""
    return sum(process.cpu_seconds() for process in _working)


def share(module: str) -> tuple[int, ...]:
    """Start the process that forks the others, for this process and those that it will fork: what it loads
    takes a second and 180 MB. Return the descriptors that these must keep."""
    if not _FORKS:
        return ()
    found = _server(module, shared=True)
    if found.has_ended():
        _replace(module, found)
        found = _server(module, shared=True)
    return (found.socket.fileno(),)


class _Server:
    """The process that forks the others, and the socket by which it is asked to."""

    def __init__(self, module: str, *, shared: bool) -> None:
        self.shared = shared
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environment = {**ENVIRONMENT, **(_LARGE_PAGES if shared else {})}
        with theirs:
            self._process = _program((str(theirs.fileno()), module), (theirs.fileno(),), environment)
        self._owner = os.getpid()

    def has_ended(self) -> bool:
        poll = select.poll()
        poll.register(self.socket, 0)
        return bool(poll.poll(0))  # POLLHUP comes unasked

    def close(self) -> None:
        """End it, and the processes that it has started. Processes forked from its owner only leave it."""
        self.socket.close()
        if os.getpid() != self._owner:
            return
        self._process.terminate()  # it may still be loading
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


class _Process(Protocol):
    """A walled process that was started."""

    def cpu_seconds(self) -> float:
        """0 if it is not known, or the process has ended."""

    def ended(self) -> int | None:
        """Wait for its end. Return its exit status, below 0 a signal; None if what starts it has ended, or
        hangs."""


class _Forked:
    """One that the server forked. `pipe`: where the server writes its id and its exit status."""

    def __init__(self, pipe: int) -> None:
        self._status = os.fdopen(pipe, "rb")

    @cached_property
    def _id(self) -> bytes:
        return self._status.readline().strip()

    def cpu_seconds(self) -> float:
        if not self._is_told(0.0) or not self._id:
            return 0.0
        try:
            text = Path("/proc", self._id.decode(), "stat").read_text(encoding="ascii", errors="replace")
            user, system = text.rpartition(")")[2].split()[11:13]  # proc_pid_stat(5), fields 14 and 15
        except (OSError, ValueError):
            return 0.0
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _is_told(self, seconds: float) -> bool:
        return "_id" in vars(self) or bool(select.select([self._status], [], [], seconds)[0])

    def ended(self) -> int | None:
        return self._exit

    @cached_property
    def _exit(self) -> int | None:
        with self._status:
            raw = self._status.read() if self._is_told(WHOLE) and self._id else b""
        return int(raw) if raw else None


class _Alone:
    """One that was started for its file."""

    def __init__(self, program: subprocess.Popen[bytes]) -> None:
        self._program = program

    def cpu_seconds(self) -> float:
        return 0.0

    def ended(self) -> int | None:
        return self._program.wait()


_working: Final[list[_Process]] = []
_FORKS: Final = sys.platform.startswith("linux")
_servers: Final[dict[str, _Server]] = {}
_starting: Final = threading.Lock()


def _server(module: str, *, shared: bool = False) -> _Server:
    with _starting:
        if (found := _servers.get(module)) is None:
            found = _servers[module] = _Server(module, shared=shared)
        return found


def stop() -> None:
    """End the processes that fork others. The next request starts one again."""
    with _starting:
        while _servers:
            _servers.popitem()[1].close()


def _forget() -> None:
    """In a forked process: leave the other's servers to it, but for those that are shared."""
    for module, server_ in list(_servers.items()):
        if not server_.shared:
            _servers.pop(module).close()


atexit.register(stop)
os.register_at_fork(after_in_child=_forget)


def _start(module: str, connection: socket.socket, file: int, seconds: int) -> _Process:
    """Start a walled process. Raises `DecoderLost`."""
    if not _FORKS:
        numbers = (connection.fileno(), file, MEGABYTES, seconds)
        program = _program(("--alone", module, *map(str, numbers)), (connection.fileno(), file))
        return _Alone(program)
    ours, theirs = os.pipe()
    try:
        limits = server.ORDER.pack(MEGABYTES, seconds, os.getpriority(os.PRIO_PROCESS, 0))
        _order(module, limits, [connection.fileno(), file, theirs])
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return _Forked(ours)


def _order(module: str, limits: bytes, descriptors: list[int]) -> None:
    """Ask for a process; ask once more if what starts them was killed. Raises `DecoderLost`."""
    for last in (False, True):
        forks = _server(module)
        try:
            socket.send_fds(forks.socket, [limits], descriptors)
        except OSError as error:
            log.warning("the process that starts decoders is gone: %s", error)
            _replace(module, forks)
            if last:
                raise DecoderLost from error
        else:
            return


def _replace(module: str, gone: _Server) -> None:
    with _starting:
        if _servers.get(module) is gone:
            del _servers[module]
            gone.close()


def _program(
    arguments: tuple[str, ...], descriptors: tuple[int, ...], environment: Mapping[str, str] = ENVIRONMENT
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-I", "-m", server.__name__, *arguments],
        env=environment,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        pass_fds=descriptors,
        start_new_session=True,
    )


def _how(status: int | None, seconds: int) -> FakeprintError:
    """Return the error of a process that ended before its work."""
    if status is None:
        return DecoderLost()
    if status == -signal.SIGXCPU:
        return TookTooLong.of(seconds)
    name = signal.Signals(-status).name if status < 0 else f"status {status}"
    crashed = DecoderCrashed.of(name)
    crashed.killed = status == -signal.SIGKILL
    return crashed


def _error(fault: wire.Fault) -> Exception:
    """Return the error that the work raised. One that it may not raise is `internal`."""
    if fault.missing is not None:
        return ModuleNotFoundError(fault.message, name=fault.missing)
    if fault.code == NotSettled.code:
        return NotSettled(fault.message, wanted=str((fault.extra or {}).get("wanted")))
    for base in (BadMedia, NotDivisible, NotInstalled):
        if any(kind.code == fault.code for kind in base.kinds()):
            return base.of_code(fault.code, fault.message, next_step=fault.next_step, extra=fault.extra)
    log.error("a decoder met an error that nobody foresaw: %s", fault.message)
    return FakeprintError(f"The decoder met an error of its own ({fault.message.partition(':')[0]}).")
