"""The examples of the Python client's documentation, run as they stand there against a whole service."""

from __future__ import annotations

import ast
import asyncio
import inspect
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

import registry.client
from registry.client import AsyncClient, Client
from tests import media
from tests.stack import Stack

SIZE = (320, 240)


@pytest.fixture(scope="module")
def key(private_service: Stack) -> str:
    roles = [word for role in ("lookup", "register") for word in ("--role", role)]
    made = private_service.fakeprint(
        "admin", "caller", "add", "a", "--organization", "python", *roles, "--json"
    )
    assert made.status == 0, made.stderr
    return str(made.line["key"])


def examples() -> list[str]:
    """The indented blocks after lines that end in `::`."""
    text = inspect.getdoc(registry.client) or ""
    found = re.findall(r"::\n\n((?:(?: {4}.*)?\n)+)", text)
    return [textwrap.dedent(one).strip() + "\n" for one in found]


def run(code: str, names: dict[str, Any]) -> None:
    """As a console would that knows `await`."""
    compiled = compile(code, "example", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    result = eval(compiled, names)  # noqa: S307 - the documentation's own code
    if inspect.iscoroutine(result):
        asyncio.run(result)


def test_the_examples_do_what_they_say(
    private_service: Stack,
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    on_upload, registration, queue = examples()
    media.clip(tmp_path / "fake.mp4", "chelsea", seconds=4, size=SIZE)
    media.clip(tmp_path / "interview.mp4", "coffee", seconds=4, size=SIZE)
    media.ffmpeg("-i", tmp_path / "fake.mp4", "-c:v", "libx264", "-crf", "32", tmp_path / "upload.mp4")
    monkeypatch.chdir(tmp_path)
    held: list[tuple[Any, list[str]]] = []
    names: dict[str, Any] = {
        "Client": lambda _url, key: Client(private_service.url, key),
        "AsyncClient": lambda _url, key: AsyncClient(private_service.url, key),
        "url": private_service.url,
        "key": key,
        "upload": "an upload",
        "hold": lambda upload, entries: held.append((upload, entries)),
        "pdq_hex": "0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2,
        "hashes": ["0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2, "short"],
    }
    run(registration, names)
    assert names["entry"]["status"] == "matchable"
    run(on_upload, names)
    assert names["answer"]["verdict"] in {"known_fake", "related"}
    if names["answer"]["verdict"] == "known_fake":
        assert held == [("an upload", [names["made"]["entry_id"]])]
    run(queue, names)
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["1", "2"]
    assert "bad_hash" in told[1]
