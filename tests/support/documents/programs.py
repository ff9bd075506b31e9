"""Programs that read what `deploy/` holds, as whoever runs it would."""

from __future__ import annotations

import json
import subprocess
from typing import Any

from tests.support.documents.manifests import DEPLOY


def ran(*command: object) -> subprocess.CompletedProcess[str]:
    """What a program said, and how it ended; two minutes at most."""
    return subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=120, check=False
    )


def composed() -> dict[str, Any]:
    """What Compose itself makes of compose.yaml, with all that it interpolates and merges."""
    done = ran("docker-compose", "-f", DEPLOY / "compose.yaml", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found
