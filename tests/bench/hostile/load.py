"""Load that hurts: a caller far over its rate, 2,000 slow connections, and a bank whose entries are alike.

Everything is measured as callers see it, through a real `fakeprint serve`, alone and beside in turns: other
work on the machine is then in both.
"""

from __future__ import annotations

import http.client
import json
import math
import secrets
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from registry.app.wiring import wire
from registry.identity.callers.service.keys import authenticate
from tests.bench.registry import importing, watches
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

NEIGHBOURS: Final = 10
RATE: Final = 8.0
"""Lookups a second of a caller. The neighbours stay at half of it; the other sends ten times as many."""
TURN: Final = 6.0
"""Seconds of one turn, alone or beside."""
TURNS: Final = 5
SLOW: Final = 2000
ALIKE: Final = 100_000
QUESTIONS: Final = 40
MOST_SECONDS: Final = 2.0
"""Longest answer to a query that matches all entries of that bank."""


@dataclass
class Caller:
    """Lookups of random hashes over one connection, at a steady rate. `waits`: seconds since each was due."""

    url: str
    key: str
    waits: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def run(self, rate: float, ends: float) -> None:
        connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=60)
        due = time.perf_counter() + secrets.randbelow(1000) / 1000 / rate
        while due < ends:
            time.sleep(max(0.0, due - time.perf_counter()))
            body = json.dumps({"type": "hash", "algorithm": "pdq.1", "value": secrets.token_hex(32)})
            headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
            connection.request("POST", "/v1/lookups", body, headers)
            answered = connection.getresponse()
            answered.read()
            self.waits.append(time.perf_counter() - due)
            self.statuses[answered.status] = self.statuses.get(answered.status, 0) + 1
            due += 1 / rate
        connection.close()


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Measure all parts; return the figure of fairness, and say the others on standard error."""
    with _serving(caller_rate=RATE) as api:
        ratio = _fairness(api)
    with _serving() as api:
        _slow(api, SLOW // 10 if quick else SLOW)
        _alike(api, ALIKE // 10 if quick else ALIKE)
    if not quick:
        say("watches", watches.measure(1_000_000))
    return {"fair_p99_ratio": ratio}


@contextmanager
def _serving(**settings: Any) -> Iterator[Api]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(stack.enter_context(services.postgres()).clone())
        yield stack.enter_context(processes.running(url, folder, **settings))


def _fairness(api: Api) -> float:
    """Return the p99 of ten callers beside one at ten times its rate, divided by their p99 alone."""
    keys = [_key(api) for _ in range(NEIGHBOURS + 1)]
    waits: dict[bool, list[float]] = {False: [], True: []}
    refused: dict[int, int] = {}
    for turn in range(2 * TURNS):
        beside = turn % 2 == 1
        neighbours = [Caller(api.url, key) for key in keys[1:]]
        greedy = [Caller(api.url, keys[0]) for _ in range(4)]
        ends = time.perf_counter() + TURN
        threads = [threading.Thread(target=caller.run, args=(RATE / 2, ends)) for caller in neighbours]
        threads += [
            threading.Thread(target=caller.run, args=(RATE * 10 / 4, ends)) for caller in greedy if beside
        ]
        _together(threads)
        waits[beside] += [wait for caller in neighbours for wait in caller.waits]
        for caller in greedy:
            for status, count in caller.statuses.items():
                refused[status] = refused.get(status, 0) + count
    alone, other = p99(waits[False]), p99(waits[True])
    say(
        "fairness",
        {"p99_alone_ms": alone * 1000, "p99_beside_ms": other * 1000, "answers_of_the_greedy": refused},
    )
    return round(other / alone, 2)


def _slow(api: Api, count: int) -> None:
    """Hold so many connections that send one byte a second, and look up beside them."""
    key = _key(api)
    before, beside = Caller(api.url, key), Caller(api.url, key)
    before.run(20, time.perf_counter() + TURN)
    host, _, port = urlsplit(api.url).netloc.partition(":")
    opened: list[socket.socket] = []
    for _ in range(count):
        with suppress(OSError):
            connection = socket.create_connection((host, int(port)), timeout=5)
            connection.send(b"POST /v1/lookups HTTP/1.1\r\nX: ")
            opened.append(connection)
    over = threading.Event()

    def drip() -> None:
        while not over.wait(1):
            for connection in opened:
                with suppress(OSError):
                    connection.send(b"a")

    thread = threading.Thread(target=drip)
    thread.start()
    beside.run(20, time.perf_counter() + TURN)
    over.set()
    thread.join()
    for connection in opened:
        connection.close()
    found = {
        "opened": len(opened),
        "p99_alone_ms": p99(before.waits) * 1000,
        "p99_beside_ms": p99(beside.waits) * 1000,
    }
    say("slow connections", found | {"statuses": beside.statuses})


def _alike(api: Api, count: int) -> None:
    """Fill a bank with entries whose hashes differ in a few bits, and ask for what matches all of them."""
    wire()
    base = int.from_bytes(secrets.token_bytes(32))
    with api.service() as service:
        began = time.perf_counter()
        importing.take_all(service, authenticate(service, api.key), _near(base, count))
        filled = time.perf_counter() - began
    with api.client(api.key) as client:
        waits, statuses, sizes = [], set(), []
        for number in range(QUESTIONS):
            value = f"{base ^ (1 << number):064x}"
            asked = time.perf_counter()
            answered = client.post("/v1/lookups", json={"type": "hash", "algorithm": "pdq.1", "value": value})
            waits.append(time.perf_counter() - asked)
            statuses.add(answered.status_code)
            sizes.append(len(answered.content))
    worst = max(waits)
    found = {"entries": count, "filled_s": filled, "p50_ms": sorted(waits)[len(waits) // 2] * 1000}
    say(
        "a bank of entries alike",
        found | {"worst_ms": worst * 1000, "statuses": statuses, "bytes": max(sizes)},
    )
    if statuses != {200} or worst > MOST_SECONDS:
        say("a bank of entries alike", "gives way")


def _near(base: int, count: int) -> Iterator[bytes]:
    """Yield a list of hashes that differ from `base` in two to four bits, all distinct."""
    yield b"type,value,title\n"
    pairs = ((a, b, c) for a in range(256) for b in range(a) for c in range(0, b, 17))
    rows = []
    for number, bits in zip(range(count), pairs, strict=False):
        value = base
        for bit in bits:
            value ^= 1 << bit
        rows.append(f"pdq,{value:064x},fake {number}\n")
        if len(rows) == 1000:
            yield "".join(rows).encode()
            rows = []
    yield "".join(rows).encode()


def _key(api: Api) -> str:
    with api.stranger("lookup") as client:
        return client.headers["authorization"].removeprefix("Bearer ")


def _together(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def p99(waits: Sequence[float]) -> float:
    """Return the nearest rank."""
    return sorted(waits)[max(0, math.ceil(len(waits) * 0.99) - 1)]


def say(part: str, found: object) -> None:
    print(f"  {part}: {found}", file=sys.stderr, flush=True)
