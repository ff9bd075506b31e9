"""Use this process as the only worker of a database, without a broker."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from registry.core import logs
from registry.core.service import Service
from registry.core.settings import settings
from workers import app


@contextmanager
def as_worker(
    database_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch, **more: str
) -> Iterator[Service]:
    """Act as a worker until the block ends, then clear what jobs bound to this process's log lines. `more`:
    settings."""
    chosen = {"DATABASE_URL": database_url, "BROKER_URL": "amqp://127.0.0.1:9//", "DATA": os.fspath(folder)}
    for name, value in (chosen | more).items():
        monkeypatch.setenv(f"FAKEPRINT_{name}", value)
    settings.cache_clear()
    app.close_service()
    with logs.bound():
        yield app.service()
    app.close_service()
    settings.cache_clear()
