"""Requests that Schemathesis makes from the API's description, by every role.

Counted are answers of 5xx, and answers that the description does not allow.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from registry.app.wiring import wire
from tests.bench.registry import things
from tests.bench.registry.things import Things
from tests.support.service import api as processes
from tests.support.service import servers as services
from tests.support.service.api import Api

ROLES: Final[Mapping[str, Sequence[str]]] = {
    "everything": things.EVERYTHING,
    "platform": ("lookup",),
    "fact-checker": ("lookup", "register"),
    "reviewer": ("lookup", "review"),
    "lawyer": ("lookup", "register", "takedown"),
    "admin": ("admin",),
    "operator": (),
    "nobody": (),
}
"""Callers of one organization, whose things the calls name; the first administrator; one without a key."""
ROOT: Final = Path(__file__).parents[3]
PHASES: Final = "examples,coverage,fuzzing,stateful"
SHAPE: Final = (
    *("status_code_conformance", "content_type_conformance", "response_headers_conformance"),
    *("response_schema_conformance", "unsupported_method", "allow_header_conformance"),
)
CHECKS: Final = ("unforeseen", *SHAPE)
SECONDS: Final = 60
"""Of one role; the first has four times as long."""
UNFORESEEN: Final = "AssertionError"
"""How Schemathesis names what the check `unforeseen` raises."""


def measure(*, quick: bool = False) -> dict[str, Any]:
    """Run every phase for every role. Return the figures; say what is wrong on standard error."""
    wire()
    found: Counter[str] = Counter()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = stack.enter_context(stack.enter_context(services.postgres()).clone())
        api = stack.enter_context(processes.running(url, folder, most_lookups=100_000, lookup_wait=0))
        worker = processes.command("worker", "--queues", "interactive")
        log = folder / "worker.log"
        stack.enter_context(services.running(worker, log, processes.variables(api.settings)))
        owner = things.make(api)
        (folder / "things.json").write_text(json.dumps(owner.ids), encoding="utf-8")
        for number, role in enumerate(ROLES, 27):
            seconds = (SECONDS // 6 if quick else SECONDS) * (4 if role == "everything" else 1)
            run = Run(folder, role, seconds, number)
            for failure in run.failures(api.url, _key(api, owner, role)):
                found[failure["type"]] += failure["count"]
                print(f"  {role}: {failure['title']}: {failure['operations']}", file=sys.stderr)
        errors = [line for line in api.lines() if line.get("level") in {"ERROR", "CRITICAL"}]
        print(*(json.dumps(line)[:800] for line in errors[:20]), sep="\n", file=sys.stderr)
    return {
        "schemathesis_5xx": found.pop(UNFORESEEN, 0) + len(errors),
        "schemathesis_schema_violations": sum(found.values()),
    }


def _key(api: Api, owner: Things, role: str) -> str | None:
    """Return the authorization of a new caller with this role, of the organization whose things are named."""
    if role == "nobody":
        return None
    if role == "operator":
        return f"Bearer {api.key}"
    body = {"name": f"{role} {uuid4()}", "roles": list(ROLES[role])}
    made = owner.clients[0].post("/v1/callers", json=body)
    return f"Bearer {made.raise_for_status().json()['key']}"


@dataclass(frozen=True)
class Run:
    """One run of Schemathesis: `seconds` long, for one role."""

    folder: Path
    role: str
    seconds: int
    seed: int

    def failures(self, url: str, key: str | None) -> list[dict[str, Any]]:
        """Return what failed, by kind: `type`, `title`, `count`, `operations`."""
        print(f"{time.strftime('%H:%M:%S')} {self.role}", file=sys.stderr, flush=True)
        out = self.folder / f"{self.role}.json"
        command = [
            sys.executable,
            "-m",
            "schemathesis.cli",
            "run",
            f"{url}/openapi.json",
            *self._options(out),
        ]
        if key is not None:
            command += ["--header", f"Authorization: {key}"]
        environment = os.environ | {
            "SCHEMATHESIS_HOOKS": "tests.bench.hostile.hooks",
            "THINGS_FILE": str(self.folder / "things.json"),
            "PYTHONPATH": str(ROOT),
        }
        # Schemathesis keeps the crashes that it found in the working directory, and repeats them.
        ran = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, cwd=self.folder
        )
        if keep := os.environ.get("KEEP"):
            Path(keep, f"{self.role}.txt").write_text(ran.stdout + ran.stderr, encoding="utf-8")
        if not out.exists():
            raise RuntimeError(ran.stdout[-2000:] + ran.stderr[-2000:])
        found: list[dict[str, Any]] = json.loads(out.read_text(encoding="utf-8"))["failures"]
        return found

    def _options(self, out: Path) -> list[str]:
        options = ["--phases", PHASES, "--checks", ",".join(CHECKS), "--max-time", str(self.seconds)]
        options += [
            "--report",
            "json",
            "--report-json-path",
            str(out),
            "--seed",
            str(self.seed),
            "--no-shrink",
        ]
        options += ["--suppress-health-check", "all", "--request-timeout", "90", "--continue-on-failure"]
        return options
