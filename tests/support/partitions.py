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

from registry.core.database.pool import Connection
from tests.support.service import servers as services

_FILLED: Final = """
WITH b AS (SELECT bank_id FROM bank LIMIT 1),
a AS (INSERT INTO asset (bank_id, sha256)
      SELECT bank_id, sha256(i::text::bytea) FROM b, generate_series(1, 400) i RETURNING asset_no)
INSERT INTO frame_fingerprint (asset_no, time_s, duration_s, view, quality, phash256, pdq)
SELECT asset_no, t, 1, 'full', 100, h.hash, ~h.hash
FROM a, generate_series(1, 20) t,
LATERAL (SELECT ('x' || encode(sha256((asset_no::text || '.' || t)::bytea), 'hex'))::bit(256) AS hash) h
"""
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


def fill_frames(connection: Connection) -> None:
    """Add 400 media of 20 frames each."""
    connection.execute(_FILLED)


def add_frame_of_nobody(connection: psycopg.Connection[Any]) -> None:
    """Add a frame of a medium that does not exist."""
    connection.execute("INSERT INTO frame_fingerprint VALUES (1, 0, 0, 90, 'full', NULL, NULL)")


def touch_media(connection: psycopg.Connection[Any]) -> None:
    """Lock all media in the open transaction, without a change."""
    connection.execute("UPDATE asset SET notes = notes")
