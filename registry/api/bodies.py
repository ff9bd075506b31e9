"""What a request carries, within bounds: JSON by orjson, or a form. Read after the caller is known."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from fastapi import Request

from registry.domain.document import MEDIA_TYPE
from registry.errors import BadInput, TooLarge, UnsupportedType

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
DOCUMENT: Final = MEDIA_TYPE
FORM_OVERHEAD: Final = 1 << 20
"""Boundaries and part headers of a form, in bytes, beside what its parts hold."""


def content_type(request: Request, *taken: str) -> str:
    """The body's media type, one of `taken`. Raises `UnsupportedType`, also for a compressed body."""
    given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if given not in taken:
        raise UnsupportedType(
            f"A body of type {given[:100]!r} is not read here." if given else "The body has no content type.",
            next_step=f"Send {' or '.join(taken)}.",
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedType("A compressed body is not read here.", next_step="Send it as it is.")
    return given


async def chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body as it comes. Raises `TooLarge` before the first byte where the length is announced, else
    when `limit` bytes have come."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise _too_large(limit)
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk


async def whole(request: Request, limit: int) -> bytes:
    """The whole body in memory."""
    held = bytearray()
    async for chunk in chunks(request, limit):
        held += chunk
    return bytes(held)


def parse(raw: bytes, place: str = "The body") -> Any:
    """The JSON value. NaN, infinities, lone surrogates and more than 1,024 levels are no JSON to orjson.

    Raises `BadInput` (code `bad_json`), also for a NUL character, which PostgreSQL's text cannot hold.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadInput(f"{place} is not JSON: {error}.", code="bad_json") from None
    if rb"\u0000" in raw:
        raise BadInput(f"{place} holds a NUL character.", code="bad_json")
    return value


def parse_object(raw: bytes, place: str = "The body") -> dict[str, Any]:
    """As `parse`, for an object."""
    value = parse(raw, place)
    if not isinstance(value, dict):
        raise BadInput(f"{place} must be a JSON object.", code="bad_json")
    return value


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")
