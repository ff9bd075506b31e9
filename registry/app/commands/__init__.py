"""The command line. `fakeprint` is `registry.app.commands:main`; each command is a file of its own beside
this one."""

from __future__ import annotations

import os

# A lookup multiplies matrices of a few dozen rows. With OpenBLAS's threads that takes 20 to 70 ms of CPU
# instead of 9, and all processes share the cores. numpy reads the variable when it is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from registry.app.commands.group import main

__all__ = ["main"]
