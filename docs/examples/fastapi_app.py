"""FastAPI: an upload endpoint that waits for the answer without blocking others.

Run: FAKEPRINT_URL=… FAKEPRINT_KEY=… uvicorn fastapi_app:app --port 8001
Then: curl -F clip=@clip.mp4 http://127.0.0.1:8001/upload
"""

from __future__ import annotations

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from tempfile import NamedTemporaryFile
from typing import Any

from fastapi import FastAPI, Request, UploadFile
from fastapi.responses import JSONResponse
from policy import action, refused

from fakeprint import AsyncClient, NotYet, ServiceError, Unreachable


@asynccontextmanager
async def connected(app: FastAPI) -> AsyncIterator[None]:
    """One client, with its connections, for as long as the application runs."""
    async with AsyncClient(os.environ["FAKEPRINT_URL"], os.environ["FAKEPRINT_KEY"]) as registry:
        app.state.registry = registry
        yield


app = FastAPI(lifespan=connected)


@app.post("/upload")
async def upload(request: Request, clip: UploadFile) -> JSONResponse:
    """Answer 201 for a clip that is published, 409 for a clip that is held back, 202 if it takes longer."""
    registry: AsyncClient = request.app.state.registry
    with NamedTemporaryFile(suffix=".upload") as copy:
        shutil.copyfileobj(clip.file, copy)
        copy.flush()
        try:
            return _answered(action(await registry.look_up_file(copy.name, wait=60)))
        except NotYet as later:  # ask again at GET /upload/{lookup_id}
            return JSONResponse({"action": "later", "lookup_id": later.said["lookup_id"]}, status_code=202)
        except ServiceError as error:
            return _answered(refused(error))


@app.exception_handler(ServiceError)
@app.exception_handler(Unreachable)
async def no_answer(_: Request, error: Exception) -> JSONResponse:
    """Answer 503: the client sends the clip again."""
    return JSONResponse({"action": "later", "detail": str(error)}, status_code=503)


@app.get("/upload/{lookup_id}")
async def later(request: Request, lookup_id: str) -> JSONResponse:
    """Ask again for a clip that took longer."""
    try:
        return _answered(action(await request.app.state.registry.lookup(lookup_id)))
    except NotYet:
        return JSONResponse({"action": "later", "lookup_id": lookup_id}, status_code=202)
    except ServiceError as error:
        return _answered(refused(error))


def _answered(decided: str) -> JSONResponse:
    body: dict[str, Any] = {"action": decided}
    return JSONResponse(body, status_code=201 if decided == "publish" else 409)
