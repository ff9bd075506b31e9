"""Values that a request carries, checked: ids of its path, a small body of JSON, a model of either."""

from __future__ import annotations

from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Depends, Request
from pydantic import TypeAdapter, ValidationError

from registry.core.errors import BadInput, NotFound
from registry.core.http import bodies, problems

MOST_SAID: Final = 1 << 20
"""Bytes of a body that holds no document."""
MOST_FIELDS: Final = 100
"""Fields of an object that are looked at: each that is unknown would be reported, at a kilobyte in memory."""


async def _whole_json(request: Request) -> bytes:
    bodies.content_type(request, bodies.JSON)
    return await bodies.whole(request, MOST_SAID)


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
