"""The interfaces that are commands: each prints one line of JSON for each path, in order."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.bench.doors import answers
from tests.bench.doors.answers import Said
from tests.bench.doors.cases import Case
from tests.support.service.stack import PROGRAM, Stack, environment

Ask = Callable[[Stack, str, Sequence[Case]], Iterator[Said]]
"""A door: the answers to all cases, in their order, from the service with this key."""


def look_up(stack: Stack, _key: str, cases: Sequence[Case]) -> Iterator[Said]:
    """Run `fakeprint lookup`."""
    return map(answers.of, _lines(stack, [*PROGRAM, "lookup", "--json"], cases))


def upload(stack: Stack, _key: str, cases: Sequence[Case]) -> Iterator[Said]:
    """Run `fakeprint lookup --upload`."""
    return map(answers.of, _lines(stack, [*PROGRAM, "lookup", "--json", "--upload"], cases))


def document(stack: Stack, key: str, cases: Sequence[Case]) -> Iterator[Said]:
    """Run `fakeprint hash` and send its document."""
    return _sent(stack, key, _lines(stack, [*PROGRAM, "hash"], cases))


def document_with_faces(stack: Stack, key: str, cases: Sequence[Case]) -> Iterator[Said]:
    """Run `fakeprint hash --faces` and send its document."""
    return _sent(stack, key, _lines(stack, [*PROGRAM, "hash", "--faces"], cases))


def python(stack: Stack, key: str, cases: Sequence[Case]) -> Iterator[Said]:
    """Run the first example of the Python client in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.doors.example", stack.url, key]
    return map(answers.of, _lines(stack, command, cases))


DOORS: Final[dict[str, Ask]] = {
    "upload": upload,
    "lookup": look_up,
    "document": document,
    "document faces": document_with_faces,
    "python": python,
}


def _sent(stack: Stack, key: str, documents: Iterator[dict[str, Any]]) -> Iterator[Said]:
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.Client(base_url=stack.url, headers=headers, timeout=120, trust_env=False) as client:
        for made in documents:
            if "error" in made:
                yield answers.of(made)
            else:
                body = {"type": "document", "document": made}
                yield answers.of(client.post("/v1/lookups", json=body).json())


def _lines(stack: Stack, command: Sequence[str], cases: Sequence[Case]) -> Iterator[dict[str, Any]]:
    """Return the command's output for each case. Raises `SystemExit` with its messages if lines are
    missing."""
    command_line = [*command, *(str(case.path) for case in cases)]
    answered = 0
    with tempfile.TemporaryFile("w+", prefix="doors-") as log:
        with subprocess.Popen(
            command_line,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(FAKEPRINT_DATA=str(stack.data)),
            cwd=Path(__file__).parents[3],
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                answered += 1
                yield json.loads(line)
        if answered != len(cases):
            log.seek(0)
            message = f"{' '.join(command)} answered {answered} of {len(cases)} clips: {log.read()[-1000:]}"
            raise SystemExit(message)
