"""Lines in and out: whatever the pieces, bounded in number, length and memory, and never in wait for ever."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import ClientDisconnect
from starlette.types import Message

from registry.core.http import ndjson
from registry.core.http.ndjson import Inbox, Line, Splitter


def run(steps: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(steps, 30))


def split(pieces: list[bytes], **limits: int) -> list[Line]:
    splitter = Splitter(**limits)
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.close()


@given(st.lists(st.binary(max_size=12), max_size=8), st.sampled_from([b"", b"\n", b"\r\n"]))
def test_lines_are_the_same_however_they_come(pieces: list[bytes], end: bytes) -> None:
    whole = b"".join(pieces) + end
    wanted = [(n, raw) for n, raw in enumerate(whole.split(b"\n"), start=1) if raw.strip()]
    assert [(line.number, line.raw) for line in split([*pieces, end])] == wanted


def test_of_a_line_that_is_too_long_nothing_is_held() -> None:
    splitter = Splitter(longest=10)
    assert splitter.feed(b"short\n" + b"x" * 8) == [Line(1, b"short")]
    for _ in range(1000):
        assert splitter.feed(b"x" * 8) == []
        assert len(splitter._held) <= 10
    found = splitter.feed(b"\nfine\n")
    assert [line.number for line in found] == [2, 3]
    assert found[0].error is not None
    assert (found[0].error.code, found[0].error.status, found[1]) == ("too_large", 413, Line(3, b"fine"))


def test_the_line_after_the_most_is_an_error_and_the_last() -> None:
    lines = split([b"1\n\n2\n3\n4\n"], most=2)
    assert [line.number for line in lines] == [1, 3, 4]
    assert lines[-1].error is not None
    assert lines[-1].error.code == "too_many_lines"


class Client:
    """What a client sends, a message at a time; then it waits, or leaves."""

    def __init__(self, *pieces: bytes, leaves: bool = False, ends: bool = True) -> None:
        self.pieces = list(pieces)
        self.leaves = leaves
        self.ends = ends
        self.taken = 0

    async def receive(self) -> Message:
        if self.pieces:
            self.taken += 1
            body = self.pieces.pop(0)
            return {"type": "http.request", "body": body, "more_body": bool(self.pieces) or not self.ends}
        if not self.leaves:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}


async def emptied(inbox: Inbox) -> list[Line]:
    found: list[Line] = []
    while lines := await inbox.lines(2):
        assert len(lines) <= 2
        found += lines
    return found


def test_read_ahead_is_bounded() -> None:
    async def steps() -> None:
        client = Client(*[b"x" * 99 + b"\n"] * 100)
        inbox = Inbox(client.receive, ahead=1000)
        reader = asyncio.create_task(inbox.read())
        for _ in range(50):
            await asyncio.sleep(0)
        assert client.taken == 11, "it reads until as much is held, and then no more"
        assert len(await emptied(inbox)) == 100
        reader.cancel()

    run(steps())


def test_lines_come_as_soon_as_they_are_there() -> None:
    async def steps() -> None:
        inbox = Inbox(Client(b"one\ntw", ends=False).receive)
        reader = asyncio.create_task(inbox.read())
        assert await inbox.lines(10) == [Line(1, b"one")]
        reader.cancel()

    run(steps())


def test_a_silent_sender_gets_an_error_and_is_disconnected() -> None:
    async def steps() -> None:
        inbox = Inbox(Client(b"one\ntw", ends=False).receive, stall=0.01)
        reader = asyncio.create_task(inbox.read())
        one, cut = await emptied(inbox)
        assert one == Line(1, b"one")
        assert cut.error is not None
        assert (cut.number, cut.error.code) == (2, "batch_stalled")
        reader.cancel()

    run(steps())


def test_blank_lines_do_not_go_on_for_ever() -> None:
    splitter = Splitter(most=2)
    assert splitter.feed(b"\n" * 19 + b"x") == []
    assert [line.number for line in splitter.feed(b"\n")] == [20]
    assert splitter.close() == []
    (cut,) = splitter.feed(b"\n" * 100)
    assert cut.error is not None
    assert (cut.number, cut.error.code, splitter.full) == (21, "too_many_lines", True)


@pytest.mark.parametrize("piece", [b"x", b"\n", b" \n"])
def test_a_byte_now_and_then_is_no_line(piece: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ndjson, "SLOWEST", 1e6)

    async def steps() -> None:
        client = Client(b"one\n", *[piece] * 10_000)

        async def receive() -> Message:
            await asyncio.sleep(0.001)
            return await client.receive()

        inbox = Inbox(receive, stall=0.05)
        reader = asyncio.create_task(inbox.read())
        one, cut = await emptied(inbox)
        assert one == Line(1, b"one")
        assert cut.error is not None
        assert cut.error.code == "batch_stalled"
        reader.cancel()

    run(steps())


@pytest.mark.parametrize("ends", [True, False])
def test_for_a_client_that_left_nothing_more_is_answered(ends: bool) -> None:
    async def steps() -> None:
        inbox = Inbox(Client(b"one\n", b"two\n", leaves=True, ends=ends).receive)
        await inbox.read()
        with pytest.raises(ClientDisconnect):
            await inbox.lines(10)

    run(steps())


def test_bytes_after_the_last_line_are_ignored() -> None:
    async def steps() -> None:
        client = Client(b"\n".join([b"x"] * (ndjson.MOST_LINES + 2)), *[b"y" * 100] * 50)
        inbox = Inbox(client.receive, ahead=1 << 20)
        reader = asyncio.create_task(inbox.read())
        assert len(await emptied(inbox)) == ndjson.MOST_LINES + 1
        for _ in range(100):
            await asyncio.sleep(0)
        assert client.pieces == []
        reader.cancel()

    run(steps())


def test_an_answer_is_made_no_faster_than_it_is_read() -> None:
    made: list[int] = []
    sent: list[Message] = []
    closed: list[bool] = []

    async def pieces() -> AsyncGenerator[bytes]:
        try:
            for number in range(100):
                made.append(number)
                yield b"piece\n"
        finally:
            closed.append(True)

    async def send(message: Message) -> None:
        if len(sent) == 3:
            await asyncio.Event().wait()
        sent.append(message)

    async def steps() -> None:
        with pytest.raises(ClientDisconnect):
            await ndjson.answer(send, [], pieces(), stall=0.01)
        assert (made, closed) == ([0, 1, 2], [True])

    run(steps())
