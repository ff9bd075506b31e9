"""Run programs that read the files of `deploy/`, as an operator would."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.support.documents.manifests import DEPLOY


def ran(*command: object) -> subprocess.CompletedProcess[str]:
    """Run a program for at most two minutes and return its result."""
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )


def composed() -> dict[str, Any]:
    """Return compose.yaml as Compose resolves it, with all interpolations and merges."""
    done = ran("docker-compose", "-f", DEPLOY / "compose.yaml", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
