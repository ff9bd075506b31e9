"""The console as an application of its own under `/console`, in the process of the API."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Final

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from registry.catalogue import platforms
from registry.console import guard, static_files, templating
from registry.console.answering import Console, unknown_page
from registry.console.area import EVERYBODY, Area, Place
from registry.console.view import Opens
from registry.core.errors import FakeprintError, NotFound
from registry.core.service import Service
from registry.core.settings import Settings

templating.FILTERS["platform"] = platforms.name_of

AREAS: Final = (
    "registry.app.pages.home",
    "registry.app.pages.account",
    "registry.app.pages.takedown",
    "registry.matching.lookups.pages.lookup",
    "registry.review.queue.pages.queue",
    "registry.catalogue.previews.pages.previews",
    "registry.app.pages.entries",
    "registry.review.disputes.pages",
    "registry.app.pages.register",
    "registry.intake.pages.private",
    "registry.app.pages.admin",
)
"""Modules with an `area` each: their pages and places in the navigation, one line an area."""


def create(
    settings: Settings, service_of: Callable[[], Service], permissions: Mapping[str, Opens]
) -> Starlette:
    """The application. `service_of` is asked with each request; `permissions` are the API's, by operation.

    Raises `LookupError` for a page whose operation is none of the API's.
    """
    found = areas()
    named = {place.operation for area in found for place in area.places}
    named |= {item.operation for area in found for item in area.nav}
    named |= {item.operation for area in found for item in area.waiting}
    if unknown := named - {EVERYBODY, *permissions}:
        raise LookupError(f"pages name operations that the API does not have: {sorted(unknown)}")
    nav = tuple(sorted((item for area in found for item in area.nav), key=lambda item: item.place))
    console = Console(service_of, permissions, found, nav)
    by_path: dict[str, dict[str, Place]] = defaultdict(dict)
    for area in found:
        for place in area.places:
            by_path[place.path.removeprefix(guard.PREFIX)][place.method] = place
    routes = [Route("/static/{mark}/{name:path}", static_files.serve)]
    for path in sorted(by_path, key=lambda path: ("{" in path, path)):
        places = by_path[path]
        routes.append(Route(path, _endpoint(console, places), methods=list(places)))
    app = Starlette(
        routes=routes,
        exception_handlers={
            FakeprintError: partial(_ours, console),
            HTTPException: partial(_router, console),
        },
    )
    app.add_middleware(guard.Headers, secure=settings.public_url.startswith("https:"))
    return app


def areas() -> list[Area]:
    """Every area of the console, in the order of `AREAS`."""
    return [import_module(name).area for name in AREAS]


def _endpoint(console: Console, places: Mapping[str, Place]) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        return await console.answer(request, places)

    return answer


async def _ours(console: Console, request: Request, error: Exception) -> Response:
    assert isinstance(error, FakeprintError)  # noqa: S101 - it was put up for nothing else
    return await run_in_threadpool(console.refuse, request, error)


async def _router(console: Console, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - it was put up for nothing else
    refused: NotFound = unknown_page()
    answered = await run_in_threadpool(console.refuse, request, refused)
    if error.status_code == 405:
        answered.status_code = 405
        answered.headers.update(error.headers or {})
    return answered
