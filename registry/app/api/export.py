"""`python -m registry.app.api.export` writes deploy/openapi.json; a test proves that it is current."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import orjson

from registry.app.api.app import create_app
from registry.app.api.openapi import document
from registry.core.settings import Settings

FILE: Final = Path(__file__).parents[3] / "deploy" / "openapi.json"


def export() -> bytes:
    """Return the OpenAPI document as stored: one operation or schema a line, so that diffs show what
    changed."""
    return _lines(document(create_app(Settings())), LEVELS) + b"\n"


LEVELS: Final = 3
"""Depth to which each member begins a line: `paths`, a path, a method."""


def _lines(value: Any, levels: int, indent: bytes = b"") -> bytes:
    if not levels or not isinstance(value, dict) or not value:
        return orjson.dumps(value)
    deeper = indent + b"  "
    rows = [
        deeper + orjson.dumps(name) + b": " + _lines(member, levels - 1, deeper)
        for name, member in value.items()
    ]
    return b"{\n" + b",\n".join(rows) + b"\n" + indent + b"}"


if __name__ == "__main__":
    FILE.write_bytes(export())
