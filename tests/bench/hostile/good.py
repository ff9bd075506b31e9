"""Looks a good file up again and again, in a process of its own: `python -m tests.bench.hostile.good URL KEY
FILE`.

It asks once for each line that it reads, and prints a line: seconds, and the id of the lookup or what was
wrong.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import PIPE

import httpx2


@dataclass
class Good:
    """Seconds until a good file was answered, one after another."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lookups: list[str] = field(default_factory=list)

    def ask(self, asker: subprocess.Popen[str]) -> None:
        """Let it be looked up once."""
        assert asker.stdin
        assert asker.stdout
        asker.stdin.write("\n")
        asker.stdin.flush()
        seconds, lookup_id, wrong = json.loads(asker.stdout.readline())
        if wrong:
            self.failed.append(wrong)
        else:
            self.seconds.append(seconds)
            self.lookups.append(lookup_id)

    @property
    def p95(self) -> float:
        """Infinite where an answer failed."""
        return p95([*self.seconds, *([float("inf")] * len(self.failed))])


def p95(seconds: Sequence[float]) -> float:
    """The nearest rank."""
    return sorted(seconds)[min(len(seconds) - 1, int(0.95 * len(seconds)))]


@contextmanager
def asker(url: str, key: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    """Start the process, which waits to be told to ask."""
    command = [sys.executable, "-m", __name__, url, key, str(path)]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, text=True) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def _look_up(client: httpx2.Client, content: bytes) -> tuple[float, str, str]:
    # Other bytes at the end, so that no answer is remembered.
    part = {"file": ("good.mp4", content + time.time_ns().to_bytes(8), "video/mp4")}
    began = time.perf_counter()
    answered = client.post("/v1/lookups", files=part, headers={"Prefer": "wait=120"})
    while answered.status_code == 202:
        time.sleep(0.05)
        answered = client.get(answered.headers["location"], headers={"Prefer": "wait=60"})
    if answered.status_code == 200:
        return time.perf_counter() - began, answered.json()["lookup_id"], ""
    return 0.0, "", f"{answered.status_code} {answered.text[:100]}"


def main(url: str, key: str, path: str) -> None:
    """Ask until there is no further line."""
    content = Path(path).read_bytes()
    headers = {"Authorization": key}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=600) as client:
        for _ in sys.stdin:
            print(json.dumps(_look_up(client, content)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
