"""Two regions on one machine: an API beside the primary, and a far one with a replica of its own, between
them a line of `ROUND_TRIP_MS`. Then the first region is lost, and the runbook's commands promote the replica.

    python -m tests.system.chaos.regions

Each figure is measured twice: with asynchronous replication, and with `remote_apply` (`…_synchronous`).

- `near_lookup_ms`, `far_lookup_ms`: median of lookups of one hash
- `withdrawn_still_found`: lookups of withdrawn entries in the far region that matched, begun after the
  withdrawal was answered in the near one
- `far_answered`: share of its lookups that the far region answered from the loss until it took writes
- `writes_back_s`: seconds from the loss until a registration of the far region succeeds. The commands are
  typed at once: what people take to decide comes on top
- `commits_lost`, `lost_ms`: commits answered with success that are gone, of about 20 a second, and how long
  before the loss the first of them was answered
"""

from __future__ import annotations

import json
import statistics
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from typing import Any, Final

import httpx2
import psycopg
from psycopg.conninfo import conninfo_to_dict

from registry.app.wiring import wire
from registry.catalogue.entries.service.registration import Registration, register_entry
from registry.identity.callers.service.keys import authenticate
from tests.support.documents import runbook
from tests.support.media import drawn
from tests.support.service import api as processes
from tests.support.service import replication
from tests.support.service import servers as services
from tests.support.service.deployment import NOWHERE
from tests.support.service.replication import Database, Pair
from tests.system.chaos import places

ROUND_TRIP_MS: Final = 80
"""About that between Frankfurt and Virginia."""
LOOKUPS: Final = 200
WITHDRAWALS: Final = 20
WRITING_SECONDS: Final = 5.0
SYNCHRONOUS: Final = (
    "ALTER SYSTEM SET synchronous_standby_names = 'ANY 1 (*)'",
    "ALTER SYSTEM SET synchronous_commit = 'remote_apply'",
    "SELECT pg_reload_conf()",
)


class Writing(threading.Thread):
    """Makes banks in the near region, and keeps when each was answered with success."""

    def __init__(self, client: httpx2.Client) -> None:
        super().__init__()
        self.made: dict[str, float] = {}
        self._client = client

    def run(self) -> None:
        for number in range(10_000):
            name = f"bank {number}"
            try:
                answer = self._client.post("/v1/banks", json={"name": name})
            except httpx2.TransportError:
                return
            if answer.status_code != 201:
                return
            self.made[name] = time.monotonic()
            time.sleep(0.05)


class Asking(threading.Thread):
    """Asks the far region for a known hash without pause; whether each was answered, and when it ended."""

    def __init__(self, client: httpx2.Client, question: dict[str, Any]) -> None:
        super().__init__()
        self.asked: list[tuple[float, bool]] = []
        self.ending = threading.Event()
        self._client, self._question = client, question

    def run(self) -> None:
        while not self.ending.is_set():
            good = self._client.post("/v1/lookups", json=self._question).status_code == 200
            self.asked.append((time.monotonic(), good))


def measure() -> dict[str, Any]:
    """Return the figures of both ways of replication."""
    wire()
    return _measure(synchronous=False) | {
        f"{name}_synchronous": value for name, value in _measure(synchronous=True).items()
    }


def _measure(*, synchronous: bool) -> dict[str, Any]:
    with ExitStack() as ends:
        pair = ends.enter_context(replication.pair())
        line = _line(pair, ends)
        database = Database(pair.primary.url, pair.replica.url)
        _follow(pair, database, line)
        for statement in SYNCHRONOUS if synchronous else ():
            _alter(database, statement)
        near, far = ends.enter_context(_regions(pair, database, line))
        here, there = ends.enter_context(near.client(near.key)), far
        known = _registered(near, database)
        figures: dict[str, Any] = {
            "near_lookup_ms": _median(here),
            "far_lookup_ms": _median(there),
            "withdrawn_still_found": _withdrawn(near, here, there, database),
        }
        return figures | _lose(pair, here, there, known)


def _alter(database: Database, statement: str) -> None:
    with psycopg.connect(database.url, autocommit=True) as connection:
        connection.execute(statement.encode())


def _line(pair: Pair, ends: ExitStack) -> int:
    """Return the port at which the far region reaches the primary."""
    assert pair.primary.sockets is not None
    forwarder = places.Forwarder(
        places.to_socket(f"{pair.primary.sockets}/.s.PGSQL.5432"), delay=ROUND_TRIP_MS / 2000
    )
    return ends.enter_context(places.loop()).listen(forwarder)


def _follow(pair: Pair, database: Database, port: int) -> None:
    """Let the replica follow over the line."""
    to = conninfo_to_dict(pair.primary.url)
    following = f"host=127.0.0.1 port={port} user={to['user']} password={to['password']}"
    for statement in (f"ALTER SYSTEM SET primary_conninfo = '{following}'", "SELECT pg_reload_conf()"):
        _alter(Database(database.replica_url, ""), statement)
    streaming = "SELECT count(*) FROM pg_stat_wal_receiver WHERE sender_port = %s"
    services.wait_until(lambda: database.on_replica(streaming, port) == 1, 60)


@contextmanager
def _regions(pair: Pair, database: Database, port: int) -> Iterator[tuple[processes.Api, httpx2.Client]]:
    to = conninfo_to_dict(database.url)
    both = f"host=127.0.0.1,{pair.replica.sockets}&port={port},5432&target_session_attrs=read-write"
    far = {
        "FAKEPRINT_DATABASE_URL": f"postgresql://{to['user']}:{to['password']}@/{to['dbname']}?{both}",
        "FAKEPRINT_REPLICA_URLS": database.replica_url,
    }
    with (
        services.open_temporary_folder("regions") as folder,
        processes.running(database.url, folder, broker_url=NOWHERE) as near,
        processes.another(near, "far", FAKEPRINT_DATA=str(folder / "far"), **far) as url,
    ):
        headers = {"Authorization": f"Bearer {near.key}"}
        client = httpx2.Client(
            base_url=url, headers=headers, timeout=60, trust_env=False, verify=processes.NOBODY
        )
        services.wait_until(lambda: client.get("/health/ready").json()["replicas"][0]["ok"], 60)
        with closing(client):
            yield near, client


def _registered(near: processes.Api, database: Database) -> dict[str, Any]:
    clip = drawn.clip("known everywhere")
    with near.service() as service:
        register_entry(service, authenticate(service, near.key), Registration(fakes=[clip]))
    database.catch_up()
    return {"type": "hash", "algorithm": "pdq.1", "value": (clip.frames[0].pdq or b"").hex()}


def _median(client: httpx2.Client) -> float:
    took = []
    for number in range(LOOKUPS):
        began = time.perf_counter()
        value = f"{number:064x}"
        answer = client.post("/v1/lookups", json={"type": "hash", "algorithm": "pdq.1", "value": value})
        assert answer.status_code == 200, answer.text
        took.append(time.perf_counter() - began)
    return round(statistics.median(took) * 1000, 1)


def _withdrawn(near: processes.Api, here: httpx2.Client, there: httpx2.Client, database: Database) -> int:
    """Withdraw entries in the near region, and count those that the far one still finds."""
    found = 0
    with near.service() as service:
        caller = authenticate(service, near.key)
        for number in range(WITHDRAWALS):
            clip = drawn.clip(f"withdrawn {number}")
            entry = register_entry(service, caller, Registration(fakes=[clip]))
            database.catch_up()
            question = {"type": "sha256", "sha256": clip.media.sha256}
            assert there.post("/v1/lookups", json=question).json()["matches"]
            place = f"/v1/entries/{entry.entry_id}/withdraw"
            assert here.post(place, json={"reason_code": "mistaken"}).status_code == 200
            found += bool(there.post("/v1/lookups", json=question).json()["matches"])
    return found


def _lose(pair: Pair, here: httpx2.Client, there: httpx2.Client, known: dict[str, Any]) -> dict[str, Any]:
    """Kill the primary amid writes, promote the replica, and say what that cost."""
    writing, asking = Writing(here), Asking(there, known)
    writing.start()
    asking.start()
    try:
        time.sleep(WRITING_SECONDS)
        pair.kill()
        lost_at = time.monotonic()
        at = {"PGDATA": str(pair.primary.data), "REPLICA": replication.address(pair.replica, "postgres")}
        for start in ("**1. Fence the old primary.**", "**2. Choose.**", "**3. Promote**"):
            replication.run(pair.replica, runbook.commands(start), **at)
        services.wait_until(
            lambda: there.post("/v1/banks", json={"name": "after"}).status_code in {201, 409}, 120
        )
        back = time.monotonic()
    finally:
        asking.ending.set()
        asking.join(60)
        writing.join(60)
    within = [good for ended, good in asking.asked if lost_at < ended <= back]
    banks = {bank["name"] for bank in there.get("/v1/banks?limit=500").json()["banks"]}
    gone = [answered for name, answered in writing.made.items() if name not in banks]
    return {
        "far_answered": round(sum(within) / len(within), 4),
        "far_lookups": len(within),
        "writes_back_s": round(back - lost_at, 1),
        "commits": len(writing.made),
        "commits_lost": len(gone),
        "lost_ms": round((lost_at - min(gone)) * 1000) if gone else 0,
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps({"figures": measure()}, indent=1) + "\n")
