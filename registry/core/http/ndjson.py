"""Streaming NDJSON requests and answers with bounded memory; neither side waits for the end of the other.

Up to `AHEAD` bytes are read ahead of the answers, so a client may send a whole batch of hashes before it
reads the first answer. Beyond that, reading stops until answers are read, and TCP makes the client wait.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Send

from registry.core.errors import BadInput, FakeprintError, TooLarge
from registry.core.errors.http import BatchStalled, TooManyLines

NDJSON: Final = "application/x-ndjson"
MOST_LINES: Final = 10_000
ALL_LINES: Final = 10
"""Most lines, blank ones included, as a multiple of the answered lines. Each line costs a little."""
LINE_BYTES: Final = 1 << 20
"""Bytes of the longest line: the document of a clip of some minutes. Longer lines are discarded as they
arrive."""
AHEAD: Final = 16 << 20
"""Bytes read ahead of the answers: 10,000 SSCD vectors in base64."""
STALL: Final = 60.0
"""Seconds after which a client that neither sends nor reads is disconnected ..."""
SLOWEST: Final = 4096
"""... and minimum bytes a second after that time, for one line or a run of blank lines."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line that is not blank: its number (from 1), and its bytes or its error."""

    number: int
    raw: bytes
    error: FakeprintError | None = None


class Splitter:
    """Splits bytes into lines. `full`: more lines arrived than allowed; the first excess line became an
    error."""

    def __init__(self, *, most: int = MOST_LINES, longest: int = LINE_BYTES) -> None:
        self._most = most
        self._longest = longest
        self._number = 1
        self._taken = 0
        self._held = bytearray()
        self._passing = False
        self.full = False

    def feed(self, chunk: bytes) -> list[Line]:
        """Return the lines that end in this chunk."""
        *ended, incomplete = chunk.split(b"\n")
        lines = [line for piece in ended if (line := self._end(piece)) is not None]
        self._hold(incomplete)
        return lines

    def close(self) -> list[Line]:
        """Return the last line, if no line break follows it."""
        line = self._end(b"") if self._held or self._passing else None
        return [] if line is None else [line]

    def cut(self, error: FakeprintError) -> list[Line]:
        """Stop, and return an error in place of the next line."""
        self.full = True
        return [Line(self._number, b"", error)]

    def _hold(self, piece: bytes) -> None:
        if self._passing or len(self._held) + len(piece) > self._longest:
            self._passing = True
            self._held.clear()
        else:
            self._held += piece

    def _end(self, piece: bytes) -> Line | None:
        self._hold(piece)
        number, raw, passed = self._number, bytes(self._held), self._passing
        self._held.clear()
        self._passing = False
        self._number += 1
        if self.full:
            return None
        if passed or raw.strip():
            self._taken += 1
        elif number <= ALL_LINES * self._most:
            return None
        if self._taken > self._most or number > ALL_LINES * self._most:
            self.full = True
            return Line(number, b"", _too_many(self._most))
        return Line(number, raw, _too_long(self._longest) if passed else None)


class Inbox:
    """Lines of one request. A task runs `read`, which reads ahead of the answers."""

    def __init__(self, receive: Receive, *, ahead: int = AHEAD, stall: float = STALL) -> None:
        self._receive = receive
        self._ahead = ahead
        self._stall = stall
        self._splitter = Splitter()
        self._lines: deque[Line] = deque()
        self._bytes = 0
        self._ended = False
        self._gone = False
        self._changed = asyncio.Condition()

    async def read(self) -> None:
        """Read lines until the body ends. Then discard further data until the client disconnects or the task
        is cancelled."""
        spent, size = 0.0, 0
        while not self._ended:
            async with self._changed:
                await self._changed.wait_for(lambda: self._bytes < self._ahead)
            began = time.monotonic()
            try:
                patience = min(self._stall, self._stall + size / SLOWEST - spent)
                message = await asyncio.wait_for(self._receive(), patience)
            except TimeoutError:
                await self._put(self._splitter.cut(_stalled(self._stall)), last=True)
            else:
                # Only a completed line resets the clock: a client could keep its place with a byte now and
                # then.
                if await self._take_in(message):
                    spent, size = 0.0, 0
                else:
                    spent += time.monotonic() - began
                    size += len(message.get("body", b""))
        # Discard remaining data, so that the client gets to read its answers.
        while (await self._receive())["type"] != "http.disconnect":
            pass
        await self._leave()

    async def lines(self, most: int) -> list[Line]:
        """Return the next lines without waiting for more than one. At most `most` lines, or about
        `LINE_BYTES` bytes. An empty list means the end.

        Raises `ClientDisconnect` if the client has gone.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._lines or self._ended)
            if self._gone:
                raise ClientDisconnect
            lines: list[Line] = []
            size = 0
            while self._lines and len(lines) < most and (not lines or size < LINE_BYTES):
                lines.append(self._lines.popleft())
                size += len(lines[-1].raw)
            self._bytes -= size
            self._changed.notify_all()
        return lines

    async def _take_in(self, message: Message) -> bool:
        """Store received data. Return whether a line ended."""
        if message["type"] == "http.disconnect":
            await self._leave()
            return False
        more = message.get("more_body", False)
        lines = self._splitter.feed(message.get("body", b""))
        if not more:
            lines += self._splitter.close()
        await self._put(lines, last=not more or self._splitter.full)
        return bool(lines)

    async def _put(self, lines: list[Line], *, last: bool) -> None:
        async with self._changed:
            self._lines += lines
            self._bytes += sum(len(line.raw) for line in lines)
            self._ended = last
            self._changed.notify_all()

    async def _leave(self) -> None:
        async with self._changed:
            self._gone = self._ended = True
            self._changed.notify_all()


async def answer(
    send: Send, headers: list[tuple[bytes, bytes]], pieces: AsyncGenerator[bytes], *, stall: float = STALL
) -> None:
    """Send the pieces as one answer. Each piece is sent once the client has read enough of the earlier ones.

    Raises `ClientDisconnect` if the client does not read for `stall` seconds.
    """
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    async with aclosing(pieces) as stream:
        async for piece in stream:
            await _send_piece(send, piece, stall)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_piece(send: Send, piece: bytes, stall: float) -> None:
    try:
        await asyncio.wait_for(send({"type": "http.response.body", "body": piece, "more_body": True}), stall)
    except TimeoutError:
        raise ClientDisconnect from None


def _too_many(most: int) -> TooLarge:
    return TooManyLines(f"A batch has {most} lines at most.")


def _too_long(longest: int) -> TooLarge:
    return TooLarge(
        f"A line of a batch has {longest} bytes at most.",
        next_step="Send this document by itself to POST /v1/lookups.",
    )


def _stalled(seconds: float) -> BadInput:
    return BatchStalled(f"No line came in {seconds:g} s; the lines after this one are not answered.")
