"""The passwords of the database and of the broker are changed as the runbook says, while lookups go on."""

from __future__ import annotations

import os
import signal
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import psycopg
import pytest

from registry.app.service.bootstrap import bootstrap
from registry.core.service import open_service
from registry.core.settings import Settings
from tests.support.documents import runbook
from tests.support.service import api as processes
from tests.support.service import database_owner as owning
from tests.support.service import servers as services
from tests.support.service.deployment import NOWHERE

SECOND = f"{owning.SERVICE}_2"
USER, SECOND_USER = "fakeprint", "fakeprint_2"
NEW_USER = (
    f'rabbit_auth_backend_internal:add_user(<<"{USER}">>, <<"{USER}">>, <<"tests">>),'
    f' rabbit_auth_backend_internal:set_permissions(<<"{USER}">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>,'
    ' <<"tests">>).'
)
SESSIONS = "SELECT usename FROM pg_stat_activity WHERE datname = current_database()"
UNKNOWN = {"type": "sha256", "sha256": "0" * 64}


class Asking(threading.Thread):
    """Looks up a digest again and again, each time by a new connection, and counts the answers."""

    def __init__(self, url: str, key: str) -> None:
        super().__init__()
        self.answers: Counter[str] = Counter()
        self.ending = threading.Event()
        self._client = httpx2.Client(
            base_url=url,
            headers={"Authorization": f"Bearer {key}", "Connection": "close"},
            timeout=60,
            trust_env=False,
            verify=processes.NOBODY,
        )

    def run(self) -> None:
        while not self.ending.wait(0.1):
            try:
                answer = str(self._client.post("/v1/lookups", json=UNKNOWN).status_code)
            except httpx2.TransportError as error:
                answer = repr(error)
            self.answers[answer] += 1

    def send_file(self) -> None:
        """Look up a file, of which a worker hears by the broker."""
        sent = {"file": ("a.mp4", os.urandom(100))}
        answer = self._client.post("/v1/lookups", files=sent, headers={"Prefer": "respond-async"})
        assert answer.status_code == 202, answer.text

    @contextmanager
    def during(self) -> Iterator[None]:
        self.start()
        try:
            yield
        finally:
            self.ending.set()
            self.join(60)
            self._client.close()


@pytest.fixture
def database(debian_postgres: services.PostgresServer) -> Iterator[str]:
    """A database whose service has a role of its own, by its superuser."""
    with debian_postgres.clone() as url:
        owning.do(url, owning.ROLES.read_text(encoding="utf-8"))
        owning.let_service_in(url)
        try:
            yield url
        finally:
            owning.do(url, f"DROP ROLE IF EXISTS {SECOND}")


def _first_key(url: str, folder: Path) -> str:
    service = open_service(Settings(database_url=url, broker_url=NOWHERE, data=folder))
    try:
        return bootstrap(service) or ""
    finally:
        service.close()


def _only_second(url: str) -> bool:
    """Whether the service's sessions are of the second role alone."""
    with psycopg.connect(url) as connection:
        roles = {str(role) for (role,) in connection.execute(SESSIONS.encode()).fetchall()}
    return SECOND in roles and owning.SERVICE not in roles


def hang_up_on_a_wrong_password(file: Path, serve: int, log: Path) -> None:
    """The new process is refused by the database, so the old one stays."""
    right = file.read_text()
    file.write_text(right.replace("@", "wrong@", 1))
    os.kill(serve, signal.SIGHUP)
    services.wait_until(lambda: "keeping worker" in log.read_text(), 90)
    assert "does not let us in" in log.read_text()
    file.write_text(right)


def test_lookups_go_on_while_passwords_change(
    database: str,
    debian_postgres: services.PostgresServer,
    rabbitmq_server: services.Broker,
    tmp_path: Path,
) -> None:
    rabbitmq_server.ctl("eval", NEW_USER)
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    broker = urlsplit(rabbitmq_server.url)
    address = broker._replace(netloc=f"{USER}:{USER}@127.0.0.1:{broker.port}").geturl()
    (secrets / "fakeprint_database_url").write_text(owning.as_role(database, owning.SERVICE))
    (secrets / "fakeprint_broker_url").write_text(address)
    # No worker takes the files, so the first waits to the end.
    settings = Settings(data=tmp_path, lookup_wait=0)
    environment = processes.variables(settings) | {"FAKEPRINT_SECRETS": str(secrets)}
    typing = {
        **rabbitmq_server.environment,
        "PATH": f"{debian_postgres.cluster.programs}:/usr/lib/rabbitmq/bin:{os.environ['PATH']}",
        "OWNER": database,
        "FAKEPRINT_SECRETS": str(secrets),
    }
    key, log = _first_key(database, tmp_path), tmp_path / "serve.log"
    serve = processes.command("serve", "--port", "0", "--workers", "2")
    with services.running(serve, log, environment) as process:
        services.wait_until(lambda: processes.SERVING.search(log.read_text()) is not None, 90, process, log)
        found = processes.SERVING.search(log.read_text())
        assert found
        asking = Asking(found[1], key)
        with asking.during():
            services.wait_until(lambda: asking.answers["200"] > 0, 90, process, log)
            asking.send_file()
            hang_up_on_a_wrong_password(secrets / "fakeprint_database_url", process.pid, log)
            for start in ("is the address of whoever", "Give it a password", "**The broker's password.**"):
                runbook.typed(start, typing)
            runbook.typed("again on SIGHUP", typing | {"SERVE": str(process.pid)})
            services.wait_until(lambda: _only_second(database), 180)
            runbook.typed("See that nobody uses the old role", typing)
            asking.send_file()
            shown = runbook.typed("Restart API and workers. Messages stay", typing)
            before = asking.answers["200"]
            services.wait_until(lambda: asking.answers["200"] > before, 60, process, log)
    assert SECOND_USER in shown.split()
    assert USER not in shown.split()
    assert set(asking.answers) == {"200"}, asking.answers
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(owning.as_role(database, owning.SERVICE))
