"""The console: an application of its own under `/console`, in the process of the API."""

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

from registry.app.pages.notifications import unread
from registry.catalogue import platforms
from registry.console import guard, static_files, templating
from registry.console.answering import Console, unknown_page
from registry.console.area import EVERYBODY, Area, Place
from registry.console.view import Opens
from registry.core.errors import FakeprintError, NotFound
from registry.core.http.upload_space import UploadSpace
from registry.core.service import Service
from registry.core.settings import Settings

templating.FILTERS["platform"] = platforms.name_of
templating.GLOBALS["unread"] = unread

AREAS: Final = (
    "registry.app.pages.search.page",
    "registry.console.design",
    "registry.app.pages.digests",
    "registry.app.pages.account",
    "registry.app.pages.takedown",
    "registry.matching.lookups.pages.lookup",
    "registry.matching.watches.pages",
    "registry.review.disputes.pages.disputes",
    "registry.catalogue.previews.pages.previews",
    "registry.catalogue.playback.pages",
    "registry.app.pages.entries",
    "registry.review.disputes.pages.contest",
    "registry.app.pages.register",
    "registry.app.pages.persons",
    "registry.intake.pages.private",
    "registry.app.pages.admin",
)
"""Modules with an `area` each, in the order of their registration."""


def create(
    settings: Settings,
    service_of: Callable[[], Service],
    permissions: Mapping[str, Opens],
    upload_space: UploadSpace | None = None,
) -> Starlette:
    """Create the application. `service_of` is called for each request. `permissions`: those of the API by
    operation. `upload_space`: where the API counts open uploads too. Raises `LookupError` for a page whose
    operation the API does not have."""
    all_areas = areas()
    operations = {place.operation for area in all_areas for place in area.places}
    operations |= {entry.operation for area in all_areas for entry in area.nav}
    operations |= {entry.operation for area in all_areas for entry in area.waiting}
    if unknown := operations - {EVERYBODY, *permissions}:
        raise LookupError(f"pages name operations that the API does not have: {sorted(unknown)}")
    nav = tuple(sorted((entry for area in all_areas for entry in area.nav), key=lambda entry: entry.place))
    console = Console(service_of, permissions, all_areas, nav, upload_space or UploadSpace())
    by_path: dict[str, dict[str, Place]] = defaultdict(dict)
    for area in all_areas:
        for place in area.places:
            by_path[place.path.removeprefix(guard.PREFIX)][place.method] = place
    routes = [Route("/static/{mark}/{name:path}", static_files.serve)]
    for path in sorted(by_path, key=lambda path: ("{" in path, path)):
        places = by_path[path]
        routes.append(Route(path, _endpoint(console, places), methods=list(places)))
    app = Starlette(
        routes=routes,
        exception_handlers={
            FakeprintError: partial(_fakeprint_error, console),
            HTTPException: partial(_router, console),
        },
    )
    app.add_middleware(guard.Headers, secure=settings.public_url.startswith("https:"))
    return app


def areas() -> list[Area]:
    """Return all areas, in the order of `AREAS`."""
    return [import_module(name).area for name in AREAS]


def _endpoint(console: Console, places: Mapping[str, Place]) -> Callable[[Request], object]:
    async def answer(request: Request) -> Response:
        return await console.answer(request, places)

    return answer


async def _fakeprint_error(console: Console, request: Request, error: Exception) -> Response:
    assert isinstance(error, FakeprintError)  # noqa: S101 - registered for this class only
    return await run_in_threadpool(console.refuse, request, error)


async def _router(console: Console, request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    refused: NotFound = unknown_page()
    response = await run_in_threadpool(console.refuse, request, refused)
    if error.status_code == 405:
        response.status_code = 405
        response.headers.update(error.headers or {})
    return response
