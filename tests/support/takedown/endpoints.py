"""Endpoints for webhooks on this machine, honest and malicious ones."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import trustme

Answer = Callable[[socket.socket, "Received"], None]
"""A function that handles a connection after the request was read."""


@dataclass(frozen=True)
class Received:
    """A received request."""

    target: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Endpoint:
    """A loopback server that reads one request from each connection, stores it and calls `answer`."""

    answer: Answer
    received: list[Received] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"

    def url(self, path: str = "/hook", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    def bodies(self) -> list[bytes]:
        return [item.body for item in self.received]


@contextmanager
def endpoint(
    answer: Answer, tls: ssl.SSLContext | None = None, *, address: str = "127.0.0.1", port: int = 0
) -> Iterator[Endpoint]:
    """Serve until the block ends. Connections that hang are then closed."""
    made = Endpoint(answer, scheme="https" if tls else "http")
    listening = socket.create_server((address, port))
    made.port = listening.getsockname()[1]
    ended = threading.Event()
    open_ones: list[socket.socket] = []

    def serve(connection: socket.socket) -> None:
        with suppress(OSError, ssl.SSLError, ValueError), connection:
            connection.settimeout(20)
            talking = tls.wrap_socket(connection, server_side=True) if tls else connection
            with talking:
                request = _read(talking)
                made.received.append(request)
                made.answer(talking, request)

    def accept() -> None:
        while not ended.is_set():
            with suppress(OSError):
                connection, _ = listening.accept()
                open_ones.append(connection)
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        ended.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        for connection in open_ones:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _read(connection: socket.socket) -> Received:
    raw = b""
    while b"\r\n\r\n" not in raw:
        chunk = connection.recv(65_536)
        if not chunk:
            raise OSError("the request ended early")
        raw += chunk
        if not raw[:1].isalpha():  # TLS, sent to a server without TLS
            connection.sendall(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            raise OSError("the request is no HTTP")
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        body += connection.recv(65_536)
    return Received(first.split(" ")[1], headers, body)


def says(status: int, body: bytes = b"", **headers: str) -> Answer:
    """Answer with a status."""

    def answer(connection: socket.socket, _: Received) -> None:
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + body)

    return answer


def hangs(connection: socket.socket, _: Received) -> None:
    """Never answer."""
    with suppress(OSError):
        connection.recv(1)


def lies(connection: socket.socket, _: Received) -> None:
    """Answer 200 and announce a body, then drop the connection."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart of it")


def floods(connection: socket.socket, _: Received) -> None:
    """Answer 200 and send an endless body."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")
    for _times in range(100_000):
        connection.sendall(b"x" * 65_536)


def drips(connection: socket.socket, _: Received) -> None:
    """Send the head of a response endlessly, one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def drips_body(connection: socket.socket, _: Received) -> None:
    """Answer 200, then send the body one byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while True:
        connection.sendall(b"x")
        time.sleep(0.1)


def babbles(connection: socket.socket, _: Received) -> None:
    """Answer with something that is not HTTP."""
    connection.sendall(b"\x00\x01 this is no answer\r\n\r\n")


@dataclass(frozen=True)
class Certificate:
    """A server's TLS context, and that of a client which trusts it."""

    server: ssl.SSLContext
    client: ssl.SSLContext


def certificate(name: str = "localhost", *, expired: bool = False) -> Certificate:
    """Create a certificate for a DNS name, of an authority that nobody else knows."""
    authority = trustme.CA()
    until = datetime.now(UTC) - timedelta(days=1) if expired else None
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, "192.0.2.1", not_after=until).configure_cert(server)
    trusted = authority.cert_pem.bytes().decode()
    return Certificate(server, ssl.create_default_context(cadata=trusted))
