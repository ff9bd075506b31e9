"""The number of unread notifications, live: server-sent events from one watcher a process.

An open stream costs a coroutine. It holds no thread and no database connection: a single thread of the
process reads the positions of all its streams with one query every `POLL` seconds, and only while there are
streams.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

import orjson
from starlette.responses import StreamingResponse

from registry.console.view import Page
from registry.core.errors import FakeprintError, TooMany
from registry.core.http.thread_pool import ThreadPool
from registry.core.service import Service
from registry.identity.accounts.model import Signed
from registry.sharing.notifications.model import Position
from registry.sharing.notifications.service import count_unread, find_positions

LOGGER = logging.getLogger(__name__)

POLL: Final = 2.0
"""Seconds between two looks at the database."""
LASTS: Final = 300.0
"""Seconds after which a stream ends. The browser opens the next one, and its permissions are checked."""
BEAT: Final = 15.0
"""Seconds between two comments that keep proxies from closing a quiet stream."""
TICK: Final = 1.0
"""Seconds after which a stream notices that the process stops."""
MOST_OF_ACCOUNT: Final = 4
"""Streams of one account in a process. One more ends the oldest."""
MOST: Final = 1_000
"""Streams of a process. One more is refused."""
RETRY: Final = 5_000
"""Milliseconds after which the browser opens a stream again."""


@dataclass(eq=False, slots=True)
class Stream:
    """An open stream. `sent`: id of the last event that the browser has. `latest`: the next one to send."""

    signed: Signed
    kinds: Sequence[str]
    sent: str
    latest: tuple[str, int] | None = None
    over: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def end(self) -> None:
        self.over = True
        self.changed.set()


class Watcher:
    """All streams of a process. Its methods run on the event loop."""

    def __init__(self, service_of: Callable[[], Service], stopping: Callable[[], bool]) -> None:
        """`stopping`: whether the process stops, so that streams must end."""
        self._service_of = service_of
        self.stopping = stopping
        self._streams: list[Stream] = []
        self._thread = ThreadPool(1, "bell")
        self._task: asyncio.Task[None] | None = None

    @property
    def full(self) -> bool:
        return len(self._streams) >= MOST

    def open(self, stream: Stream) -> None:
        """Add a stream and begin to watch. The account's oldest stream ends if it has too many."""
        own = [other for other in self._streams if other.signed.account_id == stream.signed.account_id]
        for oldest in own[: max(0, len(own) + 1 - MOST_OF_ACCOUNT)]:
            oldest.end()
        self._streams.append(stream)
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._watch())

    def close(self, stream: Stream) -> None:
        self._streams.remove(stream)

    async def _watch(self) -> None:
        known: dict[Stream, str] = {}
        while self._streams:
            asked = list(self._streams)
            try:
                news = await self._thread.run(_look, self._service_of(), asked, known)
            except FakeprintError as error:
                LOGGER.warning("notifications are not live: %s", error.code)
                news = {}
            except Exception:
                LOGGER.exception("notifications are not live")
                news = {}
            for stream, found in news.items():
                if found is None:
                    stream.end()
                    continue
                known[stream] = found[0]
                if found[0] != stream.sent:
                    stream.latest = found
                    stream.changed.set()
            known = {stream: id_ for stream, id_ in known.items() if stream in self._streams}
            await asyncio.sleep(POLL)


def _look(
    service: Service, streams: Sequence[Stream], known: Mapping[Stream, str]
) -> dict[Stream, tuple[str, int] | None]:
    """Return the id and number of each stream whose position is new; None: its session is over."""
    positions: dict[UUID, Position] = find_positions(
        service, {stream.signed.session_id for stream in streams}
    )
    news: dict[Stream, tuple[str, int] | None] = {}
    for stream in streams:
        position = positions.get(stream.signed.session_id)
        if position is None:
            news[stream] = None
        elif position.id != known.get(stream):
            counted = position.id != stream.sent
            count = count_unread(service, stream.signed, stream.kinds).count if counted else 0
            news[stream] = position.id, count
    return news


def stream(page: Page, kinds: Sequence[str]) -> StreamingResponse:
    """Return the stream of the reader's number of unread notifications, of these kinds.

    Events are named `unread`; their data is `{"unread": 3}`. After a reconnection, `Last-Event-ID` tells what
    the browser has. Raises `TooMany` if the process has too many streams.
    """
    watcher: Watcher = page.request.app.state.bell
    if watcher.full:
        raise TooMany("Too many pages are connected.", retry_after=60)
    opened = Stream(page.signed, kinds, page.request.headers.get("last-event-id", "")[:100])
    return StreamingResponse(
        _events(watcher, opened),
        media_type="text/event-stream",
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


async def _events(watcher: Watcher, opened: Stream) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    ends, beat = loop.time() + LASTS, loop.time() + BEAT
    watcher.open(opened)
    try:
        yield b"retry: %d\n\n" % RETRY
        while loop.time() < ends and not opened.over and not watcher.stopping():
            with suppress(TimeoutError):
                await asyncio.wait_for(opened.changed.wait(), TICK)
            opened.changed.clear()
            if opened.latest is not None:
                (opened.sent, count), opened.latest = opened.latest, None
                yield b"event: unread\nid: %s\ndata: %s\n\n" % (
                    opened.sent.encode(),
                    orjson.dumps({"unread": count}),
                )
            elif loop.time() >= beat:
                beat = loop.time() + BEAT
                yield b":\n\n"
    finally:
        watcher.close(opened)
