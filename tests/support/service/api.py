"""A real API process for the tests: `fakeprint serve` on a database of its own, with the queues in it."""

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

import httpx

from registry.app.service.bootstrap import bootstrap
from registry.core.messaging.broker import prepare
from registry.core.service import Service, open_service
from registry.core.settings import Settings
from tests.support.service import servers as services

MEBIBYTE: Final = 1 << 20
UPLOAD_BYTES: Final = 4 * MEBIBYTE
DOCUMENT_BYTES: Final = 6 * MEBIBYTE
NOBODY: Final = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority, for addresses without TLS: to read who is trusted would take each client .01 s."""
SERVING: Final = re.compile(r"^serving (http://\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Api:
    """A running API: where it is, the first admin's key, what it writes to, and its process."""

    url: str
    key: str
    settings: Settings
    log: Path
    pid: int

    def client(self, key: str | None, **headers: str) -> httpx.Client:
        """A client that sends `key`; None: no key."""
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        return httpx.Client(
            base_url=self.url, headers=sent | headers, timeout=60, trust_env=False, verify=NOBODY
        )

    def stranger(self, *roles: str) -> httpx.Client:
        """A client with these roles in an organization of its own, which has a bank `default`."""
        with self.client(self.key) as admin:
            made = admin.post(
                "/v1/callers",
                json={"organization": f"o {uuid4()}", "name": "tester", "roles": list(roles)},
            )
        assert made.status_code == 201, made.text
        return self.client(made.json()["key"])

    def lines(self) -> list[dict[str, Any]]:
        """The log so far: each line that is JSON."""
        text = self.log.read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines() if line.startswith("{")]

    @contextmanager
    def service(self) -> Iterator[Service]:
        """The same database, blobs and broker from within the test, as a worker has them."""
        opened = open_service(self.settings)
        try:
            yield opened
        finally:
            opened.close()

    def blobs(self) -> list[Path]:
        """Media that is kept, and files that were left on the way to it."""
        return [path for path in (self.settings.data / "blobs").rglob("*") if path.is_file()]


@contextmanager
def running(
    database_url: str,
    folder: Path,
    *arguments: str,
    environment: Mapping[str, str] | None = None,
    **more: Any,
) -> Iterator[Api]:
    """`fakeprint serve ARGUMENTS` on a free port, with a first admin. `more`: settings beside these."""
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
    """Where one more process on the same database answers; `name` is its log's."""
    log = api.log.with_name(f"{name}.log")
    said = variables(api.settings) | environment
    with services.running(command("serve", "--port", "0"), log, said) as process:
        services.wait_until(lambda: SERVING.search(log.read_text()) is not None, 60, process, log)
        found = SERVING.search(log.read_text())
        assert found
        services.wait_until(lambda: _lives(found[1]), 60, process, log)
        yield found[1]


def _lives(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health/live", trust_env=False, timeout=30, verify=NOBODY).status_code == 200
    except httpx.TransportError:
        return False


def command(*arguments: str) -> list[str]:
    """`fakeprint ARGUMENTS` with this Python."""
    return [sys.executable, "-P", "-c", "from registry.app.commands import main; main()", *arguments]


def variables(chosen: Settings) -> dict[str, str]:
    """The environment that says these settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    said = chosen.model_dump(exclude_unset=True)
    return inherited | {f"FAKEPRINT_{name.upper()}": str(value) for name, value in said.items()}
