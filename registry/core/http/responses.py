"""JSON responses by orjson, without validation of our own data, and cached constant bodies."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Mapping
from typing import Any, override

import orjson
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response


class Json(Response):
    """A JSON answer, of models too. UUIDs and times become strings; unset fields are left out."""

    media_type = "application/json"

    @override
    def render(self, content: Any) -> bytes:
        return orjson.dumps(content, default=plain)


def plain(value: Any) -> Any:
    """Return a model as JSON values, for `orjson.dumps(..., default=plain)`. Raises `TypeError`."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_unset=True)
    raise TypeError(f"{type(value).__name__} is not an answer")


class JsonLd(Json):
    """Linked data (JSON-LD 1.1)."""

    media_type = "application/ld+json"


class Problem(Json):
    """An RFC 9457 problem document."""

    media_type = "application/problem+json"


class ConstantBody:
    """A constant body: compressed once, and answered with 304 if the client has it (`If-None-Match`)."""

    def __init__(self, body: bytes, media_type: str, headers: Mapping[str, str] | None = None) -> None:
        self._body = body
        self._packed = gzip.compress(body, mtime=0)
        self._media_type = media_type
        self._tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
        self._headers = {
            **(headers or {}),
            "Cache-Control": "no-cache",
            "ETag": self._tag,
            "Vary": "Accept-Encoding",
        }

    def answer(self, request: Request) -> Response:
        """Return the body, compressed if the client accepts gzip, or 304 if the client has it."""
        tags = request.headers.get("if-none-match", "")
        if tags.strip() == "*" or self._tag in (part.strip() for part in tags.split(",")):
            return Response(status_code=304, headers=self._headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            headers = self._headers | {"Content-Encoding": "gzip"}
            return Response(self._packed, headers=headers, media_type=self._media_type)
        return Response(self._body, headers=self._headers, media_type=self._media_type)
