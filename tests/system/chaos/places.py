"""Connections, networks and disks between the service and its environment, which faults can cut, slow or
fill.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

CHUNK: Final = 65_536
FILLER: Final = "filler"

Connect = Callable[[], Coroutine[Any, Any, tuple[asyncio.StreamReader, asyncio.StreamWriter]]]


@dataclass
class Forwarder:
    """Forwards connections to a server. `delay`: seconds that each piece waits."""

    target: Connect
    delay: float = 0.0
    ports: dict[str, int] = field(default_factory=dict)
    """Where it listens, by address."""

    async def serve(self, client: asyncio.StreamReader, answers: asyncio.StreamWriter) -> None:
        try:
            server, requests = await self.target()
        except OSError:
            answers.close()
            return
        ways = [
            asyncio.create_task(self._pass(client, requests)),
            asyncio.create_task(self._pass(server, answers)),
        ]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            for end in (requests, answers):
                with suppress(OSError, RuntimeError):
                    end.close()

    async def _pass(self, here: asyncio.StreamReader, there: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await here.read(CHUNK):
                if self.delay:
                    await asyncio.sleep(self.delay)
                there.write(data)
                await there.drain()


def to_socket(path: str) -> Connect:
    """Forward to a Unix socket of this machine."""
    return lambda: asyncio.open_unix_connection(path)


def to_port(port: int) -> Connect:
    """Forward to a port of the loopback address."""
    return lambda: asyncio.open_connection("127.0.0.1", port)


@dataclass
class Loop:
    """A thread in which forwarders run."""

    loop: asyncio.AbstractEventLoop
    servers: list[asyncio.Server] = field(default_factory=list)

    def listen(self, forwarder: Forwarder, address: str = "127.0.0.1") -> int:
        """Listen at another address too. Return the port."""

        async def begin() -> int:
            server = await asyncio.start_server(forwarder.serve, address, 0)
            self.servers.append(server)
            return int(server.sockets[0].getsockname()[1])

        port = asyncio.run_coroutine_threadsafe(begin(), self.loop).result(10)
        forwarder.ports[address] = port
        return port


@contextmanager
def loop() -> Iterator[Loop]:
    """Run forwarders until the block ends."""
    made = asyncio.new_event_loop()
    thread = threading.Thread(target=made.run_forever, name="forwarders", daemon=True)
    thread.start()
    running = Loop(made)
    try:
        yield running
    finally:
        for server in running.servers:
            made.call_soon_threadsafe(server.close)
        asyncio.run_coroutine_threadsafe(_cancelled(), made).result(10)
        made.call_soon_threadsafe(made.stop)
        thread.join(10)
        made.close()


async def _cancelled() -> None:
    """End what passes."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)


def may_change_networks() -> bool:
    """Return whether this process may create networks and mount disks."""
    return os.geteuid() == 0


@dataclass
class Network:
    """A network namespace with two cables to this machine. `addresses`: those of this end, by the server
    behind them."""

    name: str
    addresses: dict[str, str] = field(default_factory=dict)
    cables: dict[str, str] = field(default_factory=dict)

    def prefix(self) -> list[str]:
        """Return the beginning of a command that is to run inside. The runner does not search for programs
        by name."""
        return [shutil.which("ip") or "/usr/sbin/ip", "netns", "exec", self.name]

    def cut(self, *what: str) -> None:
        """Pull cables: packets are neither answered nor refused."""
        for item in what:
            _ip("link", "set", self.cables[item], "down")

    def mend(self, *what: str) -> None:
        for item in what:
            _ip("link", "set", self.cables[item], "up")


@contextmanager
def network() -> Iterator[Network]:
    """Create it with a cable to the broker and one to the database. It is removed with the block."""
    number = os.getpid() % 16_000
    made = Network(f"fpchaos{number}")
    with ExitStack() as ends:
        _ip("netns", "add", made.name)
        ends.callback(_ip, "netns", "del", made.name)
        _ip("-n", made.name, "link", "set", "lo", "up")
        for place, what in enumerate(("broker", "database")):
            cable, net = f"fc{number}{what[0]}", number * 2 + place
            base = f"10.{200 + net // 16_384}.{net // 64 % 256}"
            low = net % 64 * 4
            _ip("link", "add", cable, "type", "veth", "peer", "name", what, "netns", made.name)
            _ip("addr", "add", f"{base}.{low + 1}/30", "dev", cable)
            _ip("link", "set", cable, "up")
            _ip("-n", made.name, "addr", "add", f"{base}.{low + 2}/30", "dev", what)
            _ip("-n", made.name, "link", "set", what, "up")
            made.addresses[what], made.cables[what] = f"{base}.{low + 1}", cable
        yield made


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)


@dataclass
class Disk:
    """A small file system of its own."""

    folder: Path

    def fill(self) -> None:
        """Fill the disk."""
        with (self.folder / FILLER).open("wb", buffering=0) as out:
            for size in (1 << 20, 4096):
                with suppress(OSError):
                    while True:
                        os.write(out.fileno(), bytes(size))

    def empty(self) -> None:
        (self.folder / FILLER).unlink(missing_ok=True)


@contextmanager
def disk(folder: Path, *, megabytes: int) -> Iterator[Disk]:
    """Mount it at a new folder."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    options = f"size={megabytes}m,mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "fakeprint", str(folder)], check=True)
    try:
        yield Disk(folder)
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)
