"""The commands of deploy/runbook.md, for tests that follow it."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

RUNBOOK: Final = Path(__file__).parents[3] / "deploy" / "runbook.md"


def commands(start: str) -> str:
    """Return the indented lines below the line that begins with `start`, up to the next text."""
    lines = iter(RUNBOOK.read_text(encoding="utf-8").splitlines())
    assert any(line.startswith(start) for line in lines), f"the runbook has no {start!r}"
    found: list[str] = []
    for line in lines:
        if line.startswith("    "):
            found.append(line.strip())
        elif line and (found or line.startswith("#")):
            break
    assert found, f"no commands stand below {start!r}"
    return "\n".join(found)


def typed(start: str, environment: Mapping[str, str]) -> str:
    """Type these commands into a shell with this environment, and return the output. The first command that
    fails ends the shell and fails the test."""
    words = ["bash", "-euo", "pipefail", "-c", commands(start)]
    done = subprocess.run(words, check=False, capture_output=True, text=True, env=dict(environment))
    assert done.returncode == 0, done.stderr
    return done.stdout
