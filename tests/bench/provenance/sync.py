"""How long a registry takes to read another, how soon a withdrawal is honoured, and whether forks are seen.

Both registries are real API processes on databases of their own on the loopback address. The reader's
worker is killed in the midst of it (-9), and another goes on; `sync_1m_seconds` has the waiting in it. The
beat is played as `registry.broker` has it: feeds and ledger each second, what is due twice a minute.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from registry.actions.authenticate import authenticate
from registry.actions.bootstrap import bootstrap
from registry.actions.claim_job import claim_job
from registry.actions.fetch_due import fetch_due
from registry.actions.fetch_exchange import fetch_exchange
from registry.actions.publish_feeds import publish_feeds
from registry.actions.sequence_events import sequence_events
from registry.actions.service import Service, open_service
from registry.broker import prepare
from registry.domain.fingerprint import Fingerprint
from registry.settings import Settings
from tests import api as processes
from tests import drawn, peering, services
from tests.bench.registry.importing import drawn as drawn_list
from tests.bench.registry.importing import take_all
from tests.peering import Registry
from tests.publishing import Publisher, line, serving

ROWS: Final = 1_000_000
LEASE: Final = 10.0
"""Seconds of silence after which another worker goes on."""
PUBLISHED: Final = 1.0
LOOKED_FOR: Final = 30.0
"""Seconds between two beats, see `registry.broker`."""


def measure(*, quick: bool = False) -> dict[str, Any]:
    """`sync_1m_seconds` (of a million entries; `quick`: what fifty times a fiftieth takes, the waiting for a
    worker's start and a dead one's lease counted once), `withdrawal_seconds` (the longest seen),
    `forks_injected`, `forks_unseen`, and what they rest on."""
    rows = ROWS // 50 if quick else ROWS
    with services.postgres() as server, tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        home = Path(folder)
        home.chmod(0o711)
        north, south = stack.enter_context(
            peering.registries(server, home, "north", "south", lease_seconds=LEASE)
        )
        found = _sync(north, south, rows) | _withdrawals(north, south, 1 if quick else 3)
        with server.clone() as url:
            found |= _forks(url, home / "forks")
    return found


def _sync(north: Registry, south: Registry, rows: int) -> dict[str, Any]:
    """A million entries, published and read."""
    with north.api.service() as service:
        caller = authenticate(service, north.token)
        take_all(service, caller, drawn_list(rows), bank="own")
        began = time.perf_counter()
        while publish_feeds(service):
            pass
        sequence_events(service)
        published = time.perf_counter() - began
    peer = south.add("north", north)
    before, began = resources(), time.perf_counter()
    (job,) = south.rows("SELECT job_id FROM job WHERE task = 'fetch_exchange' AND status = 'queued'")
    kills, waited = 0, 0.0
    while not (state := south.rows("SELECT fetched_at, error_code, added FROM exchange")[0])["fetched_at"]:
        assert state["error_code"] is None, state
        waited += _work(south, job["job_id"], kill_at=rows // 3 if not kills else None)
        kills += 1
    took = time.perf_counter() - began
    assert state["added"] == rows, state
    assert south.rows("SELECT count(*) AS n FROM entry")[0]["n"] == rows
    assert peer["peer_id"]
    return {
        "sync_rows": rows,
        "sync_1m_seconds": round((took - waited) * ROWS / rows + waited, 1),
        "sync_waited_seconds": round(waited, 1),
        "sync_rows_a_second": round(rows / took),
        "sync_workers_killed": kills - 1,
        "sync_worker_cpu_us_a_row": round((resources() - before) / rows * 1e6, 1),
        "publish_1m_seconds": round(published * ROWS / rows, 1),
        "sync_load": round(os.getloadavg()[0], 1),
    }


def _work(south: Registry, job_id: UUID, *, kill_at: int | None) -> float:
    """A worker's process at the job; killed once so many entries are there. Seconds until it had kept a page:
    for its start, and for the lease of the one before it."""
    command = [sys.executable, "-m", "tests.bench.provenance.sync", str(job_id)]
    began, at_first, waited = time.perf_counter(), _added(south), None
    worker = subprocess.Popen(command, env=processes.variables(south.api.settings))
    while worker.poll() is None:
        added = _added(south)
        if waited is None and added > at_first:
            waited = time.perf_counter() - began
        if kill_at and added >= kill_at:
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        time.sleep(0.25)
    return time.perf_counter() - began if waited is None else waited


def _added(south: Registry) -> int:
    return int(south.rows("SELECT added FROM exchange")[0]["added"])


def resources() -> float:
    """CPU seconds of this process's children that have ended."""
    times = os.times()
    return times.children_user + times.children_system


def _withdrawals(north: Registry, south: Registry, count: int) -> dict[str, Any]:
    """The longest time from an entry's withdrawal there to the answer that it is no fake here."""
    clips = [drawn.clip(f"withdrawn {number}") for number in range(count)]
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
    return {"withdrawals": count, "withdrawal_seconds": round(longest, 1)}


def _says(registry: Registry, clip: Fingerprint, verdict: str) -> bool:
    return registry.verdict(clip) == verdict


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 600
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError("the other registry never said so")
        time.sleep(0.5)


@contextmanager
def _beating(registry: Registry, act: Callable[[Service], None], every: float) -> Iterator[None]:
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


def _forks(url: str, folder: Path) -> dict[str, Any]:
    """Each leaf of a feed's ledger altered, dropped, doubled or put in another place, the ledger cut short,
    or told otherwise to another reader; at the size that was seen, and grown since. Unseen is what does not
    suspend the peer, and of a ledger that is cut short and not grown again, what is not refused."""
    service = open_service(Settings(database_url=url, data=folder, exchange_private=True))
    prepare(service.settings)
    injected = unseen = 0
    try:
        key = bootstrap(service)
        assert key
        reader = authenticate(service, key)
        for name, rewrite in _rewrites():
            for grown in (0, 1, 6):
                publisher = Publisher(f"p{injected}")
                for page in range(4):
                    publisher.publish(line(f"{injected} {page}"))
                with serving(publisher) as publisher.url:
                    peering.add_published(service, reader, publisher)
                    assert peering.pull_published(service, reader, publisher)["error"] is None
                    rewrite(publisher)
                    for number in range(grown):
                        publisher.publish(line(f"{injected} grown {number}"))
                    found = peering.pull_published(service, reader, publisher)
                injected += 1
                codes = {"peer_forked"} if len(publisher.leaves) >= 8 else {"peer_forked", "peer_behind"}
                seen = found["error"] is not None and found["error"]["code"] in codes
                kept = found["added"] == 4
                unseen += not (seen and kept)
                if not (seen and kept):
                    sys.stderr.write(f"unseen: {name}, grown by {grown}: {found['error']}\n")
    finally:
        service.close()
    return {"forks_injected": injected, "forks_unseen": unseen}


def _rewrites() -> Iterator[tuple[str, Callable[[Publisher], None]]]:
    for place in range(8):
        yield f"leaf {place} altered", partial(_set, place=place, leaf=b"altered")
        yield f"leaf {place} dropped", partial(_drop, place=place)
    for place in range(7):
        yield f"leaf {place} doubled", partial(_double, place=place)
        yield f"leaves {place}, {place + 1} swapped", partial(_swap, place=place)
    for kept in (1, 3, 6):
        yield f"cut off after {kept}", partial(_cut, kept=kept)


def _set(one: Publisher, *, place: int, leaf: bytes) -> None:
    one.leaves[place] = leaf


def _drop(one: Publisher, *, place: int) -> None:
    one.leaves.pop(place)


def _double(one: Publisher, *, place: int) -> None:
    one.leaves.insert(place, one.leaves[place])


def _swap(one: Publisher, *, place: int) -> None:
    one.leaves[place], one.leaves[place + 1] = one.leaves[place + 1], one.leaves[place]


def _cut(one: Publisher, *, kept: int) -> None:
    """As after a backup was restored: what is published then takes the places of what is gone."""
    one.leaves = one.leaves[:kept]
    one.pages = [page for page in one.pages if page[0] < kept]


if __name__ == "__main__":
    from workers.app import service as opened
    from workers.perform import perform_on_rows

    perform_on_rows(sys.argv[1], fetch_exchange)
    opened().close()
