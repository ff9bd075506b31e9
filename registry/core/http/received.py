"""Validation of request values: ids in the path, small JSON bodies, models."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError

from registry.core.errors import BadInput, NotFound
from registry.core.http import bodies, problems

MOST_SAID: Final = 1 << 20
"""Largest body, in bytes, of requests that carry no document."""
MOST_FIELDS: Final = 100
"""Most fields of an object. Each unknown field is reported and costs a kilobyte of memory."""


async def _whole_json(request: Request) -> bytes:
    bodies.content_type(request, bodies.JSON)
    return await bodies.whole(request, MOST_SAID)


JsonBytes = Annotated[bytes, Depends(_whole_json)]


def identifier(text: str, what: str) -> UUID:
    """Return the id in a path. Raises `NotFound` if it is malformed."""
    try:
        found = UUID(text)
    except ValueError:
        found = None
    if found is None or str(found) != text.lower():
        raise NotFound(f"{what} ids are UUIDs, such as 5a1e4bb2-1f0f-4c3c-9d4b-6f0c2f6c7f10.")
    return found


def checked[T](value: Any, adapter: TypeAdapter[T], place: str = "") -> T:
    """Validate a JSON value. Raises `BadInput` that lists the errors, under `place`."""
    if isinstance(value, dict) and len(value) > MOST_FIELDS:
        raise BadInput(
            f"{place or 'The body'} has {len(value)} fields; none has more than {MOST_FIELDS}.",
            next_step="GET /openapi.json shows what is taken.",
        )
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        raise problems.bad_input(error, place=place) from None
