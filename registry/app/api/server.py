"""Wrappers around the application in a server process."""

from __future__ import annotations

import gc
import signal
from types import FrameType

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.matching.lookups.api.express import Express


def around(app: FastAPI) -> ASGIApp:
    """Return the application with its wrappers."""
    # Objects from start-up are permanent: leave them out of later collections.
    gc.collect()
    gc.freeze()
    return Stoppable(app, Express(app))


class Stoppable:
    """Sets `app.state.stopping` as soon as the process gets a stop signal.

    uvicorn ends the lifespan only after the last request. A request that waits for a worker would delay it
    for as long as its caller allows.
    """

    def __init__(self, app: FastAPI, way: ASGIApp) -> None:
        """`way`: the ASGI application to call."""
        self._app = app
        self._way = way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for number in (signal.SIGINT, signal.SIGTERM):
                self._notice(number)
        await self._way(scope, receive, send)

    def _notice(self, number: int) -> None:
        before = signal.getsignal(number)

        def mark_stopping(received: int, frame: FrameType | None) -> None:
            self._app.state.stopping = True
            if callable(before):
                before(received, frame)

        # uvicorn has its handlers in place before the lifespan starts, and puts back what it found.
        signal.signal(number, mark_stopping)
