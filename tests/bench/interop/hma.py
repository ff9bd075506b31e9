"""Hasher-Matcher-Actioner's own tests over HTTP."""

from __future__ import annotations

import re
import tempfile
import tomllib
from pathlib import Path

from tests.bench.interop.tools import python_with, ran
from tests.support.service import stack

BINARY = {"psycopg2": "psycopg2-binary", "flask-openapi3[swagger]": "flask-openapi3"}
"""Packages in place of those that are compiled, or only draw pages."""


def measure(peers: Path) -> dict[str, int]:
    """Return how many of its tests that speak HTTP pass. Prints those that do not."""
    root = peers / "hasher-matcher-actioner"
    with (root / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["project"]["dependencies"]
    packages = [BINARY.get(package, package) for package in needed]
    python = python_with("hma", [*packages, "pillow", "pytest", "httpx"])
    source = root / "src"
    with stack.running(FAKEPRINT_FETCH_PRIVATE="true") as started, tempfile.TemporaryDirectory() as folder:
        done = ran(
            *(python, "-m", "pytest", "-p", "hma_twin", "-p", "no:cacheprovider", "--rootdir", source, "-q"),
            *("-rf", "--tb=no", source / "OpenMediaMatch" / "tests"),
            folder=Path(folder),
            PYTHONPATH=f"{source}:{Path(__file__).parent}",
            PYTHONDONTWRITEBYTECODE="1",
            OMM_CONFIG=str(source / "OpenMediaMatch" / "tests" / "omm_config.py"),
            INTEROP_URL=started.url,
            INTEROP_KEY=(started.data / "admin.key").read_text().strip(),
        )
    for line in done.stdout.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            print("  " + line.rpartition("/")[2])
    counts = dict.fromkeys(("passed", "failed", "error"), 0)
    for number, kind in re.findall(r"(\d+) (passed|failed|error)", done.stdout.rpartition("\n")[0][-300:]):
        counts[kind] = int(number)
    if not counts["passed"]:
        raise RuntimeError((done.stdout + done.stderr)[-500:])
    return {"hma_tests_passed": counts["passed"], "hma_tests_http": sum(counts.values())}
