"""One request to an address that somebody gave us, from which nothing is to be feared.

The name is resolved once, every address of it is checked, and the connection goes to one that was checked: a
name that leads elsewhere a moment later leads nowhere. No redirect is followed, no proxy of the environment
used, no cookie kept. One deadline bounds the attempt, however slowly bytes drip, and an answer is read up to
`MOST_BYTES`.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, override
from urllib.parse import quote, urljoin, urlsplit

import httpcore

from registry.core.errors import BadInput, TooLarge
from registry.core.net.model import Outcome, is_public

CONNECT_SECONDS: Final = 5.0
"""For the name, the connection and TLS, each."""
SECONDS: Final = 15.0
"""For all of an attempt."""
MOST_BYTES: Final = 65_536
"""Of an answer's body; what is more is not waited for."""
SNIPPET: Final = 500
"""Characters of it that are kept."""
FETCH_SECONDS: Final = 30.0
"""For all of a file that is fetched."""
REDIRECTS: Final = 3
_PIECE: Final = 16_384
_PLAIN: Final = "%/:=&?~#+!$,;'@()*[]"
"""What stands in an address as it is; other characters are written as bytes of UTF-8."""
LONGEST_RETRY_AFTER: Final = 86_400.0

Resolve = Callable[[str, int], list[str]]
"""The addresses of a name. Raises `OSError` where there are none."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of a request. `status`: the HTTP status, where one came; `retry_after` in seconds."""

    outcome: Outcome
    status: int | None = None
    snippet: str = ""
    retry_after: float | None = None


class _Failed(Exception):
    """The attempt is over, for a reason that httpcore has no word for."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome: Outcome = outcome


def resolve(host: str, port: int) -> list[str]:
    """As the system does."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: bool,
    seconds: float = SECONDS,
    resolving: Resolve = resolve,
    trusted: ssl.SSLContext | None = None,
) -> Attempt:
    """Send `body`; what became of it. Never raises for what the other side does.

    `private`: addresses that are not public may be connected to. `trusted`: which certificates are believed;
    the system's where absent.
    """
    return ask(url, headers, body, private=private, seconds=seconds, resolving=resolving, trusted=trusted)[0]


def ask(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: bool,
    seconds: float = SECONDS,
    resolving: Resolve = resolve,
    trusted: ssl.SSLContext | None = None,
) -> tuple[Attempt, bytes]:
    """As `post`; also the answer's body, up to `MOST_BYTES` of it."""
    deadline = time.monotonic() + seconds
    backend = _Backend(deadline, resolving, private=private)
    sent = [("Connection", "close"), ("Content-Length", str(len(body))), *headers.items()]
    try:
        with httpcore.ConnectionPool(
            ssl_context=trusted or _trusted(url),
            max_connections=1,
            retries=0,
            network_backend=backend,
        ) as pool:
            request = httpcore.Request("POST", url, headers=_with_host(url, sent), content=body)
            response = pool.handle_request(request)
            try:
                return _read(response)
            finally:
                response.close()
    except _Failed as error:
        return Attempt(error.outcome), b""
    except (httpcore.TimeoutException, TimeoutError):
        return Attempt("timed_out"), b""
    except httpcore.ConnectError:
        return Attempt("unreachable"), b""
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError, OSError):
        return Attempt("broken"), b""


def fetch(
    url: str,
    into: BinaryIO,
    *,
    private: bool,
    most: int,
    seconds: float = FETCH_SECONDS,
    resolving: Resolve = resolve,
    trusted: ssl.SSLContext | None = None,
) -> str:
    """GET a file of at most `most` bytes into `into`; its Content-Type. Up to `REDIRECTS` redirects are
    followed, each to an address that is checked anew.

    `private`, `trusted`: as for `post`. Raises `BadInput` (`bad_url`, `address_refused`, `not_fetched`),
    `TooLarge`.
    """
    deadline = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        if not _is_web(url):
            raise BadInput("`url` must be an http(s) address.", code="bad_url")
        try:
            backend = _Backend(deadline, resolving, private=private)
            found = _get(quote(url, safe=_PLAIN), into, most, backend, trusted)
        except _Failed as error:
            code = "address_refused" if error.outcome == "address_refused" else "not_fetched"
            raise BadInput(f"The address could not be fetched: {error.outcome}.", code=code) from error
        except (
            httpcore.TimeoutException,
            httpcore.NetworkError,
            httpcore.ProtocolError,
            ValueError,
            OSError,
        ) as error:
            raise BadInput(
                f"The address could not be fetched ({type(error).__name__}).", code="not_fetched"
            ) from error
        if isinstance(found, str):
            return found
        url = urljoin(url, found.location)
    raise BadInput("The address redirects too often.", code="not_fetched")


def get(
    url: str,
    headers: Mapping[str, str],
    *,
    private: bool,
    most: int,
    seconds: float,
    resolving: Resolve = resolve,
    trusted: ssl.SSLContext | None = None,
) -> tuple[Attempt, bytes]:
    """GET an answer of at most `most` bytes, unpacked where it is gzip: a bomb is cut off there, and is
    `broken`, as what is not whole. No redirect is followed. Never raises for what the other side does."""
    backend = _Backend(time.monotonic() + seconds, resolving, private=private)
    sent = [("Accept-Encoding", "gzip"), ("Connection", "close"), *headers.items()]
    try:
        with httpcore.ConnectionPool(
            ssl_context=trusted or _trusted(url),
            max_connections=1,
            retries=0,
            network_backend=backend,
        ) as pool:
            response = pool.handle_request(httpcore.Request("GET", url, headers=_with_host(url, sent)))
            try:
                said = {name.lower(): value for name, value in response.headers}
                body = _unpacked(response.iter_stream(), said.get(b"content-encoding", b""), most)
            finally:
                response.close()
    except _Failed as error:
        return Attempt(error.outcome), b""
    except (httpcore.TimeoutException, TimeoutError):
        return Attempt("timed_out"), b""
    except httpcore.ConnectError:
        return Attempt("unreachable"), b""
    except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.UnsupportedProtocol, ValueError, OSError):
        return Attempt("broken"), b""
    return Attempt(_outcome(response.status), response.status), body


def _unpacked(pieces: Iterable[bytes], encoding: bytes, most: int) -> bytes:
    """The body. Raises `ValueError` where it is longer than `most`, not whole, or packed otherwise."""
    if encoding not in {b"", b"identity", b"gzip"}:
        raise ValueError("an encoding that was not asked for")
    unpacking = zlib.decompressobj(wbits=31) if encoding == b"gzip" else None
    found = bytearray()
    try:
        for piece in pieces:
            found += unpacking.decompress(piece, most + 1 - len(found)) if unpacking else piece
            if len(found) > most or (unpacking and unpacking.unused_data):
                raise ValueError("it is too long")  # zlib would hold what comes after the end
    except zlib.error as error:
        raise ValueError("it is no gzip") from error
    if unpacking is not None and not unpacking.eof:
        raise ValueError("it was cut off")
    return bytes(found)


@dataclass(frozen=True, slots=True)
class _Elsewhere:
    location: str


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _get(
    url: str, into: BinaryIO, most: int, backend: _Backend, trusted: ssl.SSLContext | None
) -> str | _Elsewhere:
    """The Content-Type of what was written, or where it is."""
    with httpcore.ConnectionPool(
        ssl_context=trusted or _trusted(url),
        max_connections=1,
        retries=0,
        network_backend=backend,
    ) as pool:
        headers = _with_host(url, [("Accept", "image/*, video/*"), ("Connection", "close")])
        response = pool.handle_request(httpcore.Request("GET", url, headers=headers))
        try:
            said = {
                name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers
            }
            if 300 <= response.status < 400 and "location" in said:
                return _Elsewhere(said["location"])
            if response.status != 200:
                raise BadInput(f"The address answered {response.status}.", code="not_fetched")
            size = 0
            for chunk in response.iter_stream():
                size += len(chunk)
                if size > most:
                    raise TooLarge(f"The file at the address is larger than {most} bytes.")
                into.write(chunk)
            return said.get("content-type", "")
        finally:
            response.close()


def _trusted(url: str) -> ssl.SSLContext | None:
    return None if url.startswith("http:") else ssl.create_default_context()  # 5 ms


def _with_host(url: str, headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    asked = httpcore.URL(url)
    usual = {b"http": 80, b"https": 443}.get(asked.scheme)
    host = asked.host if asked.port in {None, usual} else b"%b:%d" % (asked.host, asked.port or 0)
    if b":" in asked.host:
        host = b"[" + asked.host + b"]" + host[len(asked.host) :]
    return [(b"Host", host), *((name.encode(), value.encode()) for name, value in headers)]


def _read(response: httpcore.Response) -> tuple[Attempt, bytes]:
    """The answer's meaning, once its body has come to its end or to the most that is read, and that body."""
    found = bytearray()
    for chunk in response.iter_stream():
        found += chunk[: MOST_BYTES - len(found)]
        if len(found) >= MOST_BYTES:
            break
    head = bytes(found[: 4 * SNIPPET])
    snippet = head.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:SNIPPET]
    said = {name.lower(): value for name, value in response.headers}
    later = _retry_after(said.get(b"retry-after", b""))
    return Attempt(_outcome(response.status), response.status, snippet, later), bytes(found)


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return "delivered"
    if 300 <= status < 400:
        return "redirected"
    return "gone" if status == 410 else "refused"


def _retry_after(value: bytes) -> float | None:
    """Seconds that the endpoint asks to wait; a date is not read, since its clock is not ours."""
    if not value.isdigit() or len(value) > 9:
        return None
    return min(float(value), LONGEST_RETRY_AFTER)


class _Backend(httpcore.NetworkBackend):
    """Connects to addresses that were checked, until the deadline."""

    def __init__(self, deadline: float, resolving: Resolve, *, private: bool) -> None:
        self._deadline = deadline
        self._resolving = resolving
        self._private = private
        self._inner = httpcore.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if not self._private and not all(map(is_public, addresses)):
            raise _Failed("address_refused")
        problem: Exception = httpcore.ConnectError("the name has no address")
        for address in addresses[:4]:
            seconds = min(CONNECT_SECONDS, _left(self._deadline))
            try:
                return _Stream(self._inner.connect_tcp(address, port, seconds), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    def _addresses(self, host: str, port: int) -> list[str]:
        """All of a name. In a thread, because the system's resolver keeps no time limit of ours."""
        found: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

        def ask() -> None:
            try:
                found.put(self._resolving(host, port))
            except (OSError, UnicodeError):
                found.put(None)

        threading.Thread(target=ask, name="resolve", daemon=True).start()
        try:
            addresses = found.get(timeout=min(CONNECT_SECONDS, _left(self._deadline)))
        except queue.Empty:
            raise _Failed("timed_out") from None
        if not addresses:
            raise _Failed("unknown_name")
        return addresses


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing goes on after the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _left(self._deadline))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _left(self._deadline))

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        seconds = min(CONNECT_SECONDS, _left(self._deadline))
        try:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._deadline)
        except httpcore.ConnectError as error:
            raise _Failed("tls_failed") from error

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _left(deadline: float) -> float:
    """Seconds until the deadline. Raises `_Failed` (`timed_out`) where none is left."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Failed("timed_out")
    return left
