"""This process as a worker of its own database, its broker away: nobody else takes the jobs."""

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
    """Until the block ends; `more` are settings. What a job binds to the log lines of this process is
    forgotten then."""
    chosen = {"DATABASE_URL": database_url, "BROKER_URL": "amqp://127.0.0.1:9//", "DATA": os.fspath(folder)}
    for name, value in (chosen | more).items():
        monkeypatch.setenv(f"FAKEPRINT_{name}", value)
    settings.cache_clear()
    app.close_service()
    with logs.bound():
        yield app.service()
    app.close_service()
    settings.cache_clear()
