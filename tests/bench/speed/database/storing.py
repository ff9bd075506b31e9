"""A process that stores media as a worker's enrolment does, each in a transaction of its own.

    python -m tests.bench.speed.database.storing DATABASE_URL SECONDS KIND NUMBER

KIND: `hashes`: media without vectors; `mixed`: one in ten has vectors and faces, as a database is filled;
`vectors`: all have. NUMBER tells those that store at once apart. It draws its media, says that it is ready,
waits for a line, stores, and prints how many frames and media, in how long, with how much CPU of its own.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final, Literal, cast
from uuid import UUID, uuid4

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.catalogue.fingerprints.store import fingerprints
from registry.core.database.pool import Pool
from tests.bench.speed.database.filling import USED, Medium, asker, bank_of, introduce
from tests.bench.speed.direct import STATEMENT_MS
from tests.bench.speed.generator import Generator, has_vectors
from tests.bench.speed.questions import STRANGERS
from tests.bench.speed.shape import Shape

Kind = Literal["hashes", "mixed", "vectors"]
FRESH: Final = "fresh"
"""What the titles of entries begin with that were put in by this."""
READY: Final = "ready"
GO: Final = "go"
FIRST: Final = STRANGERS + 1000
FASTEST: Final = {"hashes": 3000, "mixed": 1500, "vectors": 200}
"""Frames a second for which there are media enough; a faster process stores the first ones again, as other
assets."""


def drawn(generator: Generator, kind: Kind, number: int, frames: int) -> list[Fingerprint]:
    """Media of this kind with so many frames at least, which no other process has."""
    found: list[Fingerprint] = []
    place = FIRST + 1000 * number
    while frames > 0:
        for item in _of_kind(generator, kind, place):
            found.append(item)
            frames -= len(item.frames)
        place += 1
    return found


def _of_kind(generator: Generator, kind: Kind, place: int) -> Iterator[Fingerprint]:
    chunk = generator.chunk(place)
    for medium in range(len(chunk.ids)):
        if kind == "mixed" or has_vectors(medium) == (kind == "vectors"):
            yield chunk.fingerprint(medium)


def _as_another(fingerprint: Fingerprint) -> Medium:
    """The medium as a file that nobody has."""
    asset = uuid4()
    return Medium(asset, replace(fingerprint, media=replace(fingerprint.media, sha256=asset.hex * 2)))


def store(
    pool: Pool, media: Sequence[Fingerprint], bank: UUID, caller: UUID, *, seconds: float
) -> dict[str, float]:
    """Store media for so many seconds, each as another asset: frames, media, seconds and CPU seconds."""
    frames = count = 0
    began, spent = time.perf_counter(), time.process_time()
    while time.perf_counter() - began < seconds:
        one = _as_another(media[count % len(media)])
        with pool.transaction() as connection:
            introduce(connection, [one], bank, caller, title=FRESH)
            fingerprints.write(connection, one.id, one.fingerprint)
        frames += len(one.fingerprint.frames)
        count += 1
    return {
        "frames": frames,
        "media": count,
        "seconds": time.perf_counter() - began,
        "cpu_s": time.process_time() - spent,
    }


def main() -> None:
    """Draw, wait, store, print."""
    url, seconds, kind, number = sys.argv[1], float(sys.argv[2]), cast("Kind", sys.argv[3]), int(sys.argv[4])
    media = drawn(Generator(Shape.load(USED)), kind, number, round(seconds * FASTEST[kind]))
    pool = Pool(url, size=2, statement_timeout_ms=STATEMENT_MS)
    pool.open()
    try:
        with pool.transaction() as connection:
            caller, organization = asker(connection)
            bank = bank_of(connection, organization)
        print(READY, flush=True)
        sys.stdin.readline()
        print(json.dumps(store(pool, media, bank, caller, seconds=seconds)), flush=True)
    finally:
        pool.close()


if __name__ == "__main__":
    main()
