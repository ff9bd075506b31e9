"""Two real PostgreSQL clusters on this machine: a primary, and a replica with streaming replication."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psutil
import psycopg
from psycopg.rows import dict_row

from registry.app.embedded import location
from registry.app.embedded.postgres import NAME, Cluster
from registry.core.database.migrate import migrate
from registry.core.database.replicas import Source
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from tests.support.service import servers as services


@dataclass
class Database:
    """A database with our schema on both clusters, for direct access by tests."""

    url: str
    replica_url: str

    def on_primary(self, statement: str, *values: Any) -> Any:
        return _run(self.url, statement, *values)

    def on_replica(self, statement: str, *values: Any) -> Any:
        return _run(self.replica_url, statement, *values)

    def catch_up(self) -> None:
        """Wait until the replica has all data of the primary."""
        end = self.on_primary("SELECT pg_current_wal_lsn()::text AS lsn")
        text = f"SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn AS there"
        services.wait_until(lambda: bool(self.on_replica(text)), 30)

    def service(self, folder: Path, *replica_urls: str, **more: Any) -> Service:
        """Open a service that reads from the replica, like a process of its own."""
        urls = " ".join(replica_urls or (self.replica_url,))
        chosen = Settings(database_url=self.url, data=folder, replica_urls=urls, **more)
        return open_service(chosen, replicas=True)

    def settle(self, service: Service) -> None:
        """Wait until the replica has caught up and the service reads from it."""
        self.catch_up()

        def read(source: Source) -> bool:
            with source.quick():
                return source.pool is not service.pool

        services.wait_until(lambda: service.read(read, UUID(int=1)), 20)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Pause the replica within the block: it receives changes but does not apply them."""
        self.catch_up()
        self.on_replica("SELECT pg_wal_replay_pause()")
        text = "SELECT pg_get_wal_replay_pause_state() AS state"
        services.wait_until(lambda: self.on_replica(text) == "paused", 10)
        try:
            yield
        finally:
            self.on_replica("SELECT pg_wal_replay_resume()")


@dataclass
class Pair:
    """A primary and its replica."""

    primary: Cluster
    replica: Cluster

    def kill(self) -> None:
        """Kill the primary as a power cut would: SIGKILL to its postmaster. Its children then end too."""
        process = self.primary.process
        assert process is not None
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)

    @contextmanager
    def database(self) -> Iterator[Database]:
        """Create a migrated, empty database on both."""
        name = f"test_{uuid4().hex}"
        made = Database(address(self.primary, name), address(self.replica, name))
        server = address(self.primary, "postgres")
        _run(server, f"CREATE DATABASE {name} TEMPLATE {NAME}")
        end = _run(server, "SELECT pg_current_wal_lsn()::text")
        text = f"SELECT pg_last_wal_replay_lsn() >= '{end}'::pg_lsn"
        services.wait_until(lambda: bool(_run(address(self.replica, "postgres"), text)), 30)
        try:
            yield made
        finally:
            _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def hanging(cluster: Cluster) -> Iterator[None]:
    """Stop the server's processes within the block. Children that were ending stay unreaped until it ends."""
    assert cluster.process is not None
    postmaster = psutil.Process(cluster.process.pid)
    stopped = [postmaster, *postmaster.children(recursive=True)]
    try:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.suspend()
        yield
    finally:
        for process in stopped:
            with suppress(psutil.NoSuchProcess):
                process.resume()


@contextmanager
def pair() -> Iterator[Pair]:
    """Run Debian's PostgreSQL 17 twice, the second as a copy by `pg_basebackup`."""
    with services.open_temporary_folder("pair") as folder:
        made = Pair(cluster(folder, "primary"), cluster(folder, "replica"))
        try:
            migrate(made.primary.start())
            copy(made.primary, made.replica, "replica1")
            made.replica.start()
            yield made
        finally:
            made.replica.stop()
            made.primary.stop()


def cluster(folder: Path, name: str, **settings: str) -> Cluster:
    """Return a Debian PostgreSQL 17 cluster that is not created yet. Clusters of one folder share a
    password."""
    return Cluster(
        home=folder / name,
        password=folder / "password",
        log=folder / f"{name}.log",
        programs=services.debian_programs(),
        major=17,
        settings={"shared_buffers": "32MB", "wal_retrieve_retry_interval": "200ms"} | settings,
    )


def copy(primary: Cluster, replica: Cluster, slot: str) -> None:
    """Copy a running cluster as a replica that can be started."""
    location.own(replica.home, replica.user)
    copying = f"pg_basebackup -d '{primary.url}' -D '{replica.data}'"
    run(replica, f"{copying} --checkpoint=fast --wal-method=stream --create-slot --slot={slot} -R")


def run(beside: Cluster, commands: str, **variables: str) -> str:
    """Run shell commands as the cluster's user, with its programs, and return the output.

    The first command that fails ends the shell and fails the test.
    """
    user = beside.user
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        check=False,
        capture_output=True,
        text=True,
        cwd="/",
        env={"PATH": f"{beside.programs}:{os.environ['PATH']}", "LC_ALL": "C", **variables},
        user=user,
        group=user,
        extra_groups=None if user is None else [],
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def address(cluster: Cluster, database: str) -> str:
    """Return the URL of a database of a running cluster."""
    return urlsplit(cluster.url)._replace(path=f"/{database}").geturl()


def _run(url: str, statement: str, *values: Any) -> Any:
    """Return the first value of the first row, if there is one."""
    with psycopg.connect(url, autocommit=True, row_factory=dict_row) as connection:
        cursor = connection.execute(statement.encode(), values)
        row = cursor.fetchone() if cursor.description else None
    return next(iter(row.values())) if row else None
