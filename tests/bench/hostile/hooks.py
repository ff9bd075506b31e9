"""What Schemathesis loads beside the description (SCHEMATHESIS_HOOKS).

Ids of things that are there, bodies that it cannot write, and a check that tells a refusal from an error.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any, Final

import orjson
import schemathesis

REFUSED: Final = 503
"""A documented answer of a service under load, if it bears a problem's code."""
_DRAW: Final = Random(27)  # noqa: S311 - no secret
_IDS: Final[dict[str, str]] = json.loads(Path(os.environ["THINGS_FILE"]).read_text(encoding="utf-8"))


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Name things that are there in four calls of five."""
    for name in path_parameters or ():
        if name in _IDS and _DRAW.random() < 0.8:
            path_parameters[name] = _IDS[name]  # type: ignore[index]  # it has names, so it is one
    return path_parameters


@schemathesis.check
def unforeseen(ctx: Any, response: Any, case: Any) -> None:
    """No answer is of 5xx, but 503 with a code and Retry-After."""
    if response.status_code < 500:
        return
    body = response.content
    if response.status_code == REFUSED and b'"code":' in body and "retry-after" in response.headers:
        return
    raise AssertionError(f"{response.status_code} {body[:300]!r}")


@schemathesis.serializer("application/x-ndjson", "application/mbox", "audio/mpeg", "video/mp4")
def written(ctx: Any, value: Any) -> bytes:
    """Return a body as it is, or as a line of JSON."""
    if isinstance(value, bytes):
        return value
    return value.encode() if isinstance(value, str) else orjson.dumps(value, default=str) + b"\n"
