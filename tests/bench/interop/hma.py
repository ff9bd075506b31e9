"""Hasher-Matcher-Actioner's own tests over HTTP."""

from __future__ import annotations

import re
import tempfile
import tomllib
from pathlib import Path
from typing import Final
from uuid import uuid4

import httpx2

from tests.bench.interop import hma_requests
from tests.bench.interop.tools import python_with, ran
from tests.support.service import stack

ROLES: Final = ["lookup", "register", "admin", "hma"]
BINARY: Final = {"psycopg2": "psycopg2-binary", "flask-openapi3[swagger]": "flask-openapi3"}
"""Packages in place of those that are compiled, or only draw pages."""


def measure(peers: Path) -> dict[str, int]:
    """Return how many of its tests that speak HTTP pass, and how many requests are answered as by its server.
    Prints the others."""
    root = peers / "hasher-matcher-actioner"
    with (root / "pyproject.toml").open("rb") as file:
        needed = tomllib.load(file)["project"]["dependencies"]
    packages = [BINARY.get(package, package) for package in needed]
    python = python_with("hma", [*packages, "gunicorn", "pillow", "pytest", "httpx2"])
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
        key = (started.data / "admin.key").read_text().strip()
        with httpx2.Client(
            base_url=started.url, headers=client_headers(started.url, key), timeout=90
        ) as ours:
            compared = hma_requests.compare(source, python, ours, Path(folder))
    for line in done.stdout.splitlines():
        if line.startswith(("FAILED", "ERROR")):
            print("  " + line.rpartition("/")[2])
    counts = dict.fromkeys(("passed", "failed", "error"), 0)
    for number, kind in re.findall(r"(\d+) (passed|failed|error)", done.stdout.rpartition("\n")[0][-300:]):
        counts[kind] = int(number)
    if not counts["passed"]:
        raise RuntimeError((done.stdout + done.stderr)[-500:])
    return {"hma_tests_passed": counts["passed"], "hma_tests_http": sum(counts.values())} | compared


def client_headers(url: str, key: str) -> dict[str, str]:
    """Return the headers of a caller in a new organization."""
    new = {"organization": f"hma {uuid4()}", "name": "hma", "roles": ROLES}
    made = httpx2.post(f"{url}/v1/callers", headers={"Authorization": f"Bearer {key}"}, json=new)
    return {"Authorization": f"Bearer {made.raise_for_status().json()['key']}"}
