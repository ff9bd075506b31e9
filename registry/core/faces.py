"""Faces of rooms, loaded lazily: importing a room's model, schemas or commands does not import its store.

Otherwise each command that only sends a request would load psycopg and numpy, half a second.
"""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def lazily(room: str) -> Callable[[str], Any]:
    """Return the `__getattr__` of a room's `__init__`, which imports each name of the face at its first use.

    The names are those that the `__init__` imports under `if TYPE_CHECKING`.
    """
    origins: dict[str, tuple[str, str]] = {}

    def load(name: str) -> Any:
        if not origins:
            origins.update(_origins(Path(str(sys.modules[room].__file__)).read_text()))
        if name not in origins:
            raise AttributeError(f"module {room!r} has no attribute {name!r}")
        module, original = origins[name]
        value = getattr(importlib.import_module(module), original)
        setattr(sys.modules[room], name, value)
        return value

    return load


def _origins(source: str) -> dict[str, tuple[str, str]]:
    """Return module and original name of each name that is imported under a condition."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for condition in ast.parse(source).body
        if isinstance(condition, ast.If)
        for node in condition.body
        if isinstance(node, ast.ImportFrom) and node.module
        for alias in node.names
    }
