"""Load the manifests of deploy/kubernetes, anew for each call."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import yaml

DEPLOY: Final = Path(__file__).parents[3] / "deploy"
MANIFESTS: Final = sorted((DEPLOY / "kubernetes").rglob("*.yaml"))
NOT_OBJECTS: Final = {"kustomization.yaml", "adapter.yaml", "prometheus.yaml"}
MOUNTED: Final = "/run/secrets/fakeprint"
"""Directory in which secrets are mounted as files."""


def documents() -> list[dict[str, Any]]:
    """Return all objects, unchanged."""
    return [
        document
        for path in MANIFESTS
        if path.name not in NOT_OBJECTS
        for document in yaml.safe_load_all(path.read_text("utf-8"))
    ]


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """Return the objects of these kinds, by name."""
    return {each["metadata"]["name"]: each for each in documents() if each["kind"] in kinds}
