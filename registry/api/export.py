"""`python -m registry.api.export` writes deploy/openapi.json; a test proves that it is current."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import orjson

from registry.api.app import create_app
from registry.api.openapi import document
from registry.settings import Settings

FILE: Final = Path(__file__).parents[2] / "deploy" / "openapi.json"


def export() -> bytes:
    """The OpenAPI document as it is kept: indented, keys in the order they are read best."""
    return orjson.dumps(document(create_app(Settings())), option=orjson.OPT_INDENT_2) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(export())
