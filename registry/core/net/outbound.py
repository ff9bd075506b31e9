"""Requests to untrusted URLs, safe against SSRF.

The host name is resolved once, every address is checked, and the connection uses a checked address. So DNS
rebinding has no effect. No redirects, environment proxies or cookies are used. One deadline limits the whole
attempt, even if bytes trickle. At most `MOST_BYTES` of an answer are read.
"""

from __future__ import annotations

import queue
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, override
from urllib.parse import quote, urljoin, urlsplit

import httpcore2

from registry.core.errors import TooLarge
from registry.core.errors.net import AddressRefused, BadUrl, NotFetched
from registry.core.net.model import Outcome, is_public

CONNECT_SECONDS: Final = 5.0
"""Seconds each for name resolution, connection and TLS."""
SECONDS: Final = 15.0
"""Seconds for the whole attempt."""
MOST_BYTES: Final = 65_536
"""Most bytes read of an answer's body."""
SNIPPET: Final = 500
"""Characters of the body that are kept."""
FETCH_SECONDS: Final = 30.0
"""Seconds for fetching a whole file."""
REDIRECTS: Final = 3
_PIECE: Final = 16_384
_PLAIN: Final = "%/:=&?~#+!$,;'@()*[]"
"""Characters that stay as they are in a URL; others become percent-encoded UTF-8."""
LONGEST_RETRY_AFTER: Final = 86_400.0

Resolve = Callable[[str, int], list[str]]
"""Resolves a host name to addresses. Raises `OSError` if there are none."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """The result of a request. `status`: HTTP status, if any; `retry_after` in seconds. `content_type`: only
    of `get`."""

    outcome: Outcome
    status: int | None = None
    snippet: str = ""
    retry_after: float | None = None
    content_type: str = ""


class _Failed(Exception):
    """The attempt failed for a reason that httpcore2 has no exception for."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome)
        self.outcome: Outcome = outcome


def resolve(host: str, port: int) -> list[str]:
    """Resolve with the system's resolver."""
    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


@dataclass(frozen=True, slots=True)
class Network:
    """Name resolution, trusted certificates (None: the system's), and whether `fetch` refuses http."""

    resolve: Resolve = resolve
    trusted: ssl.SSLContext | None = None
    https_only: bool = False


def post(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: bool,
    seconds: float = SECONDS,
    network: Network | None = None,
) -> Attempt:
    """POST `body` and return the result. Errors of the other side never raise.

    `private`: allow addresses that are not public.
    """
    return request(url, headers, body, private=private, seconds=seconds, network=network)[0]


def request(
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    *,
    private: bool,
    seconds: float = SECONDS,
    network: Network | None = None,
) -> tuple[Attempt, bytes]:
    """Like `post`, but also return the answer's body, up to `MOST_BYTES`."""
    all_headers = [("Content-Length", str(len(body))), *headers.items()]
    try:
        with _answer("POST", url, all_headers, body, _Backend(seconds, network, private=private)) as response:
            return _read(response)
    except _Failed as error:
        return Attempt(error.outcome), b""


def fetch(
    url: str,
    into: BinaryIO,
    *,
    private: bool,
    most: int,
    seconds: float = FETCH_SECONDS,
    network: Network | None = None,
) -> str:
    """GET a file of at most `most` bytes into `into` and return its Content-Type. Up to `REDIRECTS` redirects
    are followed; each target is checked again.

    `private`: as for `post`. Raises `BadInput` (`bad_url`, `address_refused`, `not_fetched`),
    `TooLarge`.
    """
    network = network or Network()
    deadline = time.monotonic() + seconds
    for _ in range(REDIRECTS + 1):
        if not _is_web(url):
            raise BadUrl("`url` must be an http(s) address.")
        if network.https_only and urlsplit(url).scheme != "https":
            raise BadUrl("The address must be https, also after redirects.")
        try:
            backend = _Backend(deadline - time.monotonic(), network, private=private)
            answer = _get(quote(url, safe=_PLAIN), into, most, backend)
        except _Failed as error:
            kind = AddressRefused if error.outcome == AddressRefused.code else NotFetched
            raise kind(f"The address could not be fetched: {error.outcome}.") from error
        if isinstance(answer, str):
            return answer
        url = urljoin(url, answer.location)
    raise NotFetched("The address redirects too often.")


def get(
    url: str,
    headers: Mapping[str, str],
    *,
    private: bool,
    most: int,
    seconds: float,
    network: Network | None = None,
) -> tuple[Attempt, bytes]:
    """GET an answer of at most `most` bytes, gunzipped if needed. A longer answer (such as a gzip bomb) or an
    incomplete one counts as `broken`. No redirect is followed. Errors of the other side never raise."""
    all_headers = [("Accept-Encoding", "gzip"), *headers.items()]
    try:
        with _answer("GET", url, all_headers, b"", _Backend(seconds, network, private=private)) as response:
            answer_headers = {name.lower(): value for name, value in response.headers}
            body = _unpacked(response.iter_stream(), answer_headers.get(b"content-encoding", b""), most)
    except _Failed as error:
        return Attempt(error.outcome), b""
    kind = answer_headers.get(b"content-type", b"").decode("latin-1")
    return Attempt(_outcome(response.status), response.status, content_type=kind), body


def _unpacked(pieces: Iterable[bytes], encoding: bytes, most: int) -> bytes:
    """Return the body. Raises `ValueError` if it is longer than `most`, incomplete, or has another
    encoding."""
    if encoding not in {b"", b"identity", b"gzip"}:
        raise ValueError("an encoding that was not asked for")
    unpacking = zlib.decompressobj(wbits=31) if encoding == b"gzip" else None
    body = bytearray()
    try:
        for piece in pieces:
            body += unpacking.decompress(piece, most + 1 - len(body)) if unpacking else piece
            if len(body) > most or (unpacking and unpacking.unused_data):
                raise ValueError("it is too long")  # zlib would keep data that follows the end
    except zlib.error as error:
        raise ValueError("it is no gzip") from error
    if unpacking is not None and not unpacking.eof:
        raise ValueError("it was cut off")
    return bytes(body)


@dataclass(frozen=True, slots=True)
class _Redirect:
    location: str


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


def _get(url: str, into: BinaryIO, most: int, backend: _Backend) -> str | _Redirect:
    """Return the Content-Type of what was written, or the redirect."""
    with _answer("GET", url, [("Accept", "image/*, video/*")], b"", backend) as response:
        answer_headers = {
            name.lower().decode("latin-1"): value.decode("latin-1") for name, value in response.headers
        }
        if 300 <= response.status < 400 and "location" in answer_headers:
            return _Redirect(answer_headers["location"])
        if response.status != 200:
            raise NotFetched(f"The address answered {response.status}.")
        size = 0
        for chunk in response.iter_stream():
            size += len(chunk)
            if size > most:
                raise TooLarge(f"The file at the address is larger than {most} bytes.")
            into.write(chunk)
        return answer_headers.get("content-type", "")


@contextmanager
def _answer(
    method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes, backend: _Backend
) -> Iterator[httpcore2.Response]:
    """Send a request on a connection of its own, and close it at the end. Raises `_Failed`, also for what
    goes wrong while the answer is read."""
    try:
        sent = _with_host(url, [("Connection", "close"), *headers])
        request = httpcore2.Request(method, url, headers=sent, content=body)
        trusted = backend.network.trusted or _trusted(url)
        with httpcore2.ConnectionPool(trusted, max_connections=1, network_backend=backend) as pool:
            response = pool.handle_request(request)
            try:
                yield response
            finally:
                response.close()
    except (httpcore2.TimeoutException, TimeoutError) as error:
        raise _Failed("timed_out") from error
    except httpcore2.ConnectError as error:
        raise _Failed("unreachable") from error
    except (
        httpcore2.NetworkError,
        httpcore2.ProtocolError,
        httpcore2.UnsupportedProtocol,
        ValueError,
        OSError,
    ) as error:
        raise _Failed("broken") from error


def _trusted(url: str) -> ssl.SSLContext | None:
    return None if url.startswith("http:") else ssl.create_default_context()  # 5 ms


def _with_host(url: str, headers: list[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    target = httpcore2.URL(url)
    usual = {b"http": 80, b"https": 443}.get(target.scheme)
    host = target.host if target.port in {None, usual} else b"%b:%d" % (target.host, target.port or 0)
    if b":" in target.host:
        host = b"[" + target.host + b"]" + host[len(target.host) :]
    return [(b"Host", host), *((name.encode(), value.encode()) for name, value in headers)]


def _read(response: httpcore2.Response) -> tuple[Attempt, bytes]:
    """Return the result and the body. Stop reading at the end or at `MOST_BYTES`."""
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk[: MOST_BYTES - len(body)]
        if len(body) >= MOST_BYTES:
            break
    head = bytes(body[: 4 * SNIPPET])
    snippet = head.decode("utf-8", "replace").replace("\0", "\N{REPLACEMENT CHARACTER}")[:SNIPPET]
    headers = {name.lower(): value for name, value in response.headers}
    retry_after = _retry_after(headers.get(b"retry-after", b""))
    return Attempt(_outcome(response.status), response.status, snippet, retry_after), bytes(body)


def _outcome(status: int) -> Outcome:
    if 200 <= status < 300:
        return "delivered"
    if 300 <= status < 400:
        return "redirected"
    return "gone" if status == 410 else "refused"


def _retry_after(value: bytes) -> float | None:
    """Return the seconds of Retry-After. A date is ignored, because the other clock may differ from ours."""
    if not value.isdigit() or len(value) > 9:
        return None
    return min(float(value), LONGEST_RETRY_AFTER)


class _Backend(httpcore2.NetworkBackend):
    """Connects only to checked addresses, until the deadline."""

    def __init__(self, seconds: float, network: Network | None, *, private: bool) -> None:
        """`seconds`: from now to the deadline."""
        self.network = network or Network()
        self._deadline = time.monotonic() + seconds
        self._private = private
        self._inner = httpcore2.SyncBackend()

    @override
    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = self._addresses(host, port)
        if not self._private and not all(map(is_public, addresses)):
            raise _Failed("address_refused")
        problem: Exception = httpcore2.ConnectError("the name has no address")
        for address in addresses[:4]:
            seconds = min(CONNECT_SECONDS, _remaining(self._deadline))
            try:
                return _Stream(self._inner.connect_tcp(address, port, seconds), self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                problem = error
        raise problem

    def _addresses(self, host: str, port: int) -> list[str]:
        """Return all addresses of a name. Resolve in a thread, because the system's resolver has no time
        limit."""
        results: queue.SimpleQueue[list[str] | None] = queue.SimpleQueue()

        def look_up() -> None:
            try:
                results.put(self.network.resolve(host, port))
            except (OSError, UnicodeError):
                results.put(None)

        threading.Thread(target=look_up, name="resolve", daemon=True).start()
        try:
            addresses = results.get(timeout=min(CONNECT_SECONDS, _remaining(self._deadline)))
        except queue.Empty:
            raise _Failed("timed_out") from None
        if not addresses:
            raise _Failed("unknown_name")
        return addresses


class _Stream(httpcore2.NetworkStream):
    """A connection whose operations end at the deadline."""

    def __init__(self, inner: httpcore2.NetworkStream, deadline: float) -> None:
        self._inner = inner
        self._deadline = deadline

    @override
    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, _remaining(self._deadline))

    @override
    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._inner.write(buffer[start : start + _PIECE], _remaining(self._deadline))

    @override
    def close(self) -> None:
        self._inner.close()

    @override
    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        seconds = min(CONNECT_SECONDS, _remaining(self._deadline))
        try:
            return _Stream(self._inner.start_tls(ssl_context, server_hostname, seconds), self._deadline)
        except httpcore2.ConnectError as error:
            raise _Failed("tls_failed") from error

    @override
    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


def _remaining(deadline: float) -> float:
    """Return the seconds until the deadline. Raises `_Failed` (`timed_out`) if it has passed."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise _Failed("timed_out")
    return left
