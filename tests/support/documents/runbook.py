"""The commands of deploy/runbook.md as they stand there, for tests that do what it says."""

from __future__ import annotations

from pathlib import Path
from typing import Final

RUNBOOK: Final = Path(__file__).parents[3] / "deploy" / "runbook.md"


def commands(start: str) -> str:
    """The indented lines below the line that begins so, up to the next text after them."""
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
