"""Frames that come in, every index on: how many a second, and how soon they are found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final

import httpx2
import psycopg

from registry.catalogue.fingerprints.model.document import to_document
from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from tests.bench.speed.cluster import ROOT, Server, Serving
from tests.bench.speed.database.storing import FRESH, GO, READY, Kind
from tests.bench.speed.questions import NAME

WRITERS: Final = os.cpu_count() or 1
"""Processes that store at once: more than cores bring nothing."""
PATIENCE: Final = 10.0


@dataclass(frozen=True, slots=True)
class Inserted:
    """What so many processes put in at once, and what that cost: CPU milliseconds a frame of PostgreSQL, and
    of the processes themselves. `seconds` is that of the slowest."""

    kind: Kind
    writers: int
    frames: int
    media: int
    seconds: float
    database_ms: float
    own_ms: float

    @property
    def per_second(self) -> float:
        return self.frames / self.seconds


class Writers:
    """Processes that store media at once, ready and waiting."""

    def __init__(self, kind: Kind, processes: Sequence[subprocess.Popen[str]]) -> None:
        self._kind = kind
        self._processes = processes

    def go(self) -> None:
        """Let all of them begin."""
        for process in self._processes:
            assert process.stdin
            process.stdin.write(f"{GO}\n")
            process.stdin.flush()

    def done(self) -> dict[str, float]:
        """Wait for the end: frames, media and CPU seconds of all, seconds of the slowest."""
        results = [json.loads(process.communicate()[0]) for process in self._processes]
        total = {name: sum(process[name] for process in results) for name in ("frames", "media", "cpu_s")}
        return total | {"seconds": max(process["seconds"] for process in results)}


@contextmanager
def writers(url: str, seconds: float, kind: Kind, count: int = WRITERS) -> Iterator[Writers]:
    """So many processes that will store for so many seconds, from `go` on; ended when this is left."""
    with ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [
                        sys.executable,
                        "-m",
                        "tests.bench.speed.database.storing",
                        url,
                        str(seconds),
                        kind,
                        str(number),
                    ],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    cwd=ROOT,
                )
            )
            for number in range(count)
        ]
        try:
            for process in processes:
                assert process.stdout
                if process.stdout.readline().strip() != READY:
                    message = "a storing process did not start"
                    raise RuntimeError(message)
            yield Writers(kind, processes)
        finally:
            for process in processes:
                process.kill()


def insert(server: Server, database: str, seconds: float, kind: Kind, count: int = WRITERS) -> Inserted:
    """Store for so many seconds, and wait for the end."""
    with writers(server.url(database), seconds, kind, count) as storing:
        before = server.gauge.cpu()
        storing.go()
        results = storing.done()
        spent = server.gauge.cpu() - before
    frames = int(results["frames"])
    return Inserted(
        kind=kind,
        writers=count,
        frames=frames,
        media=int(results["media"]),
        seconds=results["seconds"],
        database_ms=1000 * spent / frames,
        own_ms=1000 * results["cpu_s"] / frames,
    )


@contextmanager
def copied(server: Server, database: str) -> Iterator[str]:
    """A copy of a database to put frames in, dropped when this is left. Nobody may be connected to the
    original.

    Taking a hundred thousand frames out again instead costs minutes: of each vector that goes, pgvector seeks
    new neighbours for all that were joined to it.
    """
    copy = f"{database}_copy"
    server.do(f"DROP DATABASE IF EXISTS {copy} WITH (FORCE)")
    server.do(f"CREATE DATABASE {copy} TEMPLATE {database} STRATEGY file_copy")
    try:
        yield copy
    finally:
        server.do(f"DROP DATABASE {copy} WITH (FORCE)")


def forget(url: str) -> None:
    """Take out what lookups have left."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("TRUNCATE lookup CASCADE")
        connection.execute("DELETE FROM job")
        connection.execute("DELETE FROM outbox")
        connection.execute("CHECKPOINT")


def matchable(serving: Serving, key: str, media: list[Fingerprint]) -> list[float]:
    """Milliseconds from the answer that says `matchable` to the answer of a lookup that finds it, the lookup
    included. Raises `TimeoutError` where one is not found."""
    found = []
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=serving.url, headers=headers, timeout=60, trust_env=False) as client:
        for number, one in enumerate(media):
            payload = {"title": f"{FRESH} {number}", "fakes": [to_document(one, faces=True)]}
            made = client.post("/v1/entries", json=payload)
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
