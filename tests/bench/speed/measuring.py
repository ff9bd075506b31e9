"""Measure one database: over HTTP, in SQL, on disk and in memory."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final
from uuid import UUID

from registry.catalogue.fingerprints.model.document import MEDIA_TYPE
from tests.bench.speed import direct, load
from tests.bench.speed.cluster import Server, Serving, say, serving
from tests.bench.speed.database import planting
from tests.bench.speed.database.disk import Disk, disk
from tests.bench.speed.database.filling import Filled
from tests.bench.speed.direct import Cost, Recall
from tests.bench.speed.fitting import ALGORITHMS, Algorithm
from tests.bench.speed.load import Load
from tests.bench.speed.questions import Clip, Hash, Questions

CLIENTS: Final = (1, 4, 16)
PATH: Final = "/v1/lookups"
BATCH: Final = f"{PATH}:batch"
NDJSON: Final = "application/x-ndjson"
OF_A_BATCH: Final = 1000
FARTHEST: Final = 31


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured. `seconds` of a load, `runs` whose median counts, hashes for each distance and
    for real edits, clips, batches, hashes of exact lookups. Seconds of inserts are long, since the first
    writes after a checkpoint write whole pages. Then seconds of lookups beside inserts, and media
    registered until found."""

    seconds: float
    runs: int
    each_distance: int
    edited: int
    clips: int
    batches: int
    exact: int
    inserting: float
    beside: float
    registered: int


FULL: Final = Effort(6.0, 3, 100, 3000, 240, 5, 6, 120.0, 20.0, 100)
QUICK: Final = Effort(2.5, 1, 25, 600, 60, 2, 6, 10.0, 5.0, 30)


@dataclass(frozen=True, slots=True)
class Measured:
    """The results of one database. `hashes`: one hash by clients, half of them known; `known` and
    `strange`: these halves apart, one client. `found`: of known hashes and clips, the share whose answer
    names the medium. `real`: rows of real media besides those that it was filled with."""

    filled: Filled
    real: int
    hashes: dict[int, Load]
    known: Load
    strange: Load
    hash_found: float
    direct: Cost
    uniform: dict[Algorithm, list[Recall]]
    edited: dict[Algorithm, list[Recall]]
    exact: Cost
    exact_found: float
    batch: Load
    clips: Load
    by_kind: dict[str, list[float]]
    clip_found: float
    clip_direct: Cost
    stills: Load
    disk: Disk
    service_mb: float
    database_mb: float


def measure(server: Server, filled: Filled, questions: Questions, effort: Effort, workers: int) -> Measured:
    """Measure all of it. The service is started on this database."""
    url = server.url(filled.name)
    hashes, clips = questions.hashes(2000), questions.clips(effort.clips)
    with serving(url, workers=workers) as service:
        loads = _hash_loads(server, service, filled, hashes, effort)
        apart = [
            _one_client(
                server, service, filled, [hash_ for hash_ in hashes if bool(hash_.asset) == known], effort
            )
            for known in (True, False)
        ]
        found = _hashes_found(service, filled, hashes[:400])
        batch = _batch(server, service, filled, hashes, effort.batches)
        say(f"{filled.name}: clips")
        seen = _documents(server, service, filled, clips)
        still = _documents(server, service, filled, questions.stills(effort.clips))
        memory = service.gauge.memory_mb(), server.gauge.memory_mb()
    say(f"{filled.name}: in SQL")
    uniform, edited = _recalls(url, questions, effort)
    farthest = questions.uniform("phash256", FARTHEST, effort.exact)
    real = planting.rows(url)
    return Measured(
        filled=filled,
        real=real,
        hashes=loads,
        known=apart[0],
        strange=apart[1],
        hash_found=found,
        direct=direct.cost_of_hashes(url, server.gauge, filled.key, hashes[:1000]),
        uniform=uniform,
        edited=edited,
        exact=direct.cost(url, server.gauge, list(map(direct.of_hash, farthest)), exact=True),
        exact_found=_recalled(direct.recall(url, farthest, exact=True)),
        batch=batch,
        clips=seen,
        by_kind=_by_kind(clips, seen),
        clip_found=_share(clips, seen.answers),
        clip_direct=direct.cost(url, server.gauge, list(map(direct.of_clip, clips))),
        stills=still,
        disk=disk(url, frames=filled.frames + real, vectors=filled.vectors),
        service_mb=memory[0],
        database_mb=memory[1],
    )


def _recalls(
    url: str, questions: Questions, effort: Effort
) -> tuple[dict[Algorithm, list[Recall]], dict[Algorithm, list[Recall]]]:
    """Return, by algorithm, the recall of uniform flips at each distance and of real edits."""
    distances = range(FARTHEST + 1)
    uniform = {
        name: [item for bits in distances for item in questions.uniform(name, bits, effort.each_distance)]
        for name in ALGORITHMS
    }
    edited = {name: questions.edited(name, effort.edited) for name in ALGORITHMS}
    return (
        {name: direct.recall(url, asked) for name, asked in uniform.items()},
        {name: direct.recall(url, asked) for name, asked in edited.items()},
    )


def _recalled(rows: Sequence[Recall]) -> float:
    return sum(row.found for row in rows) / sum(row.asked for row in rows)


def _hash_loads(
    server: Server, service: Serving, filled: Filled, hashes: Sequence[Hash], effort: Effort
) -> dict[int, Load]:
    """Return, for each number of clients, the run with the median rate."""
    requests = [load.request(service.url, PATH, filled.key, hash_.body) for hash_ in hashes]
    _drive(server, service, requests, 4)
    found = {}
    for clients in CLIENTS:
        say(f"{filled.name}: one hash, {clients} clients")
        runs = [
            _drive(server, service, requests, clients, seconds=effort.seconds) for _ in range(effort.runs)
        ]
        rate = median(run.per_second for run in runs)
        found[clients] = min(runs, key=lambda run: abs(run.per_second - rate))
    return found


def _one_client(
    server: Server, service: Serving, filled: Filled, hashes: Sequence[Hash], effort: Effort
) -> Load:
    requests = [load.request(service.url, PATH, filled.key, hash_.body) for hash_ in hashes]
    return _drive(server, service, requests, 1, seconds=effort.seconds)


def _hashes_found(service: Serving, filled: Filled, hashes: Sequence[Hash]) -> float:
    requests = [load.request(service.url, PATH, filled.key, hash_.body) for hash_ in hashes]
    return _share(hashes, load.drive(service.url, requests, clients=4, keep=True).answers)


def _batch(server: Server, service: Serving, filled: Filled, hashes: Sequence[Hash], count: int) -> Load:
    """Send batches of a thousand hashes in one request."""
    say(f"{filled.name}: a batch")
    body = "".join(json.dumps(hash_.body) + "\n" for hash_ in hashes[:OF_A_BATCH]).encode()
    requests = [load.request(service.url, BATCH, filled.key, body, kind=NDJSON)] * count
    return _drive(server, service, requests, 1)


def _documents(server: Server, service: Serving, filled: Filled, clips: Sequence[Clip]) -> Load:
    requests = [load.request(service.url, PATH, filled.key, clip.document, kind=MEDIA_TYPE) for clip in clips]
    return _drive(server, service, requests, 1, keep=True)


def _drive(
    server: Server,
    service: Serving,
    asked: Sequence[bytes],
    clients: int,
    *,
    seconds: float | None = None,
    keep: bool = False,
) -> Load:
    return load.drive(
        service.url,
        asked,
        clients=clients,
        service=service.gauge,
        database=server.gauge,
        seconds=seconds,
        keep=keep,
    )


def _by_kind(clips: Sequence[Clip], seen: Load) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for clip, ms in zip(clips, seen.ms, strict=True):
        found.setdefault(clip.kind, []).append(float(ms))
    return found


def _share(asked: Sequence[Hash | Clip], answers: Sequence[bytes]) -> float:
    """Return the share of known hashes whose answer names the asset."""
    hits = [
        one.asset in {UUID(match["asset_id"]) for match in answer["matches"] if match["asset_id"]}
        for one, answer in zip(asked, load.read(answers), strict=True)
        if one.asset is not None
    ]
    return sum(hits) / len(hits)
