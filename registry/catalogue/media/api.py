"""Read request bodies: forms with media, documents, JSON."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from registry.core.http import bodies, malloc, multipart
from registry.core.http.body_memory import BodyMemory, Reservation
from registry.core.http.concurrency import SMALL
from registry.core.http.multipart import Form, Layout
from registry.core.http.upload_space import UploadPlace, UploadSpace
from registry.core.service import Service
from registry.identity.callers.api.access import ServiceOf, key_of
from registry.identity.callers.model import Caller
from registry.jobs.service.queue import Kind, admit_work


@dataclass(frozen=True, slots=True)
class Body:
    """A request's body: its media type, and the form or the raw bytes."""

    content_type: str
    raw: bytes
    form: Form | None


def receive(
    *taken: str,
    layout: Callable[[Service], Layout] | None = None,
    media_files: int = 1,
    admits: Kind | None = None,
) -> Callable[[Request, Service], AsyncIterator[Body]]:
    """Return a dependency that reads a body of one of the media types `taken`. List it after the caller.

    Media of a form may hold `media_files` times `max_upload_bytes` together. `admits`: the kind of work that
    the media is for. If its queue is full, the media is not read (`queue_full`), nor beyond the share of its
    caller (`too_many_requests`).
    """

    async def received(request: Request, service: ServiceOf) -> AsyncIterator[Body]:
        content_type = bodies.content_type(request, *taken)
        settings = service.settings
        with _placed(request) as place:
            if content_type != bodies.FORM or layout is None:
                yield Body(
                    content_type, await bodies.read_body(request, settings.max_document_bytes, place), None
                )
                return
            laid_out = layout(service)
            documents = settings.max_document_bytes if laid_out.documents else 0
            limit = media_files * settings.max_upload_bytes + documents + bodies.FORM_OVERHEAD
            admit = None if admits is None else partial(admit_work, service, admits, request.state.caller)
            if (
                admit is not None
                and bodies.announced(request) > settings.max_document_bytes + bodies.FORM_OVERHEAD
            ):
                # A body of this size holds media. A client with `Expect: 100-continue` then sends none.
                await run_in_threadpool(admit)
                admit = None
            disk = upload_place(request, limit)
            stream = bodies.chunks(request, limit)
            form = await multipart.read(request.headers["content-type"], stream, laid_out, place, admit, disk)
            try:
                yield Body(content_type, b"", form)
            finally:
                form.close()

    return received


def upload_place(request: Request, limit: int | None = None) -> UploadPlace:
    """Return the place of a file of the request's caller. With `limit`, the file is the body, and its
    announced length is held at once. Raises `TooLarge` beyond `limit`, and like `UploadSpace.take`."""
    space: UploadSpace = request.app.state.upload_space
    caller: Caller = request.state.caller
    place = space.open(str(caller.caller_id), str(caller.organization_id))
    if limit is not None:
        bodies.require_short(request, limit)
        place.hold(bodies.announced(request))
    return place


@contextmanager
def _placed(request: Request) -> Iterator[Reservation]:
    """Reserve memory for a request's body until it is answered."""
    body_memory: BodyMemory = request.app.state.body_memory
    with body_memory.place(key_of(request)) as place:
        try:
            yield place
        finally:
            if place.size > SMALL:
                malloc.return_memory_soon()
