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
    """The OpenAPI document as it is kept: an operation, a schema a line, so that a change shows which; keys
    in the order they are read best."""
    return _lines(document(create_app(Settings())), LEVELS) + b"\n"


LEVELS: Final = 3
"""How deep objects begin a line each: `paths`, an address, a method."""


def _lines(value: Any, levels: int, indent: bytes = b"") -> bytes:
    if not levels or not isinstance(value, dict) or not value:
        return orjson.dumps(value)
    deeper = indent + b"  "
    rows = [
        deeper + orjson.dumps(name) + b": " + _lines(one, levels - 1, deeper) for name, one in value.items()
    ]
    return b"{\n" + b",\n".join(rows) + b"\n" + indent + b"}"


if __name__ == "__main__":
    FILE.write_bytes(export())
