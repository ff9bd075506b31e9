"""What a server process runs: `registry.web:application`, a factory for uvicorn. The API and the console,
which do not know each other, around one service."""

from __future__ import annotations

from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from registry import logs
from registry.actions.service import Service
from registry.api import heap
from registry.api.app import create_app
from registry.api.doors import DOORS
from registry.api.server import around
from registry.pages.app import create
from registry.pages.guard import PREFIX
from registry.settings import Settings, settings


def application() -> ASGIApp:
    """The application that the process's environment describes, its logs set up."""
    heap.bound()
    logs.configure(settings())
    return around(whole(settings()))


def whole(chosen: Settings) -> FastAPI:
    """The API, with the console under `/console`."""
    app = create_app(chosen)

    def service() -> Service:
        found: Service = app.state.service
        return found

    app.mount(PREFIX, create(chosen, service, DOORS))
    app.add_route("/", _first, methods=["GET"], include_in_schema=False)
    app.add_route(PREFIX, _first, methods=["GET"], include_in_schema=False)
    return app


async def _first(request: Request) -> Response:
    """People are sent to the console; programs are told that nothing is here."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(f"{PREFIX}/", 307)
