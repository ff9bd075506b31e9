"""Frames distributed over partitions."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.rows import tuple_row

from tests.support.service import servers as services

PATIENCE: Final = services.PATIENCE


def quiet(_doing: str) -> None:
    return


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url, row_factory=tuple_row, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


@contextmanager
def started(*arguments: str, url: str) -> Iterator[subprocess.Popen[str]]:
    program = "from registry.app.commands import main; main()"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FAKEPRINT_")}
    with subprocess.Popen(
        [sys.executable, "-c", program, *arguments],
        env=kept | {"FAKEPRINT_DATABASE_URL": url},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()
