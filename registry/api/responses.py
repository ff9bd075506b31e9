"""Answers as bytes: orjson, and no validation of what an action has just made."""

from __future__ import annotations

from typing import Any, override

import orjson
from starlette.responses import Response


class Json(Response):
    """A JSON answer. UUIDs and times are written as strings."""

    media_type = "application/json"

    @override
    def render(self, content: Any) -> bytes:
        return orjson.dumps(content)


class JsonLd(Json):
    """Linked data (JSON-LD 1.1)."""

    media_type = "application/ld+json"


class Problem(Json):
    """An RFC 9457 problem document."""

    media_type = "application/problem+json"
