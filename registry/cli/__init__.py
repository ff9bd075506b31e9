"""The command line. `fakeprint` is `registry.cli:main`; each command is a file of its own beside this one."""

from __future__ import annotations

from registry.cli.group import main

__all__ = ["main"]
