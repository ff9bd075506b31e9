"""How long a registry takes to read another, how soon a withdrawal is honoured, and whether forks are seen.

Both registries are real API processes on the loopback address, each on a PostgreSQL of its own. The reader's
worker is killed in the midst of it (-9), and another goes on; `sync_1m_seconds` has the waiting in it. The
beat is played as `registry.core.messaging.broker` has it: feeds and ledger each second, what is due twice
a minute.

    python -m tests.bench.provenance.sync ROWS      the reading alone, of so many entries, with what it costs

A row is an entry with one medium, a picture of which a list gave the PDQ hash: one frame, twelve keys, no
vector. It is written with everything that belongs to it (entry, medium, its link, what the list says, the
peer's record, the reviewers' and the watches' queues), every index on.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from registry.catalogue.fingerprints.model.fingerprint import Fingerprint
from registry.core.service import Service
from registry.identity.callers.service.keys import authenticate
from registry.jobs.model.lease import silence
from registry.jobs.service.jobs import claim_job
from registry.sharing.federation.service.feeds import publish_feeds
from registry.sharing.sources.service.exchanges import fetch_due
from registry.sharing.sources.service.reading import fetch_exchange
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.bench.provenance import forks
from tests.bench.registry.importing import drawn as drawn_list
from tests.bench.registry.importing import take_all
from tests.bench.speed.cluster import Gauge
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.sharing import peering
from tests.support.sharing.peering import Registry

ROWS: Final = 1_000_000
LEASE: Final = 10.0
"""Seconds of silence after which another worker goes on."""
SERVER: Final = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""As the runbook ("Room") has it for a million frames; the embedded server's own
128 and 512 MB are for some hundred thousand."""
PUBLISHED: Final = 1.0
LOOKED_FOR: Final = 30.0
"""Seconds between two beats, see `registry.core.messaging.broker`."""
ASKED: Final = 0.2
"""Seconds after which a job that waits is begun: a worker is woken sooner."""


def measure(*, quick: bool = False) -> dict[str, Any]:
    """`sync_1m_seconds` (of a million entries that were read, or not at all: `quick` reads a fiftieth),
    `withdrawal_seconds` and `withdrawal_polled_seconds` (the longest seen), `forks_injected`,
    `forks_unseen`, and what they rest on."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)
        with _sides(home, "north", "south") as (north, south):
            found = _sync(north, south, ROWS // 50 if quick else ROWS)
            found |= _withdrawals(north.registry, south.registry, 1 if quick else 3)
            apart = forks.of_two(north.registry, south.registry)
        with services.postgres() as server, server.clone() as url:
            alone = forks.of_one(url, home / "forks")
    return found | {name: alone[name] + apart[name] for name in alone}


def sync_alone(rows: int) -> dict[str, Any]:
    """What reading so many entries costs."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        home.chmod(0o711)
        with _sides(home, "north", "south") as (north, south):
            return _sync(north, south, rows)


def _sync(north: Side, south: Side, rows: int) -> dict[str, Any]:
    """So many entries, published and read."""
    with north.registry.api.service() as service:
        caller = authenticate(service, north.registry.token)
        take_all(service, caller, drawn_list(rows), bank="own")
        began = time.perf_counter()
        while publish_feeds(service):
            pass
        sequence_events(service)
        published = time.perf_counter() - began
    south.registry.add("north", north.registry)
    (job,) = south.registry.rows("SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'")
    killed, waited, began = 0, 0.0, time.perf_counter()
    with south.registry.api.service() as service:
        spent = _Spent(service, north, south, rows)
        while not (state := _state(service))["fetched_at"]:
            assert state["error_code"] is None, state
            idle, ended = _work(spent, job["job_id"], kill_at=None if killed else rows // 3)
            waited, killed = waited + idle, killed + (ended == -signal.SIGKILL)
    took = time.perf_counter() - began
    assert state["added"] == rows, state
    (held,) = south.registry.rows(
        "SELECT (SELECT count(*) FROM entry) AS entries, (SELECT count(*) FROM frame_fingerprint) AS frames,"
        " (SELECT count(*) FROM foreign_entry) AS said, pg_database_size(current_database()) AS bytes"
    )
    assert (held["entries"], held["said"]) == (rows, rows), held
    return {
        "sync_rows": rows,
        "sync_row": "an entry with one medium, a picture known by a PDQ hash",
        "sync_frames_a_row": held["frames"] / rows,
        **({"sync_1m_seconds": round(took, 1)} if rows == ROWS else {}),
        "sync_seconds": round(took, 1),
        "sync_waited_seconds": round(waited, 1),
        "sync_rows_a_second": round(rows / (took - waited)),
        "sync_workers_killed": killed,
        "sync_cpu_us_a_row": spent.whole(),
        "sync_cpu_us_a_row_by_rows": spent.stretches,
        "sync_reader_mb": round(held["bytes"] / 2**20),
        "publish_us_a_row": round(published / rows * 1e6, 1),
        "sync_load": round(os.getloadavg()[0], 1),
    }


@dataclass(frozen=True)
class Side:
    """A registry and the process of its PostgreSQL."""

    registry: Registry
    postgres: Gauge


@contextmanager
def _sides(home: Path, *names: str) -> Iterator[list[Side]]:
    with ExitStack() as stack:
        found = []
        for name in names:
            server = stack.enter_context(services.postgres(settings=SERVER))
            (made,) = stack.enter_context(peering.registries(server, home, name, lease_seconds=LEASE))
            assert server.cluster.process
            found.append(Side(made, Gauge(server.cluster.process.pid)))
        yield found


@dataclass
class _Spent:
    """What reading has cost so far, in CPU: of the reader's worker and PostgreSQL, of the other's API and
    PostgreSQL."""

    service: Service
    north: Side
    south: Side
    rows: int
    stretches: list[dict[str, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._first = self._last = self._now(None)
        self._at = 0

    def _now(self, worker: int | None) -> dict[str, float]:
        ended = os.times()
        running = 0.0 if worker is None else Gauge(worker).cpu()
        return {
            "worker": ended.children_user + ended.children_system + running,
            "postgres": self.south.postgres.cpu(),
            "other_api": Gauge(self.north.registry.api.pid).cpu(),
            "other_postgres": self.north.postgres.cpu(),
            "wall": time.perf_counter(),
        }

    def look(self, worker: int | None) -> int:
        """How many entries there are; each tenth of them is a stretch of its own."""
        added = int(_state(self.service)["added"])
        if added - self._at >= self.rows // 10:
            now = self._now(worker)
            self.stretches.append({"rows": added} | _each(self._last, now, added - self._at))
            self._last, self._at = now, added
        return added

    def whole(self) -> dict[str, float]:
        return _each(self._first, self._now(None), self.rows)


def _each(before: dict[str, float], after: dict[str, float], rows: int) -> dict[str, float]:
    return {name: round((after[name] - before[name]) / rows * 1e6, 1) for name in after}


def _work(spent: _Spent, job_id: UUID, *, kill_at: int | None) -> tuple[float, int]:
    """A worker's process at the job; killed once so many entries are there. Seconds until it had kept a page:
    for the lease of the one before it, and for its start. And how it ended."""
    command = [sys.executable, "-m", "tests.bench.provenance.sync", str(job_id)]
    began, at_first, waited = time.perf_counter(), spent.look(None), None
    _until(partial(_free, spent.service, job_id))
    worker = subprocess.Popen(command, env=processes.variables(spent.south.registry.api.settings))
    while worker.poll() is None:
        added = spent.look(worker.pid)
        if waited is None and added > at_first:
            waited = time.perf_counter() - began
        if kill_at and added >= kill_at:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        time.sleep(0.25)
    return time.perf_counter() - began if waited is None else waited, worker.returncode


def _free(service: Service, job_id: UUID) -> bool:
    """Whether a worker may begin it: another one is gone, and was given up."""
    query = "SELECT FROM job j WHERE j.job_id = %s AND (j.status = 'queued' OR job_abandoned(j, %s))"
    with service.pool.transaction() as connection:
        return connection.execute(query, (job_id, silence(LEASE))).fetchone() is not None


def _state(service: Service) -> dict[str, Any]:
    with service.pool.transaction() as connection:
        row = connection.execute("SELECT fetched_at, error_code, added FROM exchange").fetchone()
    assert row
    return row


def _withdrawals(north: Registry, south: Registry, count: int) -> dict[str, Any]:
    """The longest time from an entry's withdrawal there to the answer that it is no fake here: told of new
    pages, and where nothing is told (`withdrawal_polled_seconds`)."""
    polled = _longest(north, south, count, "polled")
    south.call("POST", "/v1/peers/north/pull", 202)
    south.read_what_is_asked()
    tell, read = (lambda _service: north.tell()), (lambda _service: south.read_what_is_asked())
    with _beating(north, tell, PUBLISHED), _beating(south, read, ASKED):
        longest = _longest(north, south, count, "told")
    return {"withdrawals": count, "withdrawal_seconds": longest, "withdrawal_polled_seconds": polled}


def _longest(north: Registry, south: Registry, count: int, mark: str) -> float:
    clips = [drawn.clip(f"withdrawn {mark} {number}") for number in range(count)]
    entries = [north.register(clip) for clip in clips]
    longest = 0.0
    with _beating(north, _publish, PUBLISHED), _beating(south, _read_due, LOOKED_FOR):
        for clip in clips:
            _until(partial(_says, south, clip, "related"))
        for clip, entry in zip(clips, entries, strict=True):
            north.call("POST", f"/v1/entries/{entry}/withdraw", json={"reason_code": "mistaken"})
            began = time.perf_counter()
            _until(partial(_says, south, clip, "no_match"))
            longest = max(longest, time.perf_counter() - began)
    return round(longest, 1)


def _says(registry: Registry, clip: Fingerprint, verdict: str) -> bool:
    return registry.verdict(clip) == verdict


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 600
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the other registry never said so")
        time.sleep(0.5)


@contextmanager
def _beating(registry: Registry, act: Callable[[Service], object], every: float) -> Iterator[None]:
    """What the beat does, while this is open."""
    ended = threading.Event()

    def beat() -> None:
        with registry.api.service() as service:
            while not ended.wait(every):
                act(service)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(120)


def _publish(service: Service) -> None:
    publish_feeds(service)
    sequence_events(service)


def _read_due(service: Service) -> None:
    fetch_due(service)
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'"
        ).fetchall()
    for row in rows:
        _perform(service, row["job_id"])


def _perform(service: Service, job_id: UUID) -> None:
    if job := claim_job(service, job_id):
        fetch_exchange(service, job, lambda _share: None)


def _perform_in_worker(job_id: str) -> None:
    from workers.app import service as opened
    from workers.runtime.perform import perform_on_rows

    perform_on_rows(job_id, fetch_exchange)
    opened().close()


if __name__ == "__main__":
    if sys.argv[1].isdigit():
        print(json.dumps(sync_alone(int(sys.argv[1])), indent=1))
    else:
        _perform_in_worker(sys.argv[1])
