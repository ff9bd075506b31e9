"""JSON bodies of requests, within limits, and JSON values that FastAPI does not validate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, Self, override

from fastapi import Request
from pydantic import BaseModel, ValidationError

from registry.core.errors import BadInput
from registry.core.http import bodies, problems

MOST_BYTES: Final = 1 << 20
"""Largest body, in bytes, of requests that carry no document."""
MOST_FIELDS: Final = 100
"""Most fields of an object. Each unknown field is reported and costs a kilobyte of memory."""


class JsonRequest(Request):
    """A request whose JSON body has been read. FastAPI takes it from here and validates it."""

    parsed: Any

    @classmethod
    async def read(cls, request: Request) -> Self:
        """Read and parse the body. Raises like `parse`."""
        parsed_request = cls(request.scope, request.receive)
        parsed_request.parsed = await parse(request)
        return parsed_request

    @override
    async def body(self) -> bytes:
        return b"parsed"

    @override
    async def json(self) -> Any:
        return self.parsed


async def parse(request: Request, limit: int = MOST_BYTES) -> Any:
    """Return the JSON value that a request holds. Raises like `bodies.content_type`, `bodies.read_body` and
    `bodies.parse`, and `BadInput` for too many fields."""
    bodies.content_type(request, bodies.JSON)
    return _few_fields(bodies.parse(await bodies.read_body(request, limit)))


async def read[T: BaseModel](request: Request, model: type[T], limit: int) -> T:
    """Return the body of an endpoint that needs no key: it counts the address, then reads. Raises like
    `parse` and `checked`."""
    return checked(await parse(request, limit), model.model_validate)


def checked[T](value: Any, validate: Callable[[Any], T], place: str = "") -> T:
    """Validate a JSON value by pydantic. Raises `BadInput` that lists the errors, under `place`."""
    try:
        return validate(_few_fields(value, place or "The body"))
    except ValidationError as error:
        raise problems.bad_input(error, place=place) from None


def _few_fields(value: Any, place: str = "The body") -> Any:
    if isinstance(value, dict) and len(value) > MOST_FIELDS:
        raise BadInput(
            f"{place} has {len(value)} fields; none has more than {MOST_FIELDS}.",
            next_step="GET /openapi.json shows what is taken.",
        )
    return value
