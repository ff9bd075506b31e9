"""The API within the process of a test: the real application and a real client, without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from starlette.types import ASGIApp

from registry.app.api.app import create_app
from registry.core.service import Service
from registry.core.terminal.client import Client
from registry.core.terminal.deadline import Deadline
from registry.core.terminal.endpoint import Endpoint

URL = "http://127.0.0.1"


class Inside(httpx2.BaseTransport):
    """Sends requests to an application of this process, on one event loop."""

    def __init__(self, app: ASGIApp, runner: asyncio.Runner) -> None:
        self._transport, self._runner = httpx2.ASGITransport(app), runner

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        return self._runner.run(self._answer(request))

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._transport.handle_async_request(
            httpx2.Request(request.method, request.url, headers=request.headers, content=request.read())
        )
        return httpx2.Response(answer.status_code, headers=answer.headers, content=await answer.aread())


@contextmanager
def serving(service: Service) -> Iterator[Inside]:
    """Run the API on the database and the folders of a service."""
    app = create_app(service.settings)
    with asyncio.Runner() as runner:
        lifespan = app.router.lifespan_context(app)
        runner.run(lifespan.__aenter__())
        try:
            yield Inside(app, runner)
        finally:
            runner.run(lifespan.__aexit__(None, None, None))


def client(inside: Inside, key: str) -> Client:
    """Return the command line's client of such an API."""
    made = Client(Endpoint(URL, key), Deadline(None))
    made._service._http = httpx2.Client(
        transport=inside, base_url=URL, headers={"Authorization": f"Bearer {key}"}
    )
    return made
