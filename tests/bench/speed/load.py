"""Clients that ask one question after another, all in this thread: little more than the sockets themselves.

Requests are bytes made before; what this costs is a few hundredths of a millisecond each, and is told apart.
"""

from __future__ import annotations

import json
import selectors
import socket
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from tests.bench.speed.cluster import Gauge

TYPE_JSON: Final = "application/json"
_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"content-length:"
_CLOSING: Final = b"\r\nconnection: close"


@dataclass(frozen=True, slots=True)
class Load:
    """What so many clients saw. `ms`: (n,) milliseconds of each answer, in the order of the questions asked;
    `answers`: their bodies where they were kept. CPU milliseconds of each process and question."""

    clients: int
    seconds: float
    ms: NDArray[np.float64]
    answers: tuple[bytes, ...]
    service_ms: float
    database_ms: float
    own_ms: float

    @property
    def per_second(self) -> float:
        return len(self.ms) / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that so many of a hundred answers took at most."""
        return float(np.percentile(self.ms, share))


@dataclass(slots=True)
class _Client:
    """One connection: the question it waits for, since when, and what has come of the answer. `over`: the
    service closes it after this answer, so that the next question needs another."""

    link: socket.socket
    question: int = -1
    since: float = 0.0
    came: bytearray = field(default_factory=bytearray)
    over: bool = False

    def close(self) -> None:
        self.link.close()


def request(url: str, path: str, key: str, body: object, *, kind: str = TYPE_JSON) -> bytes:
    """A POST as bytes. `body`: bytes, or what is sent as JSON."""
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = {
        "Host": urlsplit(url).netloc,
        "Authorization": f"Bearer {key}",
        "Content-Type": kind,
        "Content-Length": str(len(sent)),
    }
    return _bytes("POST", path, head) + sent


def _bytes(method: str, path: str, head: Mapping[str, str]) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in head.items())]
    return "\r\n".join(lines).encode() + _END


def get(url: str, path: str) -> bytes:
    """A GET as bytes."""
    return _bytes("GET", path, {"Host": urlsplit(url).netloc})


def drive(
    url: str,
    requests: Sequence[bytes],
    *,
    clients: int,
    service: Gauge | None = None,
    database: Gauge | None = None,
    seconds: float | None = None,
    keep: bool = False,
) -> Load:
    """Ask all of `requests` once, or over and over for so many seconds; answers are kept if `keep`.

    Raises `RuntimeError` for an answer that is no 2xx.
    """
    before = [gauge.cpu() if gauge else 0.0 for gauge in (service, database)]
    own = time.thread_time()
    spent, ms, answers = _drive(url, requests, clients, seconds, keep=keep)
    own = time.thread_time() - own
    after = [gauge.cpu() if gauge else 0.0 for gauge in (service, database)]
    cost = [1000 * (late - early) / len(ms) for early, late in zip(before, after, strict=True)]
    return Load(clients, spent, np.array(ms) * 1000, tuple(answers), cost[0], cost[1], 1000 * own / len(ms))


def _drive(
    url: str, requests: Sequence[bytes], clients: int, seconds: float | None, *, keep: bool
) -> tuple[float, list[float], list[bytes]]:
    ms: dict[int, float] = {}
    answers: dict[int, bytes] = {}
    count = 0
    with selectors.DefaultSelector() as selector, ExitStack() as links:
        began = time.perf_counter()
        ends = began + seconds if seconds else None
        waiting = 0
        for _ in range(min(clients, len(requests))):
            client = _Client(_connect(url))
            links.callback(client.close)
            selector.register(client.link, selectors.EVENT_READ, client)
            _ask(client, count, requests)
            count += 1
            waiting += 1
        while waiting:
            for key, _ in selector.select():
                client = key.data
                body = _read(client)
                if body is None:
                    continue
                now = time.perf_counter()
                ms[client.question] = now - client.since
                if keep:
                    answers[client.question] = body
                more = count < len(requests) if ends is None else now < ends
                if more:
                    if client.over:
                        _again(client, url, selector)
                    _ask(client, count, requests)
                    count += 1
                else:
                    waiting -= 1
                    selector.unregister(client.link)
        spent = time.perf_counter() - began
    return spent, [ms[number] for number in sorted(ms)], [answers[answer] for answer in sorted(answers)]


def _connect(url: str) -> socket.socket:
    place = urlsplit(url)
    link = socket.create_connection((place.hostname or "", place.port or 80))
    link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return link


def _again(client: _Client, url: str, selector: selectors.BaseSelector) -> None:
    """Another connection in place of one that is over, as every client of such a service has to make one."""
    selector.unregister(client.link)
    client.close()
    client.link, client.over = _connect(url), False
    selector.register(client.link, selectors.EVENT_READ, client)


def _ask(client: _Client, number: int, requests: Sequence[bytes]) -> None:
    client.question = number
    client.came.clear()
    client.since = time.perf_counter()
    client.link.sendall(requests[number % len(requests)])


def _read(client: _Client) -> bytes | None:
    """The body, once all of it has come."""
    more = client.link.recv(1 << 18)
    if not more:
        message = "the service closed the connection"
        raise RuntimeError(message)
    client.came += more
    head = client.came.find(_END)
    if head < 0:
        return None
    lowered = bytes(client.came[:head]).lower()
    client.over = _CLOSING in lowered
    at = lowered.find(_LENGTH)
    if at < 0:
        body = _chunked(client.came, head + len(_END))
    else:
        length = int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0])
        start = head + len(_END)
        body = bytes(client.came[start : start + length]) if len(client.came) >= start + length else None
    if body is not None and not lowered.startswith(b"http/1.1 2"):
        message = f"{lowered[:40].decode()} {body[:300].decode(errors='replace')}"
        raise RuntimeError(message)
    return body


def _chunked(came: bytearray, at: int) -> bytes | None:
    """The body of an answer that comes in chunks, once its last has come."""
    parts: list[bytes] = []
    while (end := came.find(b"\r\n", at)) >= 0:
        size = int(came[at:end].split(b";")[0], 16)
        if len(came) < end + 2 + size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(bytes(came[end + 2 : end + 2 + size]))
        at = end + 4 + size
    return None


def read(answers: Sequence[bytes]) -> list[dict[str, Any]]:
    """The answers, read."""
    return [json.loads(answer) for answer in answers]
