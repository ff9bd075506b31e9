"""Real servers for tests, on free loopback ports or sockets. They are stopped afterwards.

Servers that `fakeprint up` does not need come from Debian packages: postgresql-17 postgresql-17-pgvector
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

import httpx2
import psutil
import psycopg
from kombu import Connection

from registry.app.embedded import binaries, child
from registry.app.embedded.postgres import Cluster
from registry.core.database.migrate import migrate

TEMPLATE = "template_fakeprint"
PATIENCE: Final = 180.0
"""Minimum timeout of any condition in seconds: several times the longest wait seen with all tests on two
cores."""


@dataclass(frozen=True)
class PostgresServer:
    """A running server, with a migrated template database to clone."""

    cluster: Cluster
    _asking: list[psycopg.Connection] = field(default_factory=list)

    def address(self, database: str) -> str:
        return urlsplit(self.cluster.url)._replace(path=f"/{database}").geturl()

    def say_password_in_short(self) -> None:
        """Hash the password with one round instead of 4,096, which cost each of thousands of connections 3
        ms."""
        secret = self.cluster.password.read_text(encoding="ascii").strip()
        self._do("SET scram_iterations = 1")
        self._do(f"ALTER ROLE CURRENT_USER PASSWORD '{secret}'")

    @contextmanager
    def clone(self) -> Iterator[str]:
        """Yield the URL of a new migrated, empty database (about 50 ms)."""
        name = f"test_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        try:
            yield self.address(name)
        finally:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def crash(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Kill the server as a power cut would, call `meanwhile`, and wait until it is back."""
        process = self.cluster.process
        assert process is not None
        self.let_go()
        process.kill()
        process.wait(10)
        meanwhile()
        self.cluster.start()

    @contextmanager
    def empty(self) -> Iterator[str]:
        """Yield the URL of a new database without our schema."""
        name = f"test_{uuid4().hex}"
        self._do(f"CREATE DATABASE {name}")
        try:
            yield self.address(name)
        finally:
            self._do(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        """Use one connection for all statements: opening one takes as long as a small test."""
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
    """Create a folder that other users can pass through (PostgreSQL runs as `nobody` under root)."""
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
    """Run a server with the template database: the embedded PostgreSQL, or `programs`.

    `settings`: override those of the embedded server.
    """
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
    """Return the folder of Debian's PostgreSQL 17 programs."""
    folder = Path("/usr/lib/postgresql/17/bin")
    _require((folder / "postgres").exists(), "postgresql-17 postgresql-17-pgvector")
    return folder


@dataclass
class Broker:
    """A broker that can be killed and restarted with its files."""

    url: str
    start: Callable[[], subprocess.Popen[bytes]]
    process: subprocess.Popen[bytes]
    settles: float = 0.0
    """Seconds after which a declared queue survives a kill."""
    environment: Mapping[str, str] = field(default_factory=dict)

    def ctl(self, *words: str) -> str:
        """Return the output of `rabbitmqctl`."""
        command = ["/usr/lib/rabbitmq/bin/rabbitmqctl", "--quiet", *words]
        return subprocess.run(
            command, env=self.environment, capture_output=True, check=True, text=True, timeout=60
        ).stdout

    def crash(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Kill the broker as a power cut would, call `meanwhile`, and wait until it is back."""
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
    """Run a RabbitMQ node with its own epmd. `more`: lines of its configuration."""
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
            # If RabbitMQ 4.0 is killed within a second after a queue was declared, it loses part of the
            # queue: it has no leader and accepts nothing (rabbitmq-server, issue 15725).
            url = f"amqp://guest:guest@127.0.0.1:{port}//"
            with _ended(Broker(url, start, start(), settles=2.0, environment=environment)) as server:
                yield server


@contextmanager
def redis(*more: str) -> Iterator[Broker]:
    """Run a Redis server with an append-only file. `more`: arguments of its command line."""
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
    """Start a process and wait until it listens."""
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
    """Run moto's S3 server and yield the FAKEPRINT_BLOBS_URL of an empty bucket.

    The credentials are in this process's environment until the block ends.
    """
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    settings = {
        "AWS_ACCESS_KEY_ID": "tests",
        "AWS_SECRET_ACCESS_KEY": "tests",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    before = {name: os.environ.get(name) for name in settings}
    with open_temporary_folder("s3") as folder:
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        with running(command, folder / "log") as server:
            wait_until(lambda: listens(port), 60, server, folder / "log")
            httpx2.put(f"{endpoint}/media").raise_for_status()
            os.environ.update(settings)
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
    """Run a process in its own session. The whole session is ended on exit."""
    with log.open("ab") as output:
        process = child.spawn(
            command, log=output, on_parent_death=signal.SIGTERM, environment=environment or os.environ
        )
    try:
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes], patience: float = 20.0) -> None:
    """Send SIGTERM to the session, and SIGKILL after `patience` seconds."""
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
    """Poll until `condition` holds. Raises with the end of the log if `process` ends or the time is up.

    `seconds`: expected time on an idle machine. `PATIENCE` is the minimum on a busy one.
    """
    seconds, pause = max(seconds, PATIENCE), 0.02
    deadline = time.monotonic() + seconds
    while not condition():
        ended = process is not None and process.poll() is not None
        if ended or time.monotonic() > deadline:
            log_end = log.read_text(errors="replace")[-2000:] if log and log.exists() else ""
            reason = "the process ended" if ended else f"not within {seconds} s"
            raise TimeoutError(f"{reason}: {log_end}")
        time.sleep(pause)
        pause = min(pause * 1.25, 0.25)  # polling takes CPU time from the awaited process


def free_port() -> int:
    """Return a port that nobody listens on.

    Parallel test processes use separate ranges, below the kernel's ephemeral ports. Otherwise one could take
    a port between another's check and its use. There is room for six.
    """
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
    """Reject the message that contains `word` and requeue it, until RabbitMQ gives it up. Other messages
    stay."""
    with Connection(url) as connection:
        channel, others = connection.default_channel, []
        while (message := channel.basic_get(queue)) is not None:
            if word in str(message.body):
                channel.basic_reject(message.delivery_tag, requeue=True)
            else:
                others.append(message)
        for other in others:
            channel.basic_reject(other.delivery_tag, requeue=True)
