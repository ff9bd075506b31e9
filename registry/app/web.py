"""What a server process runs: `registry.app.web:application`, a factory for uvicorn. The API and the console,
which do not know each other, around one service."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from uuid import UUID

from anyio import from_thread
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp

from registry.app.api.app import create_app
from registry.app.api.permissions import PERMISSIONS
from registry.app.api.server import around
from registry.app.pages.app import create
from registry.app.pages.bell import Watcher
from registry.catalogue.fingerprints.model.document import from_document
from registry.catalogue.media.service.uploads import Upload
from registry.console.guard import PREFIX
from registry.core import logs
from registry.core.database.require_schema import require_password
from registry.core.http import bodies, malloc
from registry.core.service import Service
from registry.core.settings import Settings, settings
from registry.identity.callers.model import Caller
from registry.matching.lookups.api.answers import shown
from registry.matching.lookups.api.questions import document_answered
from registry.matching.lookups.model import Answer, Options
from registry.matching.lookups.service.answers import answer_sha256
from registry.matching.lookups.service.files import look_up_file


def application() -> ASGIApp:
    """The application that the process's environment describes, its logs set up. Raises as
    `require_password`: after SIGHUP the old process then stays."""
    malloc.bound()
    logs.configure(settings())
    require_password(settings())
    return around(whole(settings()))


def whole(chosen: Settings) -> FastAPI:
    """The API, with the console under `/console`."""
    app = create_app(chosen)

    def service() -> Service:
        found: Service = app.state.service
        return found

    console = create(chosen, service, PERMISSIONS, app.state.upload_space)
    console.state.lookups = Lookups(app)
    console.state.bell = Watcher(service, lambda: bool(app.state.stopping))
    app.mount(PREFIX, console)
    app.add_route("/", _first, methods=["GET"], include_in_schema=False)
    app.add_route(PREFIX, _first, methods=["GET"], include_in_schema=False)
    return app


class Lookups:
    """Lookups as the API answers them, for the console: in turn, within a caller's limits, refused where they
    feel for registered hashes, and told as far as the caller may see. For threads of the event loop's."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    def document(
        self,
        request: Request,
        service: Service,
        caller: Caller,
        raw: bytes,
        watch_days: int | None = None,
    ) -> Answer:
        """The answer to a fingerprint document, watched for some days. Raises as `POST /v1/lookups`."""
        state, size = self._app.state, len(raw)
        with _held(state.admission.turn(caller.caller_id, size)), _held(state.gate.turn(request, size)):
            fingerprint = from_document(bodies.parse(raw, "The document"))
            options = Options(watch_days=watch_days)
            found = document_answered(service, caller, fingerprint, options, state.reconstruction)
        state.instruments.looked_up("document", found)
        return shown(found, caller)

    def sha256(self, request: Request, service: Service, caller: Caller, sha256: str) -> Answer:
        """The answer to a file's digest alone. Raises as `POST /v1/lookups`."""
        state, size = self._app.state, len(sha256)
        with _held(state.admission.turn(caller.caller_id, size)), _held(state.gate.turn(request, size)):
            found = answer_sha256(service, caller, sha256)
        state.instruments.looked_up("sha256", found)
        return shown(found, caller)

    def file(self, service: Service, caller: Caller, upload: Upload, watch_days: int | None = None) -> UUID:
        """The id of a lookup that is answered, or that a worker will answer. Raises as `POST /v1/lookups`."""
        with _held(self._app.state.admission.turn(caller.caller_id, 0)):
            return look_up_file(service, caller, upload, Options(watch_days=watch_days))

    def told(self, answer: Answer, caller: Caller) -> Answer:
        """What the caller may see of an answer that is kept."""
        return shown(answer, caller)


@contextmanager
def _held(turn: AbstractAsyncContextManager[None]) -> Iterator[None]:
    from_thread.run(turn.__aenter__)
    try:
        yield
    finally:
        from_thread.run(turn.__aexit__, None, None, None)


async def _first(request: Request) -> Response:
    """People are sent to the console; programs are told that nothing is here."""
    if "text/html" not in request.headers.get("accept", ""):
        raise HTTPException(404)
    return RedirectResponse(f"{PREFIX}/", 307)
