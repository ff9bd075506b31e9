"""Real servers for the tests, on free ports of the loopback address or on sockets, stopped again.

Debian's packages for those that `fakeprint up` does not need: postgresql-17 postgresql-17-pgvector
rabbitmq-server redis-server.
"""

from __future__ import annotations

import itertools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import psutil
import psycopg
from kombu import Connection

from registry.app.embedded import binaries, child
from registry.app.embedded.postgres import Cluster
from registry.core.database.migrate import migrate

TEMPLATE = "template_fakeprint"
PATIENCE: Final = 180.0
"""Seconds that any condition has to come about: several times what two cores took that all tests shared."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server with a migrated template database to clone from."""

    cluster: Cluster
    _asking: list[psycopg.Connection] = field(default_factory=list)

    def address(self, database: str) -> str:
        return urlsplit(self.cluster.url)._replace(path=f"/{database}").geturl()

    def say_password_in_short(self) -> None:
        """Keep the password with one round of hashing instead of 4,096, which take a client 3 ms for each of
        the thousands of connections of all tests."""
        secret = self.cluster.password.read_text(encoding="ascii").strip()
        self._do("SET scram_iterations = 1")
        self._do(f"ALTER ROLE CURRENT_USER PASSWORD '{secret}'")

    @contextmanager
    def clone(self) -> Iterator[str]:
        """The URL of a migrated, empty database of one's own (about 50 ms)."""
        name = f"test_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        try:
            yield self.address(name)
        finally:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def crash(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """What a power cut does to it. It has come back when this returns; `meanwhile` it is away."""
        process = self.cluster.process
        assert process is not None
        self.let_go()
        process.kill()
        process.wait(10)
        meanwhile()
        self.cluster.start()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """The URL of a database in which nothing was ever made."""
        name = f"test_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name}")
        try:
            yield self.address(name)
        finally:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        """On one connection for all: to make one takes as long as a small test."""
        try:
            self._tell(statement)
        except psycopg.OperationalError:  # the server was stopped meanwhile
            self.let_go()
            self._tell(statement)

    def _tell(self, statement: str) -> None:
        if not self._asking:
            self._asking.append(psycopg.connect(self.address("postgres"), autocommit=True))
        self._asking[0].execute(statement.encode())

    def let_go(self) -> None:
        """Close that connection."""
        while self._asking:
            self._asking.pop().close()


@contextmanager
def open_temporary_folder(name: str) -> Iterator[Path]:
    """A folder that other users can pass through (PostgreSQL runs as `nobody` under root)."""
    folder = Path(tempfile.mkdtemp(prefix=f"fp-{name}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres(
    *,
    programs: Path | None = None,
    major: int = binaries.MAJOR,
    settings: Mapping[str, str] | None = None,
) -> Iterator[PostgresServer]:
    """A server of the embedded PostgreSQL, or of the `programs` given, with the template in it. `settings`:
    over those of the embedded one."""
    with open_temporary_folder(f"pg{major}") as folder:
        cluster = Cluster(
            home=folder / "postgres",
            password=folder / "password",
            log=folder / "log",
            programs=programs or binaries.programs(),
            major=major,
            settings=settings or {},
        )
        cluster.start()
        try:
            server = PostgresServer(cluster)
            server.say_password_in_short()
            server._do(f"CREATE DATABASE {TEMPLATE}")
            migrate(server.address(TEMPLATE))
            yield server
            server.let_go()
        finally:
            cluster.stop()


def debian_programs() -> Path:
    """Debian's PostgreSQL 17."""
    folder = Path("/usr/lib/postgresql/17/bin")
    _require((folder / "postgres").exists(), "postgresql-17 postgresql-17-pgvector")
    return folder


@dataclass
class Broker:
    """A broker that can be killed, and started again on what it has on its disk."""

    url: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]
    settles: float = 0.0
    """After so many seconds it knows again after a kill what it was told to make."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def ctl(self, *words: str) -> str:
        """What `rabbitmqctl` says to these words."""
        command = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, check=True, text=True, timeout=60
        ).stdout

    def crash(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """What a power cut does to it. It has come back when this returns; `meanwhile` it is away."""
        time.sleep(self.settles)
        family = [
            psutil.Process(self.process.pid),
            *psutil.Process(self.process.pid).children(recursive=True),
        ]
        for each in family:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        psutil.wait_procs(family, timeout=10)
        self.process.wait(10)
        meanwhile()
        self.process = self.start()


@contextmanager
def rabbitmq(*more: str) -> Iterator[Broker]:
    """A RabbitMQ node of its own with its own epmd; `more` are lines of its configuration."""
    program = Path("/usr/lib/rabbitmq/bin/rabbitmq-server")
    _require(program.exists(), "rabbitmq-server")
    port, distribution, epmd_port = free_port(), free_port(), free_port()
    with open_temporary_folder("rabbitmq") as folder:
        config = folder / "rabbitmq.conf"
        lines = (f"listeners.tcp.1 = 127.0.0.1:{port}", "vm_memory_high_watermark.absolute = 1GB", *more)
        config.write_text("\n".join(lines) + "\n")
        (folder / "plugins").write_text("[].\n")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"test{port}@localhost",
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODE_PORT": str(port),
            "RABBITMQ_DIST_PORT": str(distribution),
            "RABBITMQ_CONFIG_FILE": str(config),
            "RABBITMQ_MNESIA_BASE": str(folder / "data"),
            "RABBITMQ_LOG_BASE": str(folder / "log"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "plugins"),
            "RABBITMQ_CONF_ENV_FILE": str(folder / "none"),
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
        }
        epmd = str(shutil.which("epmd") or "/usr/bin/epmd")
        with running(
            [epmd, "-port", str(epmd_port), "-address", "127.0.0.1"], folder / "epmd.log", environment
        ):
            start = partial(_started, [str(program)], folder / "server.log", port, environment)
            # Of a queue that was declared less than a second before it is killed RabbitMQ 4.0 forgets a part:
            # it has no leader any more, and takes nothing (rabbitmq-server, issue 15725).
            url = f"amqp://guest:guest@127.0.0.1:{port}//"
            with _ended(Broker(url, start, start(), settles=2.0, environment=environment)) as server:
                yield server


@contextmanager
def redis(*more: str) -> Iterator[Broker]:
    """A Redis server that keeps an append-only file; `more` are words of its command line."""
    program = shutil.which("redis-server")
    _require(program is not None, "redis-server")
    port = free_port()
    with open_temporary_folder("redis") as folder:
        command = [str(program), "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
        command += ["--appendonly", "yes", "--save", "", *more]
        start = partial(_started, command, folder / "log", port, {"PATH": os.environ["PATH"]})
        with _ended(Broker(f"redis://127.0.0.1:{port}/0", start, start())) as server:
            yield server


def _started(
    command: list[str], log: Path, port: int, environment: dict[str, str]
) -> subprocess.Popen[bytes]:
    """A process that listens."""
    with log.open("ab") as output:
        process = child.spawn(command, log=output, on_parent_death=signal.SIGTERM, environment=environment)
    try:
        wait_until(lambda: listens(port), 90, process, log)
    except BaseException:
        end(process)
        raise
    return process


@contextmanager
def _ended(broker: Broker) -> Iterator[Broker]:
    try:
        yield broker
    finally:
        end(broker.process)


@contextmanager
def s3() -> Iterator[str]:
    """moto's server of S3; yields the FAKEPRINT_BLOBS_URL of an empty bucket. The credentials that it takes
    stand in this process's environment meanwhile."""
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    said = {
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in said}
    with open_temporary_folder("s3") as folder:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, folder / "log") as server:
            wait_until(lambda: listens(port), 60, server, folder / "log")
            httpx.put(f"{endpoint}/media").raise_for_status()
            os.environ.update(said)
            try:
                yield f"s3://media?endpoint={endpoint}&region=us-east-1"
            finally:
                for name, value in before.items():
                    os.environ.pop(name)
                    if value is not None:
                        os.environ[name] = value


@contextmanager
def running(
    command: list[str], log: Path, environment: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own; the whole session is ended on leaving."""
    with log.open("ab") as output:
        process = child.spawn(
            command, log=output, on_parent_death=signal.SIGTERM, environment=environment or os.environ
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], patience: float = 20.0) -> None:
    """SIGTERM to the session, SIGKILL after `patience` seconds."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def wait_until(
    condition: Callable[[], bool],
    seconds: float,
    process: subprocess.Popen[bytes] | None = None,
    log: Path | None = None,
) -> None:
    """Poll until `condition` holds; raises with the end of the log when `process` ends or time is up.

    `seconds` is what it takes on a machine of one's own; a busy one has `PATIENCE` all the same.
    """
    seconds, pause = max(seconds, PATIENCE), 0.02
    deadline = time.monotonic() + seconds
    while not condition():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            said = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
            reason = "the process ended" if ended else f"not within {seconds} s"
            raise TimeoutError(f"{reason}: {said}")
        time.sleep(pause)
        pause = min(pause * 1.25, 0.25)  # to look takes processor time from what is waited for


def free_port() -> int:
    """A port that nobody listens at. Processes that test beside each other take them from ranges of their
    own, under those that the kernel gives out, so that none takes one between another's look and its use."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            return int(probe.getsockname()[1])
    first = FIRST_PORT + PORTS * int(worker.removeprefix("gw"))
    while True:
        port = first + next(_ports) % PORTS
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


FIRST_PORT: Final = 20_000
PORTS: Final = 2_000
_ports: Final = itertools.count()


def listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return True
    except OSError:
        return False


def _require(there: bool, packages: str) -> None:
    if not there:
        raise RuntimeError(f"These tests need Debian's packages: apt-get install {packages}")


def give_back(url: str, queue: str, word: str) -> None:
    """Take the message that holds `word` from a queue of RabbitMQ, and give it back, until the queue has
    given it up; others stay."""
    with Connection(url) as connection:
        channel, others = connection.default_channel, []
        while (message := channel.basic_get(queue)) is not None:
            if word in str(message.body):
                channel.basic_reject(message.delivery_tag, requeue=True)
            else:
                others.append(message)
        for other in others:
            channel.basic_reject(other.delivery_tag, requeue=True)
