"""What it costs to run a registry: the room that lookups take, and how long dropping a day of them takes.

    make bench-operations [QUICK=1] [OUT=FILE]                (or: python -m tests.bench.operations)

It runs on PostgreSQL servers of its own.

- `lookup_mb_per_million`: megabytes of table and indexes for a million hash lookups that found nothing
- `lookup_mb_per_million_sampled`: the same with FAKEPRINT_MISS_SAMPLE=100
- `ledger_mb_per_million_hits`: megabytes that the ledger keeps for a million lookups that found something
- `ledger_s_per_million_hits`: wall time in which the sequencer makes their leaves
- `drop_day_ms`: wall time of dropping the oldest of 30 days, with a million lookups, while others are asked
- `longest_lookup_ms_meanwhile`: the slowest of these
- `lost_meanwhile`: of these, those that failed or cannot be fetched
- `server_connections_40_processes`: the most connections of a PostgreSQL that allows 200, while 160 clients
  ask so many `api_processes` by PgBouncer, with the broker on PostgreSQL
- `answers_refused`: of their requests, those without an answer

QUICK=1: a tenth of the lookups. OUT=FILE writes the figures as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

from registry.app.service.bootstrap import bootstrap
from registry.app.wiring import wire
from registry.core.blobs import FolderBlobs
from registry.core.database.pool import Pool
from registry.core.errors import FakeprintError
from registry.core.service import Service
from registry.core.settings import Settings
from registry.identity.callers.model import Caller
from registry.identity.callers.service.keys import authenticate
from registry.matching.lookups.service.days import arrange_days
from registry.matching.lookups.service.hashes import answer_hash_of, answer_hashes
from registry.matching.lookups.service.records import get_lookup
from registry.transparency.ledger.service.sequencing import sequence_events
from tests.bench import connections
from tests.support.matching.past import fill_day
from tests.support.record.ledger import add_lookup
from tests.support.service import servers as services
from tests.support.service.fixtures import Recorder

DAYS = 30
BATCH = 1000
ASKING = 2


def main() -> None:
    """Run, print, write the figures."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    ).parse_args()
    quick = os.environ.get("QUICK", "") not in {"", "0"}
    figures: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder, services.postgres() as server, server.clone() as url:
        pool = Pool(url, size=6, statement_timeout_ms=600_000)
        pool.open()
        service = Service(
            pool,
            FolderBlobs(Path(folder) / "blobs"),
            Recorder(),
            Settings(database_url=url, data=Path(folder)),
        )
        key = bootstrap(service) or ""
        lookups = 20_000 if quick else 200_000
        figures["lookup_mb_per_million"] = _megabytes(service, key, lookups)
        sampled = replace(service, settings=service.settings.model_copy(update={"miss_sample": 100}))
        figures["lookup_mb_per_million_sampled"] = _megabytes(sampled, key, lookups)
        figures |= _ledger(service, key, 2_000 if quick else 20_000)
        figures |= _drop(service, key, 100_000 if quick else 1_000_000)
        service.close()
    figures |= connections.measure(requests=3_200 if quick else 16_000)
    print(json.dumps({"figures": figures}, indent=2))
    if out := os.environ.get("OUT"):
        Path(out).write_text(json.dumps({"figures": figures}, indent=2) + "\n")


def _megabytes(service: Service, key: str, count: int) -> float:
    """Return the megabytes that a million lookups of unknown hashes add."""
    before = _size(service)
    for number in range(0, count, BATCH):
        answer_hashes(service, key, "pdq.1", [_hash() for _ in range(BATCH)])
        if number % (count // 10) == 0:
            print(f"asked {number} of {count}", file=sys.stderr)
    return round((_size(service) - before) / count, 1)


def _ledger(service: Service, key: str, count: int) -> dict[str, float]:
    """Return what so many lookups with a match cost the ledger."""
    wire()
    caller = authenticate(service, key)
    while sequence_events(service):
        pass
    for _ in range(count):
        match = {"entry_id": str(uuid4()), "role": "fake", "score": 0.93, "spans": [[0.0, 8.0, 0.0, 8.0]]}
        answer = {"lookup_id": str(uuid4()), "verdict": "known_fake", "matches": [match]}
        add_lookup(service, caller.caller_id, answer)
    before, began, made = _ledger_size(service), time.perf_counter(), 0
    while added := sequence_events(service):
        made += added
    took = time.perf_counter() - began
    return {
        "ledger_mb_per_million_hits": round((_ledger_size(service) - before) / made, 1),
        "ledger_s_per_million_hits": round(took / made * 1e6),
    }


def _ledger_size(service: Service) -> int:
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT sum(pg_total_relation_size(name)) AS bytes"
            " FROM unnest('{ledger_leaf,ledger_lookup,ledger_node}'::regclass[]) AS name"
        ).fetchall()
    return int(rows[0]["bytes"])


def _hash() -> str:
    return f"{secrets.randbits(256):064x}"


def _size(service: Service) -> int:
    with service.pool.transaction() as connection:
        rows = connection.execute(
            "SELECT sum(pg_total_relation_size(relid)) AS bytes FROM pg_partition_tree('lookup')"
        ).fetchall()
    return int(rows[0]["bytes"])


def _drop(service: Service, key: str, each: int) -> dict[str, float]:
    """Fill the oldest of 30 days, and drop it while others ask."""
    caller = authenticate(service, key)
    today = datetime.now(UTC).date()
    _fill(service, caller, today, each)
    asking = _Asking(service, key, caller)
    with asking.during():
        time.sleep(2)
        began = time.perf_counter()
        while not arrange_days(service, today=today):
            pass
        took = time.perf_counter() - began
        time.sleep(2)
    return {
        "drop_day_ms": round(took * 1000, 1),
        "longest_lookup_ms_meanwhile": round(asking.longest * 1000, 1),
        "lost_meanwhile": asking.lost + sum(not asking.is_there(lookup_id) for lookup_id in asking.made),
    }


def _fill(service: Service, caller: Caller, today: date, each: int) -> None:
    """Fill the day that is about to be dropped wholly, and the days after it with little."""
    for ago in range(DAYS + 1, 0, -1):
        day = today - timedelta(days=ago)
        arrange_days(service, today=day)
        with service.pool.transaction() as connection:
            fill_day(connection, caller, day, each if ago == DAYS + 1 else 1000)
        print(f"filled {day}", file=sys.stderr)


class _Asking:
    """Clients that look up unknown hashes one by one."""

    def __init__(self, service: Service, key: str, caller: Caller) -> None:
        self._service, self._key, self._caller = service, key, caller
        self._ending = threading.Event()
        self.made: list[UUID] = []
        self.longest, self.lost = 0.0, 0

    @contextmanager
    def during(self) -> Iterator[None]:
        """Ask while the context is open."""
        threads = [threading.Thread(target=self._run) for _ in range(ASKING)]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()

    def is_there(self, lookup_id: UUID) -> bool:
        """Tell whether a lookup can be fetched."""
        try:
            return get_lookup(self._service, self._caller, lookup_id) is not None
        except FakeprintError:
            return False

    def _run(self) -> None:
        while not self._ending.is_set():
            began = time.perf_counter()
            try:
                _, answer = answer_hash_of(self._service, self._key, "pdq.1", _hash())
            except FakeprintError:
                self.lost += 1
            else:
                self.made.append(UUID(answer["lookup_id"]))
            self.longest = max(self.longest, time.perf_counter() - began)


if __name__ == "__main__":
    main()
