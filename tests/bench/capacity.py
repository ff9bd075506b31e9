"""The size of machines for three kinds of deployments, computed from measured unit costs: `make capacity`.

    make capacity [CORE=EUROS] [GB=EUROS] [DISK=EUROS]     (or: python -m tests.bench.capacity --help)

It prints the table of `docs/operating.md`. Each unit cost is a figure of a bench, with the page that shows
it. How much a deployment is asked, and what a machine costs, are assumptions, named as such.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from math import ceil
from typing import Final

DAY: Final = 86_400


@dataclass(frozen=True, slots=True)
class Unit:
    """A measured cost. `shown`: how the page `page` (in `docs`) writes it; `command`: what prints it."""

    value: float
    shown: str
    page: str
    command: str


HASH_MS: Final = Unit(2.8 + 1.1, "2.3 to 2.8 / .86 to 1.1", "performance.md", "make bench-speed")
"""CPU of a lookup of one hash at ten million frames, PostgreSQL and service, the slower run."""
SERVICE_SHARE: Final = 1.1 / (2.8 + 1.1)
"""The part of it in the service."""
DOCUMENT_MS: Final = Unit(45, "42 to 45 / 88 to 92", "performance.md", "make bench-speed")
"""A document of 60 frames at ten million frames. Its time for a client alone, taken as CPU."""
MINUTE_S: Final = Unit(8.8, "8.8 s against 3.2 s of CPU", "performance.md", "make bench-fingerprint")
"""CPU of fingerprinting a minute of 720p."""
SAMPLES: Final = Unit(121, "121 samples", "performance.md", "make bench-fingerprint")
"""Frames of that minute."""
QUICK_S: Final = Unit(
    0.23 * 3.2,
    "nothing proposed; any keyframes (chosen) | .94 (.93) | .23 |",
    "decisions/0138-effort-of-a-lookup.md",
    "make bench-accuracy",
)
"""CPU of an unknown minute looked up with the effort `quick`: .23 of decoding it."""
MISS_KB: Final = Unit(0.88, "880 MB", "operating.md", "make bench-operations")
"""Kilobytes of a recorded lookup that found nothing."""
FRAME_KB: Final = Unit(1.228, "1,228", "performance.md", "make bench-speed")
"""Kilobytes of rows and hash indexes of a registered frame, at one million frames."""
VECTOR_KB: Final = Unit(
    2.2, "Vectors take 1.1 KB a row, and as much again", "../deploy/runbook.md", "make bench-speed"
)
"""Kilobytes of its copy-detection vector and of that one's index."""
DECODER_GB: Final = Unit(1.1, "plan 1.1 GB for each process of a worker", "operating.md", "fakeprint doctor")
"""Memory of a process that decodes."""
API_GB: Final = Unit(0.107, "107 MB, 278 MB", "performance.md", "make bench-first")
WORKER_GB: Final = Unit(0.278, "107 MB, 278 MB", "performance.md", "make bench-first")
"""Memory of a process of the API, and of one of a worker that decodes nothing."""
CONNECTIONS: Final = Unit(14, "FAKEPRINT_POOL_SIZE + 4", "../deploy/runbook.md", "make bench-operations")
"""Connections of a process of the API; one of a worker has four."""
WORKER_CONNECTIONS: Final = 4
UNITS: Final = (
    *(HASH_MS, DOCUMENT_MS, MINUTE_S, SAMPLES, QUICK_S, MISS_KB, FRAME_KB, VECTOR_KB, DECODER_GB, API_GB),
    *(WORKER_GB, CONNECTIONS),
)

BUSY: Final = 0.6
"""Assumed: part of the cores that the busiest hour takes."""
SYSTEM_GB: Final = 1.0
"""Assumed: memory of the system and the broker."""
KEPT_DAYS: Final = 30
"""Lookups are kept so long by default."""
YEARS: Final = 1
"""Assumed: registrations are kept, of so many years on disk."""
MINUTE_MB: Final = 15.0
"""Assumed: megabytes of a kept minute of video, 2 Mbit/s."""
OTHERS: Final = 3
"""Processes of workers that decode nothing: delivery, control, its beat."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """What a deployment is asked in a day, by assumption. A file lasts a minute. `peak`: how much busier the
    busiest hour is than the mean one; `sampled`: of so many misses one is kept."""

    name: str
    files: int
    documents: int
    hashes: int
    registered: int
    peak: float
    quick: bool = False
    sampled: int = 1


DEPLOYMENTS: Final = (
    Deployment("NGO", files=200, documents=0, hashes=1_000, registered=20, peak=6),
    Deployment("newsroom", files=2_000, documents=500, hashes=20_000, registered=100, peak=6),
    Deployment(
        "platform that sends fingerprints",
        files=0,
        documents=50_000_000,
        hashes=0,
        registered=2_000,
        peak=3,
        sampled=100,
    ),
    Deployment(
        "platform that sends files",
        files=50_000_000,
        documents=0,
        hashes=0,
        registered=2_000,
        peak=3,
        quick=True,
        sampled=100,
    ),
)
EMPTY: Final = Deployment("empty", files=0, documents=0, hashes=0, registered=0, peak=1)
"""Whose need is the least hardware, which `fakeprint doctor` checks."""


@dataclass(frozen=True, slots=True)
class Prices:
    """Assumed euros a month, December 2026: rented virtual machines in Europe, no offer of anybody."""

    core: float = 8.0
    gigabyte: float = 2.5
    disk: float = 0.08


@dataclass(frozen=True, slots=True)
class Need:
    """What a deployment needs. `disk_day`: gigabytes that a day adds."""

    cores: int
    memory: int
    disk_day: float
    disk: int
    connections: int
    euros: int


def need(of: Deployment, prices: Prices) -> Need:
    """Compute cores, memory, disk and connections of a deployment."""
    reading = of.files * (QUICK_S if of.quick else MINUTE_S).value + of.registered * MINUTE_S.value
    asking = of.hashes * HASH_MS.value / 1000 + (of.documents + of.files) * DOCUMENT_MS.value / 1000
    decoders = max(2, _processes(reading, of)) + 2  # interactive: two or more; media and bulk: one each
    apis = max(2, _processes(asking * SERVICE_SHARE, of))
    cores = max(2, ceil((reading + asking) / DAY * of.peak / BUSY))
    lookups = (of.files + of.documents + of.hashes) / of.sampled * MISS_KB.value / 1e6
    frames = of.registered * SAMPLES.value
    rows = frames * (FRAME_KB.value + VECTOR_KB.value) / 1e6
    media = of.registered * MINUTE_MB / 1000
    stored = 365 * YEARS * rows
    disk = ceil(lookups * KEPT_DAYS + stored + 365 * YEARS * media + 10)
    processes = decoders * DECODER_GB.value + OTHERS * WORKER_GB.value + apis * API_GB.value
    memory = ceil(processes + SYSTEM_GB + stored)
    return Need(
        cores=cores,
        memory=memory,
        disk_day=lookups + rows + media,
        disk=disk,
        connections=apis * int(CONNECTIONS.value) + (decoders + OTHERS) * WORKER_CONNECTIONS,
        euros=ceil(cores * prices.core + memory * prices.gigabyte + disk * prices.disk),
    )


def _processes(seconds: float, of: Deployment) -> int:
    """Processes for so many seconds of CPU a day."""
    return ceil(seconds / DAY * of.peak / BUSY)


def table(prices: Prices) -> str:
    """Return the table in Markdown, and the assumptions below it."""
    needs = [need(of, prices) for of in DEPLOYMENTS]
    rows = [
        ["", *(of.name for of in DEPLOYMENTS)],
        ["---", *("---:" for _ in needs)],
        ["files looked up a day, a minute each", *(f"{of.files:,}" for of in DEPLOYMENTS)],
        ["documents of fingerprints looked up a day", *(f"{of.documents:,}" for of in DEPLOYMENTS)],
        ["hashes looked up a day", *(f"{of.hashes:,}" for of in DEPLOYMENTS)],
        ["minutes registered a day", *(f"{of.registered:,}" for of in DEPLOYMENTS)],
        ["busiest hour over the mean", *(f"{of.peak:g}" for of in DEPLOYMENTS)],
        ["`effort` of files; FAKEPRINT_MISS_SAMPLE", *(_choices(of) for of in DEPLOYMENTS)],
        ["**cores**", *(f"{found.cores:,}" for found in needs)],
        ["**memory**, GB", *(f"{found.memory:,}" for found in needs)],
        ["**disk a day**, GB", *(f"{found.disk_day:.1f}" for found in needs)],
        ["disk after a year, GB", *(f"{found.disk:,}" for found in needs)],
        ["**connections** without PgBouncer", *(f"{found.connections:,}" for found in needs)],
        ["**euros a month**", *(f"{found.euros:,}" for found in needs)],
    ]
    said = (
        f"Assumed, December 2026: {prices.core:g} € a core, {prices.gigabyte:g} € a GB of memory and"
        f" {prices.disk:g} € a GB of disk a month. Cores are {BUSY:.0%} busy in the busiest hour. System and"
        f" broker take {SYSTEM_GB:g} GB, and a minute of media {MINUTE_MB:g} MB."
    )
    return "\n".join(f"| {' | '.join(row)} |".replace("|  |", "| |") for row in rows) + f"\n\n{said}\n"


def _choices(of: Deployment) -> str:
    effort = ("quick" if of.quick else "standard") if of.files else "–"
    return f"{effort}; {of.sampled}"


def main() -> None:
    """Print the table."""
    known = Prices()
    reads = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reads.add_argument("--core", type=float, default=known.core, help="euros a month for a core")
    reads.add_argument("--gb", type=float, default=known.gigabyte, help="euros a month for a GB of memory")
    reads.add_argument("--disk", type=float, default=known.disk, help="euros a month for a GB of disk")
    given = reads.parse_args()
    print(table(Prices(given.core, given.gb, given.disk)), end="")


if __name__ == "__main__":
    main()
