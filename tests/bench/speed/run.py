"""The run: fill what is missing, measure each size, insert into the largest, print."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from tests.bench.speed import cluster, fitting, huge_pages, load, measuring, peers, report
from tests.bench.speed.cluster import Server, say
from tests.bench.speed.database import inserting, migrating, planting
from tests.bench.speed.database.filling import USED, Filled, filled
from tests.bench.speed.fitting import Real
from tests.bench.speed.generator import Generator
from tests.bench.speed.measuring import CLIENTS, PATH, Effort
from tests.bench.speed.questions import Questions
from tests.bench.speed.report import Coming
from tests.bench.speed.shape import Shape


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a run was told: see `__main__`."""

    material: Path | None
    sizes: tuple[int, ...]
    quick: bool
    workers: int
    peer: str | None
    out: Path | None
    svg: Path | None


def run(chosen: Chosen) -> None:
    """Measure all, print the tables, write the figures."""
    effort = measuring.QUICK if chosen.quick else measuring.FULL
    found = fitting.real(chosen.material) if chosen.material else Real((), ())
    shape = Shape.load()
    cluster.CACHE.mkdir(parents=True, exist_ok=True)
    shape.save(USED)
    generator = Generator(shape)
    with huge_pages.reserved(cluster.BUFFERS_GB << 30), cluster.running() as server:
        sizes, migrated = [], list[str]()
        large = server.setting("huge_pages_status")
        for frames in sorted(chosen.sizes):
            one = filled(server, frames, shape)
            migrated += migrating.migrate(server, one.name)
            inserting.forget(server.url(one.name))
            assets = planting.plant(server.url(one.name), found.media) if found.media else ()
            say(f"{one.name}: {server.warm(one.name):.1f} GB")
            questions = Questions(one, generator, found.pairs, assets)
            sizes.append(measuring.measure(server, one, questions, effort, chosen.workers))
        coming = _coming(server, one, questions, effort, chosen.workers)
        beside = peers.faiss([size.filled for size in sizes])
    others = []
    if chosen.peer:
        hashes = questions.hashes(2000)
        others = peers.hasher_matcher_actioner(chosen.peer, hashes, clients=CLIENTS, seconds=effort.seconds)
    edits = (
        f"{len(found.pairs)} hashes of real edits"
        if found.pairs
        else "hashes flipped as real edits flip them"
    )
    notes = [f"frames are shaped like those of {shape.fitted_to}", f"known hashes asked: {edits}"]
    notes += [_machine(chosen.workers, large), *migrated]
    report.show(sizes, coming, beside, others, notes)
    report.draw(chosen.svg or cluster.CACHE / "growth.svg", sizes)
    if chosen.out:
        report.write(chosen.out, report.figures(sizes, coming), notes)


def _coming(server: Server, item: Filled, questions: Questions, effort: Effort, workers: int) -> Coming:
    """Frames come in, into a copy, and what is seen meanwhile and afterwards."""
    say(f"{item.name}: copied")
    with inserting.copied(server, item.name) as name:
        url = server.url(name)
        server.warm(name)
        say(f"{item.name}: inserts")
        hashes = inserting.insert(server, name, effort.inserting, "hashes")
        others = [
            inserting.insert(server, name, effort.beside, "mixed"),
            inserting.insert(server, name, effort.beside, "mixed", 1),
            inserting.insert(server, name, effort.beside, "vectors"),
        ]
        say(f"{item.name}: lookups meanwhile")
        with cluster.serving(url, workers=workers) as service:
            requests = [
                load.request(service.url, PATH, item.key, hash_.body) for hash_ in questions.hashes(2000)
            ]
            load.drive(service.url, requests[:300], clients=4)
            with inserting.writers(url, effort.beside + 1, "mixed", 1) as writing:
                writing.go()
                meanwhile = load.drive(service.url, requests, clients=1, seconds=effort.beside)
                beside = writing.done()
            matchable = inserting.matchable(service, item.key, questions.fresh(effort.registered))
    return Coming(hashes, others, meanwhile, beside["frames"] / beside["seconds"], matchable)


def _machine(workers: int, large: str) -> str:
    load_of_now = os.getloadavg()[0]
    settings = ", ".join(f"{name} {value}" for name, value in cluster.SETTINGS.items())
    return (
        f"{os.cpu_count()} cores, load {load_of_now:.1f} at the end; service of {workers} processes; "
        f"PostgreSQL with {settings}, huge pages {large}"
    )
