"""The command line. `fakeprint` is `registry.cli:main`; each command is a file of its own beside this one."""

from __future__ import annotations

import os

# A lookup multiplies matrices of a few dozen rows: there OpenBLAS's threads cost more than they bring (9 ms of
# CPU instead of 20 to 70), and the processes of one machine share its cores. Read when numpy is first imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from registry.cli.group import main  # noqa: E402 - the line above must come first

__all__ = ["main"]
