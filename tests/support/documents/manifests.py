"""The objects of deploy/chart as Helm makes them, and the example of its secrets, anew for each call."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from tests.support.documents.helm import CHART, rendered

DEPLOY: Final = Path(__file__).parents[3] / "deploy"
SECRETS: Final = CHART / "secrets.example.yaml"
MOUNTED: Final = "/run/secrets/fakeprint"
"""Directory in which secrets are mounted as files."""
PROVIDER: Final = "203.0.113.0/24"


@cache
def manifests() -> str:
    """Return the YAML of a release whose database lies at a provider's, with its secrets."""
    return "---\n".join((SECRETS.read_text("utf-8"), rendered("--set", f"network.providers={{{PROVIDER}}}")))


@cache
def _read() -> list[dict[str, Any]]:
    return [document for document in yaml.safe_load_all(manifests()) if document]


def documents() -> list[dict[str, Any]]:
    """Return all objects, unchanged."""
    return deepcopy(_read())


def of_kind(*kinds: str) -> dict[str, dict[str, Any]]:
    """Return the objects of these kinds, by name."""
    return {each["metadata"]["name"]: each for each in documents() if each["kind"] in kinds}
