"""What stands before the application in a server process."""

from __future__ import annotations

import gc
import signal
from types import FrameType

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.matching.lookups.api.express import Express


def around(app: FastAPI) -> ASGIApp:
    """The application with what stands before it."""
    # What is there from the start is not looked through for garbage again.
    gc.collect()
    gc.freeze()
    return Stoppable(app, Express(app))


class Stoppable:
    """Tells the application at once that the process is asked to end, by `app.state.stopping`.

    uvicorn's own notice, the end of the lifespan, comes only after the last request, and a request that waits
    for a worker would hold it up for as long as its caller allows.
    """

    def __init__(self, app: FastAPI, way: ASGIApp) -> None:
        """`way`: what leads to the application."""
        self._app = app
        self._way = way

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for number in (signal.SIGINT, signal.SIGTERM):
                self._notice(number)
        await self._way(scope, receive, send)

    def _notice(self, number: int) -> None:
        before = signal.getsignal(number)

        def asked_to_end(received: int, frame: FrameType | None) -> None:
            self._app.state.stopping = True
            if callable(before):
                before(received, frame)

        # uvicorn has its handlers in place before the lifespan starts, and puts back what it found.
        signal.signal(number, asked_to_end)
