"""Bodies turned into what actions take: ids, fingerprints, uploads that are let go if nothing keeps them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from registry.catalogue.media.service import keep_uploads
from registry.core.errors import BadInput, NotFound
from registry.core.http import bodies, heap, multipart, problems
from registry.core.http.gate import SMALL
from registry.core.http.multipart import Form, Layout
from registry.core.http.room import Place, Room
from registry.core.service import Service
from registry.identity.callers.api.access import ServiceOf, key_of
from registry.jobs.service.admit_work import Kind, admit_work

MOST_SAID: Final = 1 << 20
"""Bytes of a body that holds no document."""
uploads = keep_uploads.uploads
MOST_FIELDS: Final = 100
"""Fields of an object that are looked at: each that is unknown would be reported, at a kilobyte in memory."""


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
    """A dependency that reads a body of one of the media types `taken`; put it after the caller.

    A form's media may hold `media_files` times `max_upload_bytes` together. `admits`: the work that they are;
    where there is no room for it nothing is read that need not be (`queue_full`).
    """

    async def received(request: Request, service: ServiceOf) -> AsyncIterator[Body]:
        given = bodies.content_type(request, *taken)
        settings = service.settings
        with _placed(request) as place:
            if given != bodies.FORM or layout is None:
                yield Body(given, await bodies.whole(request, settings.max_document_bytes, place), None)
                return
            limit = (
                media_files * settings.max_upload_bytes + settings.max_document_bytes + bodies.FORM_OVERHEAD
            )
            admit = None if admits is None else partial(admit_work, service, admits)
            if (
                admit is not None
                and bodies.announced(request) > settings.max_document_bytes + bodies.FORM_OVERHEAD
            ):
                # So much is media. Who waits to be asked for it (`Expect: 100-continue`) sends none.
                await run_in_threadpool(admit)
                admit = None
            stream = bodies.chunks(request, limit)
            form = await multipart.read(
                request.headers["content-type"], stream, layout(service), place, admit
            )
            try:
                yield Body(given, b"", form)
            finally:
                form.close()

    return received


async def _whole_json(request: Request) -> bytes:
    bodies.content_type(request, bodies.JSON)
    return await bodies.whole(request, MOST_SAID)


@contextmanager
def _placed(request: Request) -> Iterator[Place]:
    """The place of a request's body, as long as it is answered."""
    room: Room = request.app.state.room
    with room.place(key_of(request)) as place:
        try:
            yield place
        finally:
            if place.size > SMALL:
                heap.give_back_soon()


JsonBytes = Annotated[bytes, Depends(_whole_json)]


def identifier(text: str, what: str) -> UUID:
    """The id in a path. One that is malformed names nothing: `NotFound`."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise NotFound(f"{what} ids are UUIDs, such as 5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10.")
    return found


def checked[T](value: Any, adapter: TypeAdapter[T], place: str = "") -> T:
    """A JSON value as a model. Raises `BadInput` that lists what is wrong, under `place`."""
    if isinstance(value, dict) and len(value) > MOST_FIELDS:
        raise BadInput(
            f"{place or 'The body'} has {len(value)} fields; none has more than {MOST_FIELDS}.",
            next_step="GET /openapi.json shows what is taken.",
        )
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise problems.bad_input(error, place=place) from None
