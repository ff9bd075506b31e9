"""A PostgreSQL server of one's own: made by `initdb`, run in the foreground, ended with its parent.

One cluster has a home with `data` (0700) and `socket` (0700) in it, owned by the user it runs as. It
listens on the socket alone, and asks for a password (SCRAM) there, so that no other user of the
machine gets in. Durability is never switched off.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

import psycopg

from registry.embedded import binaries, bound
from registry.errors import Conflict, Unavailable

NAME: Final = "fakeprint"
"""Name of the database and of its user."""
MAX_SOCKET_FOLDER: Final = 92
"""Bytes: a socket's path may have 107, and PostgreSQL adds `/.s.PGSQL.5432`."""

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
"""For a machine of two cores and a few gigabytes that does other work as well."""

_PASSING: Final = ("postmaster.pid", "pre-existing shared memory block", "still in use")


@dataclass
class Cluster:
    """A cluster and, once started, its server.

    `home` exists or can be made by the caller; `password` is a file of the caller's (0600, made when
    missing). `user` is the numeric user the server runs as, None: the caller. `log` takes the server's
    messages. `programs` holds `initdb` and `postgres` of version `major`.
    """

    home: Path
    password: Path
    log: Path
    programs: Path = field(default_factory=binaries.programs)
    major: int = binaries.MAJOR
    user: int | None = None
    process: subprocess.Popen[bytes] | None = None
    _socket: Path | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def url(self) -> str:
        """`postgresql://…` with the password; known once the server was started."""
        if self._socket is None:
            raise Unavailable("The embedded PostgreSQL is not running.", code="database_unavailable")
        secret = self.password.read_text(encoding="ascii").strip()
        return f"postgresql://{NAME}:{quote(secret)}@/{NAME}?host={quote(str(self._socket), safe='')}"

    def start(self, *, patience: float = 300.0) -> str:
        """Make the cluster if there is none, start it, wait until it answers; return its URL.

        After a crash PostgreSQL replays its log first, which may take minutes: `patience` is in seconds.
        Raises `Conflict` (`data_folder_version`, `data_folder_foreign`) and `Unavailable`
        (`database_start_failed`, with the end of the log).
        """
        self._make()
        self._socket = self._socket_folder()
        self._end_leftover()
        deadline = time.monotonic() + patience
        while True:
            self.process = self._spawn()
            complaint = self._wait(deadline)
            if complaint is None:
                return self.url
            passing = any(word in complaint for word in _PASSING)
            if not passing or time.monotonic() > deadline:
                raise Unavailable(
                    f"The embedded PostgreSQL did not start: {complaint}",
                    code="database_start_failed",
                    next_step=f"See {self.log}.",
                )
            time.sleep(0.3)

    def stop(self, *, patience: float = 30.0) -> None:
        """Fast shutdown: roll back what is open, write everything, end. Immediate after `patience`."""
        if self.process is None:
            return
        _end(self.process, signal.SIGINT, patience) or _end(self.process, signal.SIGQUIT, 5.0) or _end(
            self.process, signal.SIGKILL, 5.0
        )
        self.process = None
        if self._socket is not None and self._socket.parent != self.home:
            shutil.rmtree(self._socket, ignore_errors=True)

    def _make(self) -> None:
        made = self.data / "PG_VERSION"
        if not self.data.exists():
            self._own(self.home)
            self._initialise()
            return
        owner = self.data.stat().st_uid
        expected = os.geteuid() if self.user is None else self.user
        if owner != expected:
            raise Conflict(
                f"The database in {self.data} belongs to user {owner}, not to user {expected}.",
                code="data_folder_foreign",
                next_step="Run as the user who made it, or choose another folder with --data.",
            )
        found = made.read_text(encoding="ascii").strip() if made.exists() else "no"
        if found != str(self.major):
            raise Conflict(
                f"The database in {self.data} is of PostgreSQL version {found}; this is version {self.major}.",
                code="data_folder_version",
                next_step=f"Export it with the version that wrote it (pg_dumpall of PostgreSQL {found}), "
                "or choose another folder with --data. Nothing was changed.",
            )

    def _initialise(self) -> None:
        """Run initdb beside the final place and rename, so that a kill leaves no half cluster."""
        if not self.password.exists():
            write_secret(self.password, secrets.token_urlsafe(24))
        fresh = Path(tempfile.mkdtemp(prefix=".new-", dir=self.home))
        self._own(fresh)
        word = fresh / "password"
        write_secret(word, self.password.read_text(encoding="ascii"))
        if self.user is not None:
            os.chown(word, self.user, self.user)
        done = subprocess.run(
            [
                *(str(self.programs / "initdb"), "-D", str(fresh / "data"), "-U", NAME),
                *("--auth", "scram-sha-256", f"--pwfile={word}", "--encoding=UTF8"),
                *("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=_environment(),
            **({} if self.user is None else {"user": self.user, "group": self.user, "extra_groups": []}),
        )
        word.unlink()
        if done.returncode != 0:
            shutil.rmtree(fresh, ignore_errors=True)
            raise Unavailable(
                f"initdb failed: {(done.stderr or done.stdout).strip()[-600:]}",
                code="database_start_failed",
                next_step=f"Check space and rights below {self.home}.",
            )
        (fresh / "data").rename(self.data)
        shutil.rmtree(fresh, ignore_errors=True)

    def _socket_folder(self) -> Path:
        """`home/socket`, or a fresh one in the temporary folder where that path is too long for a socket."""
        wanted = self.home / "socket"
        # kombu's pgmq client rebuilds its connection string without quotes
        if len(os.fsencode(wanted)) <= MAX_SOCKET_FOLDER and not set(str(wanted)) & set(" '\\"):
            self._own(wanted)
            return wanted
        made = Path(tempfile.mkdtemp(prefix="fakeprint-", dir="/tmp"))  # noqa: S108 - short, and mkdtemp is safe
        self._own(made)
        return made

    def _own(self, folder: Path) -> None:
        """Make `folder` 0700 and the server's."""
        folder.mkdir(mode=0o700, exist_ok=True)
        if self.user is not None and folder.stat().st_uid != self.user:
            os.chown(folder, self.user, self.user)

    def _spawn(self) -> subprocess.Popen[bytes]:
        settings = SETTINGS | ({"io_method": "sync"} if self.major >= 18 else {})
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        command = [str(self.programs / "postgres"), "-D", str(self.data), "-k", str(self._socket), *options]
        with self.log.open("ab") as log:
            return spawn_bound(command, log=log, on_parent_death=signal.SIGINT, user=self.user)

    def _wait(self, deadline: float) -> str | None:
        """None once the server answers, else the end of what it said before it gave up."""
        assert self.process is not None  # noqa: S101 - for the type checker
        began = self.log.stat().st_size
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                self._ensure_database()
            except psycopg.OperationalError:
                time.sleep(0.05)
            else:
                return None
        if self.process.poll() is None:
            self.stop()
            return "it did not answer in time."
        with self.log.open("rb") as log:
            log.seek(max(0, began - 2000))
            return log.read()[-800:].decode(errors="replace").strip() or "it said nothing."

    def _ensure_database(self) -> None:
        address = self.url.replace(f"@/{NAME}?", "@/postgres?")
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            query = "SELECT 1 FROM pg_database WHERE datname = %s"
            if connection.execute(query, [NAME]).fetchone() is None:
                connection.execute(f"CREATE DATABASE {NAME}")

    def _end_leftover(self) -> None:
        """End a server of this cluster that outlived its holder; drop a pid file that names a stranger."""
        note = self.data / "postmaster.pid"
        try:
            pid = int(note.read_text(encoding="utf-8").split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return
        for number, patience in ((0, 5.0), (signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0)):
            if number and self._runs(pid):
                os.kill(pid, number)
            deadline = time.monotonic() + patience
            while self._runs(pid) and time.monotonic() < deadline:
                time.sleep(0.1)
        if not self._runs(pid):
            note.unlink(missing_ok=True)

    def _runs(self, pid: int) -> bool:
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == self.data.resolve()
        except OSError:
            return False


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(text + "\n")


def spawn_bound(
    command: list[str],
    *,
    log: BinaryIO | int,
    on_parent_death: int,
    user: int | None = None,
    environment: dict[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own so that it ends when this thread does. Both outputs: `log`."""
    return subprocess.Popen(
        [
            *(sys.executable, "-I", "-S", bound.__file__, str(os.getpid()), str(int(on_parent_death))),
            *("-" if user is None else str(user), *command),
        ],
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        env=_environment() if environment is None else environment,
        start_new_session=True,
    )


def _environment() -> dict[str, str]:
    """What PostgreSQL needs of the environment; no PG… variable of the caller's leads it astray."""
    return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC"}


def _end(process: subprocess.Popen[bytes], number: int, patience: float) -> bool:
    if process.poll() is None:
        process.send_signal(number)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            return False
    return True
