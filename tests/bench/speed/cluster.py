"""The cluster that keeps what was filled, and the service before it, both with their cost."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import psutil
import psycopg

from registry.app.embedded import location
from registry.app.embedded.folder import open_folder
from registry.app.embedded.postgres import Cluster
from registry.core.settings import Settings
from tests.support.service import api
from tests.support.service import servers as services

ROOT: Final = Path(__file__).parents[3]
CACHE: Final = ROOT / ".cache" / "bench-speed"
STARTING: Final = 300.0
"""Seconds that the service may take to start: on a busy machine it is slow, not broken."""
BUFFERS_GB: Final = 10
SETTINGS: Final = {
    "shared_buffers": f"{BUFFERS_GB}GB",
    "effective_cache_size": "16GB",
    "maintenance_work_mem": "2GB",
    "max_parallel_maintenance_workers": "2",
    "max_wal_size": "8GB",
    "checkpoint_timeout": "30min",
}
"""Over those of `fakeprint up`, which are for a small machine: what a manual would have for 24 GB."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """What the processes under one process have cost."""

    pid: int

    def cpu(self) -> float:
        """CPU seconds so far, of those too that have ended."""
        root = psutil.Process(self.pid)
        own = root.cpu_times()
        total = own.user + own.system + own.children_user + own.children_system
        for child in root.children(recursive=True):
            try:
                spent = child.cpu_times()
            except psutil.NoSuchProcess:
                continue
            total += spent.user + spent.system + spent.children_user + spent.children_system
        return float(total)

    def memory_mb(self) -> float:
        """Resident memory, what is shared counted once."""
        root = psutil.Process(self.pid)
        return float(
            sum(item.memory_full_info().pss for item in [root, *root.children(recursive=True)]) / 2**20
        )


@dataclass(frozen=True, slots=True)
class Server:
    """The running PostgreSQL."""

    cluster: Cluster
    gauge: Gauge

    def url(self, database: str) -> str:
        """Where a database of it is."""
        return urlsplit(self.cluster.url)._replace(path=f"/{database}").geturl()

    def do(self, statement: str, *values: object, database: str = "postgres") -> int:
        """Run a statement outside a transaction; how many rows it found."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            return connection.execute(statement.encode(), values or None).rowcount

    def setting(self, name: str) -> str:
        """How the server is set up."""
        with psycopg.connect(self.url("postgres")) as connection:
            found = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
        assert found
        return str(found[0])

    def warm(self, database: str) -> float:
        """Read all of a database, as one that has answered for a day has been: gigabytes. What finds frames
        is read last into the server's own memory, which may not hold all."""
        with psycopg.connect(self.url(database)) as connection:
            found = connection.execute(
                "SELECT oid FROM pg_database WHERE datname = %s", [database]
            ).fetchone()
        assert found
        buffer, count = bytearray(1 << 22), 0
        for path in (self.cluster.data / "base" / str(found[0])).iterdir():
            with path.open("rb", buffering=0) as file:
                while read := file.readinto(buffer):
                    count += read
        self.do("CREATE EXTENSION IF NOT EXISTS pg_prewarm", database=database)
        self.do(
            "SELECT pg_prewarm(oid::regclass) FROM ("
            " SELECT oid FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
            " ORDER BY relname LIKE 'frame%', relname) relations",
            database=database,
        )
        self.do("DROP EXTENSION pg_prewarm", database=database)
        return count / 1e9


@contextmanager
def running() -> Iterator[Server]:
    """The cluster in .cache/bench-speed, made if there is none. Raises `Conflict` where another has it."""
    CACHE.mkdir(parents=True, exist_ok=True)
    CACHE.chmod(0o711)
    folder = open_folder(CACHE)
    with folder.locked():
        cluster = Cluster(
            home=location.home(folder.path),
            password=folder.password,
            log=folder.log("postgres"),
            settings=SETTINGS,
        )
        cluster.start()
        try:
            assert cluster.process is not None
            yield Server(cluster, Gauge(cluster.process.pid))
        finally:
            cluster.stop()


@dataclass(frozen=True, slots=True)
class Serving:
    """The running API: its address and its cost."""

    url: str
    gauge: Gauge


@contextmanager
def serving(database_url: str, *, workers: int) -> Iterator[Serving]:
    """`fakeprint serve` on a database, a free port and a folder of its own."""
    with services.open_temporary_folder("speed") as folder:
        log = folder / "serve.log"
        chosen = Settings(database_url=database_url, data=folder, log_level="WARNING")
        command = api.command("serve", "--port", "0", "--workers", str(workers))
        with services.running(command, log, api.variables(chosen)) as process:
            services.wait_until(lambda: _error_in(log) is not None, STARTING, process, log)
            url = _error_in(log)
            assert url
            services.wait_until(lambda: services.listens(int(url.rpartition(":")[2])), STARTING, process, log)
            yield Serving(url, Gauge(process.pid))


def _error_in(log: Path) -> str | None:
    found = re.search(r"^serving (http://\S+)$", log.read_text(), re.MULTILINE)
    return found[1] if found else None


def say(text: str) -> None:
    """What is going on, on standard error, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)
