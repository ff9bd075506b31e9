"""A real API process for tests: `fakeprint serve` with its own database, which also holds the queues."""

from __future__ import annotations

import json
import os
import re
import ssl
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import httpx2

from registry.app.service.bootstrap import bootstrap
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from tests.support.service import servers as services

MEBIBYTE: Final = 1 << 20
UPLOAD_BYTES: Final = 4 * MEBIBYTE
DOCUMENT_BYTES: Final = 6 * MEBIBYTE
NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority, for addresses without TLS. Loading trusted authorities would take each client 0.01
s."""
SERVING: Final = re.compile(r"^serving (http://\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Api:
    """A running API: its address, the first admin's key, its files and its process."""

    url: str
    key: str
    settings: Settings
    log: Path
    pid: int

    def client(self, key: str | None, **headers: str) -> httpx2.Client:
        """Return a client that sends `key`; None: no key."""
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx2.Client(
            base_url=self.url, headers=sent | headers, timeout=60, trust_env=False, verify=NOBODY
        )

    def stranger(self, *roles: str) -> httpx2.Client:
        """Return a client with these roles in a new organization, which has a bank `default`."""
        with self.client(self.key) as admin:
            made = admin.post(
                "/v1/callers",
                json={"organization": f"o {uuid4()}", "name": "tester", "roles": list(roles)},
            )
        assert made.status_code == 201, made.text
        return self.client(made.json()["key"])

    def lines(self) -> list[dict[str, Any]]:
        """Return all log lines so far that are JSON."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    @contextmanager
    def service(self) -> Iterator[Service]:
        """Open the same database, blobs and broker within the test, as a worker does."""
        opened = open_service(self.settings)
        try:
            yield opened
        finally:
            opened.close()

    def blobs(self) -> list[Path]:
        """Return stored media and leftover files of incomplete uploads."""
        return [path for path in (self.settings.data / "blobs").rglob("*") if path.is_file()]


@contextmanager
def running(
    database_url: str,
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    **more: Any,
) -> Iterator[Api]:
    """Run `fakeprint serve ARGUMENTS` on a free port, with a first admin. `more`: further settings."""
    chosen = Settings(
        database_url=database_url,
        data=folder,
        max_upload_bytes=UPLOAD_BYTES,
        max_document_bytes=DOCUMENT_BYTES,
        **more,
    )
    prepare(chosen)
    service = open_service(chosen)
    try:
        key = bootstrap(service)
    finally:
        service.close()
    assert key
    log = folder / "serve.log"
    with services.running(
        command("serve", "--port", "0", *arguments), log, variables(chosen) | dict(environment or {})
    ) as process:
        services.wait_until(lambda: SERVING.search(log.read_text()) is not None, 90, process, log)
        found = SERVING.search(log.read_text())
        assert found
        services.wait_until(lambda: _lives(found[1]), 90, process, log)
        yield Api(found[1], key, chosen, log, process.pid)


@contextmanager
def another(api: Api, name: str, **environment: str) -> Iterator[str]:
    """Run another process on the same database and yield its address. `name`: name of its log."""
    log = api.log.with_name(f"{name}.log")
    environment_of_api = variables(api.settings) | environment
    with services.running(command("serve", "--port", "0"), log, environment_of_api) as process:
        services.wait_until(lambda: SERVING.search(log.read_text()) is not None, 60, process, log)
        found = SERVING.search(log.read_text())
        assert found
        services.wait_until(lambda: _lives(found[1]), 60, process, log)
        yield found[1]


def _lives(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/health/live", trust_env=False, timeout=30, verify=NOBODY).status_code == 200
    except httpx2.TransportError:
        return False


def command(*arguments: str) -> list[str]:
    """Return the command line `fakeprint ARGUMENTS` for this Python."""
    return [sys.executable, "-P", "-c", "from registry.app.commands import main; main()", *arguments]


def variables(chosen: Settings) -> dict[str, str]:
    """Return environment variables with these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    values = chosen.model_dump(exclude_unset=True)
    return inherited | {f"FAKEPRINT_{name.upper()}": str(value) for name, value in values.items()}
