"""Looks a good file up again and again, in a process of its own: `python -m tests.bench.hostile.good URL KEY
FILE`.

It asks once for each line that it reads, and prints a line: seconds since the epoch when it asked and when
it was answered, and the id of the lookup or what was wrong.
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


@dataclass(frozen=True, slots=True)
class Answer:
    """When a good file was sent, and when it was answered, in seconds since the epoch."""

    lookup_id: str
    asked: float
    told: float


@dataclass
class Good:
    """The answers to a good file, one after another, and what was wrong where there was none."""

    answers: list[Answer] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def ask(self, asker: subprocess.Popen[str]) -> None:
        """Let it be looked up once."""
        assert asker.stdin
        assert asker.stdout
        asker.stdin.write("\n")
        asker.stdin.flush()
        asked, told, lookup_id, wrong = json.loads(asker.stdout.readline())
        if wrong:
            self.failed.append(wrong)
        else:
            self.answers.append(Answer(lookup_id, asked, told))

    @property
    def taken(self) -> list[float]:
        """Return the seconds of each answer, infinite where it failed."""
        taken = [answer.told - answer.asked for answer in self.answers]
        return [*taken, *([float("inf")] * len(self.failed))]

    @property
    def p95(self) -> float:
        return p95(self.taken)


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


def _look_up(client: httpx2.Client, content: bytes) -> tuple[float, float, str, str]:
    # Other bytes at the end, so that no answer is remembered.
    part = {"file": ("good.mp4", content + time.time_ns().to_bytes(8), "video/mp4")}
    asked = time.time()
    answered = client.post("/v1/lookups", files=part, headers={"Prefer": "wait=120"})
    while answered.status_code == 202:
        time.sleep(0.05)
        answered = client.get(answered.headers["location"], headers={"Prefer": "wait=60"})
    if answered.status_code == 200:
        return asked, time.time(), answered.json()["lookup_id"], ""
    return asked, time.time(), "", f"{answered.status_code} {answered.text[:100]}"


def main(url: str, key: str, path: str) -> None:
    """Ask until there is no further line."""
    content = Path(path).read_bytes()
    headers = {"Authorization": key}
    with httpx2.Client(base_url=url, headers=headers, trust_env=False, timeout=600) as client:
        for _ in sys.stdin:
            print(json.dumps(_look_up(client, content)), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
