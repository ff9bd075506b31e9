"""Table of the API's error codes: HTTP statuses and meaning, collected from the error classes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Final

import registry
from registry.core.errors import FakeprintError

_REGISTRY: Final = Path(str(registry.__file__)).parent


def _codes() -> dict[str, tuple[str, str]]:
    for path in (*_REGISTRY.rglob("errors.py"), *_REGISTRY.glob("core/errors/*.py")):
        module = ".".join(path.relative_to(_REGISTRY).with_suffix("").parts)
        import_module(f"{registry.__name__}.{module}")
    meanings_by_code: dict[str, dict[int, str]] = defaultdict(dict)
    for kind in FakeprintError.kinds():
        if kind.meaning:
            meanings_by_code[kind.code][kind.status] = kind.meaning
    return {
        code: (", ".join(map(str, sorted(meanings))), " ".join(dict.fromkeys(meanings.values())))
        for code, meanings in sorted(meanings_by_code.items())
    }


CODES: Final[Mapping[str, tuple[str, str]]] = _codes()
"""By code: its HTTP statuses and its meaning."""
