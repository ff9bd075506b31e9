"""Debian's PgBouncer in transaction mode before a PostgreSQL server, with the settings of the runbook."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

from registry.app.embedded import child
from tests.support.documents.runbook import RUNBOOK
from tests.support.service import servers as services

PROGRAM = Path("/usr/sbin/pgbouncer")


@dataclass
class Pooler:
    """A running PgBouncer that can be killed and started again."""

    port: int
    user: str
    password: str
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def address(self, direct: str) -> str:
        """Return the pooler's address of the database that `direct` leads to."""
        database = conninfo_to_dict(direct)["dbname"]
        return f"postgresql://{self.user}:{self.password}@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        log = self.folder / "log"
        command = [str(PROGRAM), *(("-u", "nobody") if os.getuid() == 0 else ()), str(self.folder / "ini")]
        with log.open("ab") as output:
            self.process = child.spawn(
                command, log=output, on_parent_death=signal.SIGKILL, environment=os.environ
            )
        services.wait_until(lambda: services.listens(self.port), 30, self.process, log)

    def kill(self) -> None:
        if self.process is not None:
            with suppress(ProcessLookupError):
                self.process.kill()
            self.process.wait(10)
            self.process = None


def _of_the_runbook() -> dict[str, str]:
    """Return the settings of the file that the runbook shows."""
    shown = RUNBOOK.read_text("utf-8").partition("    [pgbouncer]\n")[2].partition("\n\n")[0]
    return dict(line.strip().split(" = ", 1) for line in shown.splitlines())


@contextmanager
def pgbouncer(server: services.PostgresServer, **more: object) -> Iterator[Pooler]:
    """Run a PgBouncer before all databases of a server. `more`: settings beside those of the runbook."""
    if not PROGRAM.exists():
        raise RuntimeError("These tests need Debian's packages: apt-get install pgbouncer")
    to = conninfo_to_dict(server.cluster.url)
    port = services.free_port()
    with services.open_temporary_folder("pgbouncer") as folder:
        settings: dict[str, object] = {
            **_of_the_runbook(),
            "default_pool_size": 4,
            "auth_file": folder / "users",
            "listen_addr": "127.0.0.1",
            "listen_port": port,
            "unix_socket_dir": "",
            **more,
        }
        users, ini = folder / "users", folder / "ini"
        users.write_text(f'"{to["user"]}" "{to["password"]}"\n')
        every = f"host={to['host']} port={to.get('port', 5432)}"
        lines = "\n".join(f"{name} = {value}" for name, value in settings.items())
        ini.write_text(f"[databases]\n* = {every}\n[pgbouncer]\n{lines}\n")
        for file in (users, ini):  # it runs as another user under root
            file.chmod(0o644)
        pooler = Pooler(port, str(to["user"]), str(to["password"]), folder)
        try:
            pooler.start()
            yield pooler
        finally:
            pooler.kill()
