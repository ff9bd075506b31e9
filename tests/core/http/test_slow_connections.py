"""Connections that dawdle, without a network: the time they have is over when the test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.config import Config
from uvicorn.server import ServerState

from registry.core.http import protocol_limits
from registry.core.http.protocol_limits import Protocol


async def app(_scope: Scope, receive: Receive, send: Send) -> None:
    """Answers once the body is there."""
    while (message := await receive()).get("more_body"):
        pass
    if message["type"] == "http.request":
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


class Wire(asyncio.Transport):
    """What is written, until it is closed."""

    def __init__(self, address: str = "192.0.2.1") -> None:
        super().__init__({"peername": (address, 40_000)})
        self.written = b""
        self.closed = asyncio.Event()

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def close(self) -> None:
        self.closed.set()

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def pause_reading(self) -> None:
        return

    def resume_reading(self) -> None:
        return


def _connected(answers: ASGIApp = app, address: str = "192.0.2.1") -> tuple[Protocol, Wire]:
    config = Config(answers, log_config=None, lifespan="off")
    protocol, transport = Protocol(config, ServerState(), {}), Wire(address)
    protocol.connection_made(transport)
    return protocol, transport


def run(steps: Callable[[], Coroutine[Any, Any, None]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_limits, "HEAD_SECONDS", 0.02)
    asyncio.run(asyncio.wait_for(steps(), 30))


@pytest.mark.parametrize("sent", [b"", b"GET /", b"GET / HTTP/1.1\r\nHost: x\r\n"])
def test_a_head_that_does_not_end_is_let_go(sent: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        protocol, transport = _connected()
        if sent:
            protocol.data_received(sent)
        await transport.closed.wait()
        assert transport.written == b""

    run(steps, monkeypatch)


def test_a_short_body_that_does_not_come_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        protocol, transport = _connected()
        protocol.data_received(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        protocol.data_received(b"1234")
        await transport.closed.wait()
        assert transport.written.startswith(b"HTTP/1.1 408 ")
        assert b'"code":"body_stalled"' in transport.written

    run(steps, monkeypatch)


def test_slow_answers_are_not_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        over = asyncio.Event()

        async def slow(scope: Scope, receive: Receive, send: Send) -> None:
            await over.wait()
            await app(scope, receive, send)

        protocol, transport = _connected(slow)
        # And the beginning of the next request behind it.
        protocol.data_received(b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\n12345GET / HTTP")
        await asyncio.sleep(0.1)
        assert not transport.is_closing()
        over.set()
        await transport.closed.wait()
        assert transport.written.startswith(b"HTTP/1.1 204 ")

    run(steps, monkeypatch)


def test_long_bodies_are_accepted_where_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        protocol, transport = _connected()
        protocol.data_received(b"POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n1234")
        await asyncio.sleep(0.1)
        assert not transport.is_closing()
        protocol.data_received(b"x" * (100_000 - 4))
        await asyncio.sleep(0.01)
        assert transport.written.startswith(b"HTTP/1.1 204 ")
        protocol.connection_lost(None)

    run(steps, monkeypatch)


LONG = b"GET /m/lookup?signal=" + b"a" * 400_000


def test_a_long_list_of_hashes_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        queries = []

        async def answers(scope: Scope, receive: Receive, send: Send) -> None:
            queries.append(scope["query_string"])
            await app(scope, receive, send)

        protocol, transport = _connected(answers)
        for start in range(0, len(LONG), 1000):
            protocol.data_received(LONG[start : start + 1000])
        protocol.data_received(b" HTTP/1.1\r\n\r\n")
        await asyncio.sleep(0.01)
        assert transport.written.startswith(b"HTTP/1.1 204 ")
        assert queries == [b"signal=" + b"a" * 400_000]
        protocol.connection_lost(None)

    run(steps, monkeypatch)


@pytest.mark.parametrize("head", [LONG, b"GET /", b"GET / HTTP/1.1\r\nCookie: "])
def test_a_head_in_tiny_pieces_is_refused(head: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        protocol, transport = _connected()
        protocol.data_received(head)
        for _ in range(protocol_limits.PIECES):
            assert not transport.is_closing()
            protocol.data_received(b"a")
        assert transport.written.startswith(b"HTTP/1.1 431 ")
        protocol.connection_lost(None)

    run(steps, monkeypatch)


def test_one_address_does_not_take_all_long_heads(monkeypatch: pytest.MonkeyPatch) -> None:
    async def steps() -> None:
        def opened(address: str) -> tuple[Protocol, Wire]:
            protocol, transport = _connected(address=address)
            protocol.data_received(LONG)
            return protocol, transport

        own = [opened(f"2001:db8::{number}") for number in range(protocol_limits.LONG_HEADS_OF_ONE + 1)]
        other = opened("2001:db8:0:1::1")
        assert [transport.is_closing() for _, transport in [*own, other]] == [False] * 4 + [True, False]
        for protocol, _ in [*own, other]:
            protocol.connection_lost(None)
        again = opened("2001:db8::9")
        assert not again[1].is_closing()
        again[0].connection_lost(None)

    run(steps, monkeypatch)


def test_a_connection_that_was_just_accepted_is_answered_before_the_process_ends() -> None:
    async def steps() -> None:
        protocol, transport = _connected()
        protocol.shutdown()
        protocol.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        await transport.closed.wait()
        assert transport.written.startswith(b"HTTP/1.1 204")
        assert b"connection: close" in transport.written

    asyncio.run(asyncio.wait_for(steps(), 30))


def test_one_that_brings_nothing_does_not_hold_up_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol_limits, "FIRST_SECONDS", 0.02)

    async def steps() -> None:
        protocol, transport = _connected()
        protocol.shutdown()
        assert not transport.is_closing()
        await transport.closed.wait()
        assert transport.written == b""

    asyncio.run(asyncio.wait_for(steps(), 30))
