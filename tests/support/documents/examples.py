"""Extract the examples in a module's documentation and run them unchanged."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from types import ModuleType
from typing import Any


def examples(module: ModuleType) -> list[str]:
    """Return the indented blocks after lines that end in `::`."""
    text = inspect.getdoc(module) or ""
    found = re.findall(r"::\n\n((?:(?: {4}.*)?\n)+)", text)
    return [textwrap.dedent(block).strip() + "\n" for block in found]


def run(code: str, names: dict[str, Any]) -> None:
    """Run an example with these names, like a Python console that supports `await`."""
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)  # noqa: S307 - the documentation's own code
    if inspect.iscoroutine(result):
        asyncio.run(result)
