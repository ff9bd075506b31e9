"""Request bodies within limits: JSON (orjson) or a form. A body is read after the caller is authenticated."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from typing import Any, Final

import orjson
from fastapi import Request

from registry.core.errors import BodyStalled, TooLarge, UnsupportedContentType
from registry.core.errors.http import BadJson
from registry.core.http.body_memory import Reservation

JSON: Final = "application/json"
FORM: Final = "multipart/form-data"
FORM_OVERHEAD: Final = 1 << 20
"""Bytes allowed for boundaries and part headers of a form, in addition to the contents of its parts."""
MOST_VALUES: Final = 1_000_000
"""Most lists and objects in a JSON value. The largest documents have half as many. Each takes some hundred
bytes of memory, even if it is only three bytes of the body."""
STALL: Final = 60.0
"""Seconds without data after which the body counts as stalled ..."""
SLOWEST: Final = 4096
"""... and minimum average bytes a second after that time."""


def content_type(request: Request, *accepted: str) -> str:
    """Return the media type, one of `accepted`. Raises `UnsupportedContentType`, also for a compressed
    body."""
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in accepted:
        raise UnsupportedContentType(
            f"A body of type {media_type[:100]!r} is not read here."
            if media_type
            else "The body has no content type.",
            next_step=f"Send {' or '.join(accepted)}.",
        )
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedContentType("A compressed body is not read here.", next_step="Send it as it is.")
    return media_type


async def chunks(request: Request, limit: int, *, stall: float = STALL) -> AsyncIterator[bytes]:
    """Yield the body as it arrives. Raises `TooLarge`: before the first byte if the announced length exceeds
    `limit`, else once `limit` is exceeded. Raises `BodyStalled` if data arrives too slowly."""
    require_short(request, limit)
    size = 0
    began = time.monotonic()
    stream = request.stream()
    while True:
        patience = min(stall, began + stall + size / SLOWEST - time.monotonic())
        try:
            async with asyncio.timeout(patience):
                chunk = await anext(stream, None)
        except TimeoutError:
            raise BodyStalled(f"{size} bytes of the body came, and then no more, or too slowly.") from None
        if chunk is None:
            return
        size += len(chunk)
        if size > limit:
            raise _too_large(limit)
        yield chunk


def require_short(request: Request, limit: int) -> None:
    """Raise `TooLarge` if the announced length exceeds `limit`."""
    if announced(request) > limit:
        raise _too_large(limit)


def announced(request: Request) -> int:
    """Return the announced length of the body (Content-Length), 0 if absent."""
    length = request.headers.get("content-length", "")
    return int(length) if length.isdecimal() else 0


async def read_body(request: Request, limit: int, place: Reservation | None = None) -> bytes:
    """Return the whole body and reserve memory for it in `place`. Raises like `chunks` and
    `BodyMemory.take`."""
    body = bytearray()
    if place is not None and announced(request) <= limit:
        place.hold(announced(request))
    async for chunk in chunks(request, limit):
        body += chunk
        if place is not None:
            place.hold(len(body))
    return bytes(body)


def parse(raw: bytes, place: str = "The body") -> Any:
    """Parse JSON. orjson refuses NaN, infinities, lone surrogates and more than 1,024 levels.

    Raises `BadInput` (code `bad_json`), also for a NUL character, which PostgreSQL's text cannot hold. Raises
    `TooLarge` for more lists and objects than any document has.
    """
    if len(raw) > MOST_VALUES and raw.count(b"[") + raw.count(b"{") > MOST_VALUES:
        raise TooLarge(f"{place} holds more than {MOST_VALUES} lists and objects.")
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadJson(f"{place} is not JSON: {error}.") from None
    if rb"\u0000" in raw:
        raise BadJson(f"{place} holds a NUL character.")
    return value


def parse_object(raw: bytes, place: str = "The body") -> dict[str, Any]:
    """Like `parse`, for a JSON object."""
    value = parse(raw, place)
    if not isinstance(value, dict):
        raise BadJson(f"{place} must be a JSON object.")
    return value


def _too_large(limit: int) -> TooLarge:
    return TooLarge(f"The body is larger than {limit} bytes.")
