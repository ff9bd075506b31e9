"""Faces of rooms are loaded lazily."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from registry.identity import callers
from registry.identity.callers.store.callers import insert_caller


@pytest.mark.slow
def test_a_command_loads_no_store() -> None:
    code = (
        "import sys, registry.matching.lookups.commands.lookup, registry.identity.callers.model as model;"
        "sys.exit('psycopg' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_room_face_resolves_its_names() -> None:
    assert callers.insert_caller is insert_caller
    assert all(hasattr(callers, name) for name in callers.__all__)


def test_a_face_gives_nothing_else() -> None:
    with pytest.raises(AttributeError, match=r"registry\.identity\.callers.* has no attribute 'unknown'"):
        getattr(callers, "unknown")  # noqa: B009 - mypy knows that it does not exist


def test_every_face_of_stores_is_lazy() -> None:
    """Each command imports its room's schemas, and so the `__init__` of the room."""
    registry = Path(callers.__file__).parents[2]
    eager = [
        str(path)
        for path in registry.rglob("__init__.py")
        if re.search(r"^from registry\.[\w.]*\bstore\b", path.read_text(), re.MULTILINE)
    ]
    assert eager == []
