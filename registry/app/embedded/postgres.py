"""A private PostgreSQL server: created by `initdb`, run in the foreground, stopped with its parent.

A cluster's home holds `data` and `socket`, both 0700 and owned by the user the server runs as. It listens
only on the socket and requires a password (SCRAM), so that other users of the machine have no access.
Durability stays on.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import quote

import psycopg

from registry.app.embedded import binaries, child, initdb, leftovers, location
from registry.app.embedded.errors import DatabaseStartFailed
from registry.core.errors.database import DatabaseUnavailable

NAME: Final = "fakeprint"
"""Name of the database and of its user."""

SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "maintenance_work_mem": "64MB",
    "effective_cache_size": "512MB",
    "max_wal_size": "512MB",
    "max_parallel_maintenance_workers": "0",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "password_encryption": "scram-sha-256",
}
"""Settings for a machine with two cores and a few gigabytes that also does other work."""

_PASSING: Final = ("postmaster.pid", "pre-existing shared memory block")


@dataclass
class Cluster:
    """A cluster and, once started, its server.

    `password`: a file (0600, created if missing). `log`: file for the server's messages. `programs`: folder
    of `initdb` and `postgres` of version `major`. `user`: numeric user that the server runs as; None: the
    current one. The caller holds the lock of the data folder. `settings` override those of this module.
    """

    home: Path
    password: Path
    log: Path
    programs: Path = field(default_factory=binaries.programs)
    major: int = field(default_factory=binaries.major)
    user: int | None = field(default_factory=binaries.server_user)
    settings: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    sockets: Path | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        """`postgresql://…` with the password; available once the server was started."""
        return self._address(NAME)

    def start(self, *, patience: float = 300.0) -> str:
        """Create the cluster if missing, start the server, wait until it answers, and return its URL.

        After a crash PostgreSQL replays its log first, which may take minutes: `patience` is in seconds.
        Raises `Conflict` (`data_folder_version`, `data_folder_foreign`) and `Unavailable`
        (`database_start_failed`, with the end of the log).
        """
        if self.data.exists():
            initdb.check(self.data, major=self.major, user=self.user)
        else:
            initdb.initialise(
                self.home,
                programs=self.programs,
                name=NAME,
                password=self.password,
                user=self.user,
                environment=_environment(),
            )
        leftovers.clear(self.data, keep=self.sockets)
        self.sockets = self.sockets or location.sockets(self.home, self.user)
        deadline = time.monotonic() + patience
        while True:
            began = self.log.stat().st_size if self.log.exists() else 0
            self.process = self._spawn()
            if self._answers(deadline):
                return self.url
            self._end()
            complaint = self._log_since(began)
            if time.monotonic() > deadline or not any(word in complaint for word in _PASSING):
                raise DatabaseStartFailed(
                    f"The embedded PostgreSQL did not start: {complaint}", next_step=f"See {self.log}."
                )
            time.sleep(0.3)

    def stop(self) -> None:
        """Fast shutdown: open transactions are rolled back. After 30 s, immediate shutdown."""
        self._end()
        if self.sockets is not None and self.sockets.parent != self.home:
            shutil.rmtree(self.sockets, ignore_errors=True)
        self.sockets = None

    def _end(self) -> None:
        if self.process is not None:
            child.end(self.process, [(signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0)])
        self.process = None

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = SETTINGS | ({"io_method": "sync"} if self.major >= 18 else {}) | dict(self.settings)
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self.sockets), *options]
        with self.log.open("ab") as log:
            return child.spawn(
                command, log=log, environment=_environment(), on_parent_death=signal.SIGINT, user=self.user
            )

    def _answers(self, deadline: float) -> bool:
        """Wait until the server accepts connections, and create the database. False if it ended or the time
        is up."""
        while self.process is not None and self.process.poll() is None and time.monotonic() < deadline:
            try:
                with psycopg.connect(
                    self._address("postgres"), autocommit=True, connect_timeout=5
                ) as connection:
                    query = "SELECT FROM pg_database WHERE datname = %s"
                    if not connection.execute(query, [NAME]).rowcount:
                        connection.execute(f"CREATE DATABASE {NAME}")
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return True
        return False

    def _log_since(self, began: int) -> str:
        with self.log.open("rb") as log:
            log.seek(began)
            return log.read()[-800:].decode(errors="replace").strip() or "the log is empty."

    def _address(self, database: str) -> str:
        if self.sockets is None:
            raise DatabaseUnavailable("The embedded PostgreSQL was not started.")
        secret = self.password.read_text(encoding="ascii").strip()
        return f"postgresql://{NAME}:{quote(secret)}@/{database}?host={quote(str(self.sockets), safe='')}"


def _environment() -> dict[str, str]:
    """Return PostgreSQL's environment, without PG… variables of the caller."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}
