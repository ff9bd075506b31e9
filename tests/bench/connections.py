"""How many connections of PostgreSQL 40 API processes hold by PgBouncer, while all are asked."""

from __future__ import annotations

import secrets
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import psutil
import psycopg

from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.pooler import pgbouncer

PROCESSES = 40
MOST = 200
ASKING = 160
"""Clients that ask at once, four a process."""
POOLED = 60
SERVING = "spawn_main"
"""What the command line of a process of `serve --workers` says."""
NAMES = (
    "SELECT application_name, count(*) FROM pg_stat_activity"
    " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() GROUP BY 1"
)


def measure(*, requests: int) -> dict[str, float]:
    """Ask `serve --workers 40` by many clients, and return the most connections that a server of 200 had,
    and the answers that were none."""
    with (
        services.postgres(settings={"max_connections": str(MOST)}) as server,
        server.clone() as url,
        pgbouncer(server, default_pool_size=POOLED) as pooler,
        services.open_temporary_folder("connections") as folder,
        processes.running(url, folder, "--workers", str(PROCESSES), pooler_url=pooler.address(url)) as api,
    ):
        most: Counter[str] = Counter()
        ending = threading.Event()
        watching = threading.Thread(target=_watch, args=(url, most, ending))
        watching.start()
        answered = _ask(api, requests)
        ending.set()
        watching.join()
        children = psutil.Process(api.pid).children()
        serving = sum(SERVING in " ".join(child.cmdline()) for child in children)
        said = f"{serving} processes; most at once {dict(most)}; answers {dict(answered)}"
        print(said, file=sys.stderr)
    return {
        "server_connections_40_processes": most["all"],
        "api_processes": serving,
        "answers_refused": answered.total() - answered[200] - answered[202],
    }


def _watch(url: str, most: Counter[str], ending: threading.Event) -> None:
    with psycopg.connect(url, autocommit=True, application_name="bench") as connection:
        while not ending.wait(0.05):
            now: Counter[str] = Counter(dict(connection.execute(NAMES).fetchall()))
            now["all"] = now.total()
            for name, count in now.items():
                most[name] = max(most[name], count)


def _ask(api: processes.Api, requests: int) -> Counter[int]:
    def ask(number: int) -> Counter[int]:
        found: Counter[int] = Counter()
        with api.client(api.key) as client:  # a connection of its own, which one of the processes takes
            for _ in range(requests // ASKING):
                value = f"{secrets.randbits(256):064x}"
                by_hash = {"type": "hash", "algorithm": "pdq.1", "value": value}
                question = by_hash if number % 2 else {"type": "sha256", "sha256": value}
                found[client.post("/v1/lookups", json=question).status_code] += 1
            # A file is a job for workers: the process that takes it opens its connection to the broker.
            file = {"file": ("a", secrets.token_bytes(100))}
            taken = client.post("/v1/lookups", files=file, headers={"Prefer": "respond-async"})
            found[taken.status_code] += 1
        return found

    with ThreadPoolExecutor(ASKING) as threads:
        return sum(threads.map(ask, range(ASKING)), Counter())
