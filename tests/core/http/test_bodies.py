"""Bodies that come slowly, or not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest
from fastapi import Request
from starlette.types import Message

from registry.core.errors import FakeprintError
from registry.core.http import bodies
from registry.core.http.bodies import chunks


def _request(pieces: Sequence[bytes], length: str | None = None, pause: float = 0.0) -> Request:
    """A request whose body comes in pieces, and does not end."""
    left = list(pieces)

    async def receive() -> Message:
        await asyncio.sleep(pause)
        if not left:
            await asyncio.Event().wait()
        return {"type": "http.request", "body": left.pop(0), "more_body": True}

    headers = [] if length is None else [(b"content-length", length.encode("latin-1"))]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def _refused(request: Request, limit: int = 1000) -> FakeprintError:
    async def read() -> bytes:
        return b"".join([chunk async for chunk in chunks(request, limit, stall=0.05)])

    with pytest.raises(FakeprintError) as refused:
        asyncio.run(read())
    return refused.value


def test_a_body_that_stops_is_let_go() -> None:
    error = _refused(_request([b"x" * 10]))
    assert (error.status, error.code) == (408, "body_stalled")
    assert error.message.startswith("10 bytes")


def test_a_byte_now_and_then_is_no_body(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SLOWEST", 1e6)
    error = _refused(_request([b"x"] * 1000, pause=0.001))
    assert error.code == "body_stalled"


@pytest.mark.parametrize("length", ["", "x", "\xb2", "-1", "1001", "9" * 100])
def test_whatever_length_is_announced_no_more_is_taken(length: str) -> None:
    assert _refused(_request([b"x" * 500] * 3, length)).code == "too_large"
