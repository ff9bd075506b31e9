"""Run commands for hash lists against a running service."""

from __future__ import annotations

from pathlib import Path

import httpx2
from click.testing import CliRunner

from registry.app.commands import main
from registry.core.settings import settings as read_settings
from tests.support.service.stack import Ran


def run(client: httpx2.Client, *arguments: str | Path, input: bytes | None = None) -> Ran:  # noqa: A002
    read_settings.cache_clear()
    key = client.headers["authorization"].removeprefix("Bearer ")
    environment = {"FAKEPRINT_URL": str(client.base_url), "FAKEPRINT_KEY": key}
    try:
        done = CliRunner().invoke(
            main, list(map(str, arguments)), prog_name="fakeprint", env=environment, input=input
        )
    finally:
        read_settings.cache_clear()
    return Ran(done.exit_code, done.stdout, done.stderr)
