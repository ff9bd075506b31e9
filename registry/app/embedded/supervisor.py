"""`fakeprint up`: start PostgreSQL, the schema, the first key, then API and workers, until a stop signal.

They stop in reverse order: the API, the workers, the database. If this process is killed, its children end
with it (see `bound`), and the next start cleans up.
"""

from __future__ import annotations

import os
import shlex
import shutil
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Final

from registry.app.commands import serve
from registry.app.embedded import child, location, orphans, port, stopping
from registry.app.embedded.errors import StartTimeout, UnsupportedPlatform
from registry.app.embedded.first_key import ensure_admin_key
from registry.app.embedded.folder import DataFolder, open_folder, trim_log
from registry.app.embedded.mirror import Mirror
from registry.app.embedded.postgres import Cluster
from registry.app.embedded.service import Service
from registry.core.database.migrate import migrate
from registry.core.messaging import queues
from registry.core.messaging.broker import prepare
from registry.core.service import open_service
from registry.core.settings import Settings
from registry.core.settings import settings as process_settings

READY_SECONDS: Final = 120.0
TICK: Final = 0.1


@dataclass
class Supervisor:
    """One run of `up`. `say` prints a message to stderr; `announce` prints the ready line."""

    settings: Settings
    folder: DataFolder
    port: int
    workers: int
    say: Callable[[str], None]
    announce: Callable[[str], None]
    verbose: bool = False
    started_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    services: list[Service] = field(default_factory=list)
    cluster: Cluster | None = None
    listener: socket.socket | None = None

    @property
    def url(self) -> str:
        return f"http://{port.HOST}:{self.port}"

    def run(self) -> None:
        """Run until a stop signal. Raises errors that prevent the start. The folder must be locked."""
        with ExitStack() as ends:
            ends.enter_context(stopping.stop_signals(self.hurry))
            self.listener = ends.enter_context(port.hold(self.port))
            self.port = int(self.listener.getsockname()[1])
            self._start_database(ends)
            self._start_services(ends, self.listener.fileno())
            mirror = Mirror(
                [self.folder.log("postgres"), *(service.log for service in self.services)], self.say
            )
            self._await_ready(mirror)
            self._write_run()
            self.announce(f"ready {self.url}")
            for line in directions(self.url, self.folder.path):
                self.say(line)
            while True:
                self._attend(mirror)
                time.sleep(TICK)

    def _start_database(self, ends: ExitStack) -> None:
        log = self.folder.log("postgres")
        home = location.home(self.folder.path)
        if (self.folder.path / "postgres").is_symlink():
            self.say(f"The database lies in {home}, outside the data folder.")
        for warning in orphans.warnings():
            self.say(warning)
        self.cluster = Cluster(home, self.folder.password, log)
        ends.callback(self.cluster.stop)
        self.settings = self.settings.model_copy(
            update={
                "database_url": self.cluster.start(),
                "pooler_url": "",
                "broker_url": "",
                "blobs_url": self.folder.blobs.as_uri(),
                "data": self.folder.path,
            }
        )
        migrate(self.settings.database_url)
        prepare(self.settings)
        # Without the thread that sends traces: this process forks.
        service = open_service(self.settings.model_copy(update={"otlp_url": ""}))
        try:
            if ensure_admin_key(service, self.folder.admin_key):
                self.say(f"The key of the first admin is in {self.folder.admin_key}")
        finally:
            service.close()

    def _start_services(self, ends: ExitStack, listening: int) -> None:
        api = ("serve", "--fd", str(listening))
        grace = self.settings.grace_seconds
        self.services = [
            # It stops after running requests are answered.
            Service("api", api, self.folder.log("api"), grace + 5.0, lambda: (listening,)),
            self._worker(queues.INTERACTIVE),
            self._worker(queues.MEDIA, "--concurrency", str(self.workers)),
            self._worker(queues.BULK),
            self._worker(queues.CONTROL, "--beat"),
            self._worker(queues.DELIVERY),
        ]
        ends.callback(self._end_services)
        self._set_environment()
        with child.loading():
            serve.load()
        self.services[0].start()
        with child.loading():  # meanwhile
            import_module("workers.commands.worker").load(queues.NAMES)
        for service in self.services[1:]:
            service.start()

    def _set_environment(self) -> None:
        """Describe the services in this process's environment: they are forked from it."""
        os.environ |= {
            "FAKEPRINT_LOG_FORMAT": os.environ.get("FAKEPRINT_LOG_FORMAT", "text"),
            "FAKEPRINT_DATABASE_URL": self.settings.database_url,
            "FAKEPRINT_POOLER_URL": "",
            "FAKEPRINT_BROKER_URL": self.settings.broker_url,
            "FAKEPRINT_BLOBS_URL": self.settings.blobs_url,
            "FAKEPRINT_DATA": str(self.folder.path),
        }
        process_settings.cache_clear()

    def _worker(self, queue: str, *more: str) -> Service:
        sign = self.folder.path / "alive" / queue
        return Service(
            f"worker-{queue}",
            ("worker", "--queues", queue, *more),
            self.folder.log(f"worker-{queue}"),
            descriptors=_decoders,
            sign=sign,
        )

    def _await_ready(self, mirror: Mirror) -> None:
        deadline = time.monotonic() + READY_SECONDS
        with closing(port.Readiness(self.port)) as readiness:
            while not readiness.is_ready():
                self._attend(mirror)
                if time.monotonic() > deadline:
                    raise StartTimeout(
                        f"The API was not ready within {READY_SECONDS:g} s: {readiness.detail}",
                        next_step=f"See {self.folder.log('api')}.",
                    )
                time.sleep(TICK / 2)

    def _attend(self, mirror: Mirror) -> None:
        """Restart processes that ended, and print the logs if `verbose`."""
        before = [service.pid for service in self.services]
        if (
            self.cluster is not None
            and self.cluster.process is not None
            and self.cluster.process.poll() is not None
        ):
            self._report(f"PostgreSQL ended; starting it again. See {self.cluster.log}.")
            self.cluster.start()
        for service in self.services:
            if complaint := service.attend():
                self._report(complaint)
        for log in self._logs():
            trim_log(log)
        if before != [service.pid for service in self.services] and self.folder.run_file.exists():
            self._write_run()
        if self.verbose:
            mirror.catch_up()

    def _logs(self) -> list[Path]:
        return [
            self.folder.log("postgres"),
            self.folder.log("up"),
            *(service.log for service in self.services),
        ]

    def _report(self, message: str) -> None:
        """Print a message and append it to `logs/up.log`."""
        with self.folder.log("up").open("a", encoding="utf-8") as log:
            log.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {message}\n")
        self.say(message)

    def _write_run(self) -> None:
        postgres = (
            self.cluster.process.pid if self.cluster is not None and self.cluster.process is not None else 0
        )
        pids = {"up": os.getpid(), "postgres": postgres}
        pids |= {service.name: service.pid for service in self.services if service.pid is not None}
        self.folder.write_run(self.url, pids, self.started_at)

    def _end_services(self) -> None:
        self.folder.delete_run()
        if self.listener is not None:
            self.listener.close()  # new connections are refused once the API has ended, instead of waiting
        for step in (self.services[:1], self.services[1:]):
            for service in step:
                service.request_stop()
            for service in step:
                service.end()

    def hurry(self) -> None:
        """Kill the API and the workers; the database still shuts down cleanly. Safe in a signal handler."""
        for service in self.services:
            service.kill()


def _decoders() -> tuple[int, ...]:
    found: tuple[int, ...] = import_module("workers.commands.worker").start_decoders(queues.NAMES)
    return found


def directions(url: str, data: Path) -> Iterator[str]:
    """Yield the addresses of API and console, and the command that creates the first account."""
    program = "fakeprint" if shutil.which("fakeprint") else str(Path(sys.executable).parent / "fakeprint")
    folder = data.absolute()
    roles = " ".join(f"--role {role}" for role in ("admin", "lookup", "register", "review", "takedown"))
    yield f"  API      {url}/docs  (key: {folder / 'admin.key'})"
    yield f"  Console  {url}/console"
    yield "  To sign in, run this, then open the address that it prints and choose a password or passkey:"
    command = f"{shlex.quote(program)} admin account add YOUR-NAME {roles} --data {shlex.quote(str(folder))}"
    yield f"    {command}"


def up(
    settings: Settings,
    *,
    workers: int,
    verbose: bool,
    say: Callable[[str], None],
    announce: Callable[[str], None],
) -> None:
    """Serve the folder `settings.data` on `settings.port` until a stop signal.

    Raises `Conflict` (`already_running`, `port_in_use`, `data_folder_version`, `data_folder_foreign`),
    `BadInput` (`data_folder_invalid`, `no_permission`), `Unavailable` (`database_start_failed`,
    `child_failed`, `start_timeout`, `data_folder_unreachable`), `NotInstalled`.
    """
    if sys.platform != "linux":
        raise UnsupportedPlatform("`fakeprint up` runs on Linux.")
    folder = open_folder(settings.data)
    with folder.locked():
        try:
            Supervisor(settings, folder, settings.port, workers, say, announce, verbose).run()
        except BaseException as error:
            if not stopping.behind(error):
                raise
