"""HTTP protocol limits that uvicorn lacks: size and time of a request's head, and time of a short body.
`bodies` limits what follows."""

from __future__ import annotations

import asyncio
from collections import Counter
from http import HTTPStatus
from ipaddress import IPv4Address, ip_address
from typing import ClassVar, Final, override
from uuid import uuid4

import orjson
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from registry.core.errors import BadInput, BodyStalled, FakeprintError, HeadTooLarge
from registry.core.http import problems
from registry.core.http.edge import HEADER

HEAD_BYTES: Final = 64 << 10
"""Most bytes that a connection may hold without a complete head or a complete piece of a body. The parser
keeps them in memory."""
LONG_HEAD_BYTES: Final = 512 << 10
"""The same where an address may hold a list of hashes (`LISTED`): 5,400 frames of vPDQ."""
LISTED: Final = (b"/m/lookup?", b"/m/raw_lookup?")
LONG_HEADS: Final = 16
"""Most connections of a process with a head longer than `HEAD_BYTES` that is not complete ..."""
LONG_HEADS_OF_ONE: Final = 4
"""... and of one client address. A proxy sends a head at once, so its clients do not share this for long."""
PIECES: Final = 2048
"""Most pieces in which a head, or what lies between two pieces of a body, may come. Each piece costs the
event loop time, and the parser copies what it keeps. A long head has about 400 pieces on the internet."""
LONGEST_PARSED: Final = 60_000
"""Characters of an address that httptools can parse: it keeps lengths in 16 bits."""
HEAD_SECONDS: Final = 65.0
"""Seconds for a head, from its first byte or the start of the connection. A body no longer than `HEAD_BYTES`
has the same time again."""
FIRST_SECONDS: Final = 0.5
"""Seconds in which a new connection may still bring its request while the process shuts down."""


class Protocol(HttpToolsProtocol):
    """One connection. Invalid HTTP or an oversized head is answered with a problem, then the connection
    closes."""

    _unended = 0
    _pieces = 0
    _in_head = True
    _incomplete = True
    _deadline: asyncio.TimerHandle | None = None
    _ending = False
    _long: str | None = None
    _long_heads: ClassVar[Counter[str]] = Counter()

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._set_deadline()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._drop_deadline()
        self._end_long_head()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._unended += len(data)
        self._pieces += 1
        super().data_received(data)
        if self.transport.is_closing():
            return
        if self._unended > HEAD_BYTES and not self._may_be_long():
            self._refuse(HeadTooLarge(f"The request's headers are longer than {HEAD_BYTES} bytes."))
        elif self._pieces > PIECES:
            self._refuse(HeadTooLarge(f"The request's headers come in more than {PIECES} pieces."))
        elif self._incomplete and self._deadline is None and (self._in_head or self._short):
            self._set_deadline()

    @override
    def shutdown(self) -> None:
        """Close the connection, or after the answer that is under way. uvicorn also closes a connection that
        was just accepted, and its request would be lost."""
        self._ending = True
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            self.loop.call_later(FIRST_SECONDS, super().shutdown)
        else:
            super().shutdown()

    @override
    def on_message_begin(self) -> None:
        self._in_head = self._incomplete = True
        super().on_message_begin()
        # uvicorn appends each piece to the address. That copies bytes, but extends a bytearray.
        self.url = bytearray()  # type: ignore[assignment]

    @override
    def on_headers_complete(self) -> None:
        self._in_head = False
        self.url = bytes(self.url)
        self._ended()
        self._drop_deadline()
        self._end_long_head()
        query = b""
        if listed := len(self.url) > LONGEST_PARSED and self.url.startswith(LISTED):
            self.url, _, query = self.url.partition(b"?")
        super().on_headers_complete()
        # The request is handled after this callback, and takes its query from here.
        if listed:
            self.scope["query_string"] = query
        if self._ending and self._answering:
            self.cycle.keep_alive = False

    @override
    def on_header(self, name: bytes, value: bytes) -> None:
        # Headers after a chunked body (trailers) are ignored.
        if self._in_head:
            super().on_header(name, value)

    @override
    def on_body(self, body: bytes) -> None:
        self._ended()
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._ended()
        self._incomplete = False
        self._drop_deadline()
        super().on_message_complete()

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse(BadInput("What was sent is no HTTP request."))

    def _refuse(self, error: FakeprintError) -> None:
        if self._answering and self.cycle.response_started:
            # An answer has begun: only closing the connection shows that it is incomplete.
            self.transport.close()
            return
        request_id = uuid4().hex
        content = orjson.dumps(error.problem() | problems.instance(request_id))
        head = f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
        head += f"Content-Type: application/problem+json\r\nContent-Length: {len(content)}\r\n"
        head += f"{HEADER}: {request_id}\r\n"
        self.transport.write(f"{head}Connection: close\r\n\r\n".encode() + content)
        self.transport.close()

    def _may_be_long(self) -> bool:
        """Return whether the head may be longer than `HEAD_BYTES`, and count it then."""
        if not self._in_head or self._unended > LONG_HEAD_BYTES or not self.url.startswith(LISTED):
            return False
        if self._long is None:
            heads, network = Protocol._long_heads, _network(self.client)
            if heads.total() < LONG_HEADS and heads[network] < LONG_HEADS_OF_ONE:
                self._long = network
                heads[network] += 1
        return self._long is not None

    def _end_long_head(self) -> None:
        if self._long is not None:
            Protocol._long_heads -= Counter([self._long])
            self._long = None

    def _ended(self) -> None:
        """Count from zero: the head or the piece of a body is complete."""
        self._unended = self._pieces = 0

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(HEAD_SECONDS, self._late)

    def _drop_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    @property
    def _answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    @property
    def _short(self) -> bool:
        """Whether the announced body is short enough that no endpoint stops reading it half-way."""
        length = next((value for name, value in self.headers if name == b"content-length"), b"")
        return length.isdigit() and int(length) <= HEAD_BYTES

    def _late(self) -> None:
        if self.flow.read_paused or (self._in_head and self._answering):
            # The next request is not read while this one is answered.
            self._set_deadline()
        elif self._in_head:
            self.transport.close()
        else:
            self._refuse(BodyStalled("The body did not come."))


def _network(client: tuple[str, int] | None) -> str:
    """Return the address of a client; of IPv6 its /64, whose addresses belong to one client."""
    if client is None:
        return ""
    address = ip_address(client[0])
    if isinstance(address, IPv4Address) or address.ipv4_mapped:
        return str(address)
    return str(int(address) >> 64)
