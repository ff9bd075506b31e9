"""Frames that come in, every index on: how many a second, and how soon they are found.

    python -m tests.bench.speed.inserting DATABASE_URL SECONDS RICH

As a process of its own it stores media for so many seconds, each in a transaction, as a worker's enrolment
does, and prints how many frames and media. RICH 1: only media with vectors; 0: one in ten, as it was filled.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Final
from uuid import uuid4

import httpx
import psycopg

from registry.domain.document import to_document
from registry.domain.fingerprint import Fingerprint
from registry.store import fingerprints
from registry.store.pool import Pool
from tests.bench.speed.cluster import ROOT, Server, Serving
from tests.bench.speed.direct import STATEMENT_MS
from tests.bench.speed.filling import USED, Medium, asker, bank_of, introduce
from tests.bench.speed.generator import Generator, has_vectors
from tests.bench.speed.questions import NAME, STRANGERS
from tests.bench.speed.shape import Shape

READY: Final = "ready"
FIRST: Final = STRANGERS + 1000
CHUNKS: Final = 3
"""Chunks drawn before the clock runs; their media come over and over, each time as other assets."""
PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Inserted:
    """What went in, and what that cost PostgreSQL: CPU milliseconds a frame."""

    frames: int
    media: int
    seconds: float
    database_ms: float

    @property
    def per_second(self) -> float:
        return self.frames / self.seconds


@contextmanager
def inserting(url: str, seconds: float, *, rich: bool) -> Iterator[subprocess.Popen[str]]:
    """The process that stores; it has begun to when this is entered, and has ended when it is left."""
    command = [sys.executable, "-m", "tests.bench.speed.inserting", url, str(seconds), str(int(rich))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        assert process.stdout
        if process.stdout.readline().strip() != READY:
            message = "the inserting process did not start"
            raise RuntimeError(message)
        yield process
        process.communicate()


def insert(server: Server, database: str, seconds: float, *, rich: bool) -> Inserted:
    """Store for so many seconds, and wait for the end."""
    with inserting(server.url(database), seconds, rich=rich) as process:
        before = server.gauge.cpu()
        assert process.stdout
        said = json.loads(process.stdout.readline())
        return Inserted(**said, database_ms=1000 * (server.gauge.cpu() - before) / said["frames"])


def forget(url: str) -> None:
    """Take out what was put in by this and by lookups, and leave the database as it was filled."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE lookup CASCADE")
        connection.execute(
            "CREATE TEMP TABLE fresh AS SELECT entry_id, asset_id FROM entry_asset"
            " JOIN entry e USING (entry_id) WHERE e.title LIKE 'fresh %'"
        )
        gone = connection.execute(
            "DELETE FROM entry_asset WHERE entry_id IN (SELECT entry_id FROM fresh)"
        ).rowcount
        connection.execute("DELETE FROM job")
        connection.execute("DELETE FROM outbox")
        connection.execute("DELETE FROM entry WHERE entry_id IN (SELECT entry_id FROM fresh)")
        connection.execute("DELETE FROM asset WHERE asset_id IN (SELECT asset_id FROM fresh)")
        if gone:
            connection.execute("VACUUM ANALYZE")
        connection.execute("CHECKPOINT")


def matchable(serving: Serving, key: str, media: list[Fingerprint]) -> list[float]:
    """Milliseconds from the answer that says `matchable` to the answer of a lookup that finds it, the lookup
    included. Raises `TimeoutError` where one is not found."""
    found = []
    headers = {"Authorization": f"Bearer {key}"}
    with httpx.Client(base_url=serving.url, headers=headers, timeout=60, trust_env=False) as client:
        for number, one in enumerate(media):
            given = {"title": f"fresh {number}", "fakes": [to_document(one, faces=True)]}
            made = client.post("/v1/entries", json=given)
            began = time.perf_counter()
            made.raise_for_status()
            entry = made.json()["entry_id"]
            value = next(frame.phash256 for frame in one.informative() if frame.phash256)
            question = {"type": "hash", "algorithm": NAME["phash256"], "value": value.hex()}
            while True:
                answer = client.post("/v1/lookups", json=question)
                answer.raise_for_status()
                spent = time.perf_counter() - began
                if any(match["entry_id"] == entry for match in answer.json()["matches"]):
                    break
                if spent > PATIENCE:
                    message = f"not found within {PATIENCE} s of being matchable"
                    raise TimeoutError(message)
            found.append(1000 * spent)
    return found


def _as_another(fingerprint: Fingerprint) -> Medium:
    """The medium as a file that nobody has."""
    asset = uuid4()
    return Medium(asset, replace(fingerprint, media=replace(fingerprint.media, sha256=asset.hex * 2)))


def main() -> None:
    """Store, count, print."""
    url, seconds, rich = sys.argv[1], float(sys.argv[2]), sys.argv[3] == "1"
    generator = Generator(Shape.load(USED))
    chunks = [generator.chunk(FIRST + number) for number in range(CHUNKS)]
    media = [
        chunk.fingerprint(medium)
        for chunk in chunks
        for medium in range(len(chunk.ids))
        if has_vectors(medium) or not rich
    ]
    pool = Pool(url, size=2, statement_timeout_ms=STATEMENT_MS)
    pool.open()
    try:
        with pool.transaction() as connection:
            caller, organization = asker(connection)
            bank = bank_of(connection, organization)
        print(READY, flush=True)
        frames = count = 0
        began = time.perf_counter()
        while time.perf_counter() - began < seconds:
            one = _as_another(media[count % len(media)])
            with pool.transaction() as connection:
                introduce(connection, [one], bank, caller, title="fresh")
                fingerprints.write(connection, one.id, one.fingerprint)
            frames += len(one.fingerprint.frames)
            count += 1
        spent = time.perf_counter() - began
    finally:
        pool.close()
    print(json.dumps({"frames": frames, "media": count, "seconds": spent}), flush=True)


if __name__ == "__main__":
    main()
