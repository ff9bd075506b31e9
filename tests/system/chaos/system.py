"""The service under test as processes of this machine, and what a supervisor of containers does for it: what
ends is started again."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

import httpx2
import psutil
import psycopg

from registry.app.embedded import child
from tests.support.service import servers as services
from tests.support.service.api import command
from tests.system.chaos import places
from tests.system.chaos.places import Disk, Forwarder, Loop, Network, to_port, to_socket

TICK: Final = 0.2
START_SECONDS: Final = 120.0
LEASE_SECONDS: Final = 6.0
"""Shorter than deployed, so that many leases run out in the time of a run."""
TOLD: Final[Mapping[str, str]] = {
    "LEASE_SECONDS": str(LEASE_SECONDS),
    "SPLIT_SECONDS": "60",
    "BULK_AFTER": "6",
    "WEBHOOK_PRIVATE": "true",
    "LEDGER_LOOKUPS": "matches",
}
"""Settings of a run; all else is as deployed."""


class System(Protocol):
    """A running service. `pairs`: what worker processes there are, by name; `database_url`: past everything
    that is slowed; `temporary`: where its processes put what they forget."""

    broker: str
    disk: Disk | None
    network: Network | None
    database: Forwarder | None
    troubles: list[str]

    @property
    def urls(self) -> list[str]: ...

    @property
    def database_url(self) -> str: ...

    @property
    def blobs(self) -> Path: ...

    @property
    def temporary(self) -> Path: ...

    @property
    def worker_logs(self) -> list[Path]: ...

    def pids(self) -> dict[str, int]:
        """The processes that run, by name."""

    def crash_database(self) -> None:
        """What a power cut does to it; it is started again."""

    def crash_broker(self) -> None:
        """Likewise."""

    def crash(self) -> None:
        """All of it at once, as the machine's end would."""

    def await_ready(self) -> None:
        """Until everything runs and answers."""


@dataclass
class Program:
    """A process that is started again whenever it ends."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def attend(self) -> None:
        if self.process is not None and self.process.poll() is None:
            return
        with self.log.open("ab") as out:
            self.process = child.spawn(self.command, log=out, environment=self.environment)

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)


@dataclass
class Servers:
    """PostgreSQL, a broker, two APIs, and a worker for each queue; one of media in a network of its own."""

    server: services.PostgresServer
    told: services.Broker
    broker: str
    folder: Path
    addresses: list[str]
    database_url: str
    blobs: Path
    temporary: Path
    disk: Disk | None
    network: Network | None
    database: Forwarder | None
    programs: list[Program] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    ending: threading.Event = field(default_factory=threading.Event)

    @property
    def urls(self) -> list[str]:
        return self.addresses

    @property
    def worker_logs(self) -> list[Path]:
        return [program.log for program in self.programs if "worker" in program.command]

    def pids(self) -> dict[str, int]:
        return {
            program.name: program.process.pid
            for program in self.programs
            if program.process is not None and program.process.poll() is None
        }

    def crash_database(self) -> None:
        self.server.crash()

    def crash_broker(self) -> None:
        self.told.crash()

    def crash(self) -> None:
        for program in self.programs:
            with suppress(ProcessLookupError):
                if program.process is not None:
                    os.killpg(program.process.pid, signal.SIGKILL)

    def await_ready(self) -> None:
        services.wait_until(lambda: len(self.pids()) == len(self.programs), START_SECONDS)
        await_answers(self.urls)

    def attend(self) -> None:
        while not self.ending.wait(TICK):
            for program in self.programs:
                program.attend()


def await_workers(system: System) -> None:
    """Until each worker has said, since the first start, that it is ready."""

    def ready() -> bool:
        logs = system.worker_logs
        return bool(logs) and all(log.exists() and "ready" in log.read_text() for log in logs)

    services.wait_until(ready, START_SECONDS)


def await_answers(urls: list[str]) -> None:
    """Until each address says that it is ready."""

    said = ""

    def ready() -> bool:
        nonlocal said
        try:
            answers = [httpx2.get(f"{url}/health/ready", timeout=10, trust_env=False) for url in urls]
        except httpx2.TransportError as error:
            said = repr(error)
            return False
        said = " ".join(answer.text for answer in answers)
        return all(answer.status_code == 200 for answer in answers)

    try:
        services.wait_until(ready, START_SECONDS)
    except TimeoutError as error:
        raise TimeoutError(f"not ready: {said}") from error


@contextmanager
def servers(
    broker: str,
    folder: Path,
    loop: Loop,
    ends: ExitStack,
    settings: Mapping[str, str],
    *,
    small: bool = False,
) -> Iterator[Servers]:
    """All of it, running; `settings` beside `TOLD`. `small`: one API, and no worker in a network of its
    own."""
    server = ends.enter_context(services.postgres())
    broker_url = ends.enter_context(services.rabbitmq() if broker == "rabbitmq" else services.redis())
    database_url = ends.enter_context(server.clone())
    own = places.may_change_networks()
    blobs, temporary = folder / "blobs", folder / "tmp"
    temporary.mkdir()
    disk = ends.enter_context(places.disk(blobs, megabytes=384)) if own else None
    network = ends.enter_context(places.network()) if own and not small else None
    sockets = server.cluster.sockets
    assert sockets is not None
    forwarder = Forwarder(to_socket(f"{sockets}/.s.PGSQL.5432"))
    loop.listen(forwarder)
    ports = [services.free_port() for _ in range(1 if small else 2)]
    made = Servers(
        server=server,
        told=broker_url,
        broker=broker,
        folder=folder,
        addresses=[f"http://127.0.0.1:{port}" for port in ports],
        database_url=database_url,
        blobs=blobs,
        temporary=temporary,
        disk=disk,
        network=network,
        database=forwarder,
    )
    all_settings = {
        **TOLD,
        **settings,
        "DATABASE_URL": _by_port(database_url, "127.0.0.1", forwarder.ports["127.0.0.1"]),
        "BROKER_URL": broker_url.url,
        "BLOBS_URL": blobs.as_uri(),
    }
    workers = {
        "interactive": ("--queues", "interactive"),
        "media": ("--queues", "media"),
        "bulk": ("--queues", "bulk"),
        "control": ("--queues", "control", "--beat"),
        "delivery": ("--queues", "delivery"),
    }
    for place, port in enumerate(ports):
        _add(made, f"api-{place}", ["serve", "--port", str(port)], all_settings)
    for name, arguments in workers.items():
        _add(made, name, ["worker", *arguments], all_settings)
    if network is not None:
        away = dict(all_settings)
        near, far = network.addresses["database"], network.addresses["broker"]
        away["DATABASE_URL"] = _by_port(database_url, near, loop.listen(forwarder, near))
        port = int(broker_url.url.rpartition(":")[2].partition("/")[0])
        passing = loop.listen(Forwarder(to_port(port)), far)
        away["BROKER_URL"] = broker_url.url.replace(f"127.0.0.1:{port}", f"{far}:{passing}")
        _add(made, "media-away", ["worker", "--queues", "media"], away, network.prefix())
    attending = threading.Thread(target=made.attend, name="supervisor", daemon=True)
    attending.start()
    try:
        yield made
    finally:
        made.ending.set()
        attending.join(30)
        for program in made.programs:
            program.kill()


def _add(
    made: Servers,
    name: str,
    arguments: list[str],
    said: Mapping[str, str],
    prefix: list[str] | None = None,
) -> None:
    data = made.folder / name
    data.mkdir(mode=0o711)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FAKEPRINT_")}
    environment |= {f"FAKEPRINT_{key}": value for key, value in said.items()}
    # Keys and the ledger are the deployment's; what lies beside them is each process's own.
    environment |= {
        "FAKEPRINT_DATA": str(data),
        "FAKEPRINT_KEYS_URL": (made.folder / "keys").as_uri(),
        "FAKEPRINT_LEDGER": str(made.folder / "ledger"),
        "TMPDIR": str(made.temporary),
    }
    made.programs.append(
        Program(name, [*(prefix or []), *command(*arguments)], environment, made.folder / f"{name}.log")
    )


def _by_port(url: str, host: str, port: int) -> str:
    """A URL of a socket, by TCP."""
    scheme, _, rest = url.partition("://")
    who, _, where = rest.partition("@")
    return f"{scheme}://{who}@{host}:{port}/{where.partition('?')[0].removeprefix('/')}"


def children(pid: int) -> list[psutil.Process]:
    """The processes that one started, at any depth; none where it has ended."""
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def rows(url: str, query: str, *values: Any) -> list[dict[str, Any]]:
    """What a query finds, asked again while the database comes back."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with psycopg.connect(url, row_factory=psycopg.rows.dict_row, connect_timeout=5) as connection:
                return connection.execute(query.encode(), values).fetchall()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(TICK)
