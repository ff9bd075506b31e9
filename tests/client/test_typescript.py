"""The TypeScript client: it is current, compiles with its types, and works against a service."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

from deploy.tools import node, sdk_typescript
from fakeprint.version import __version__
from tests.support.media import clips as media
from tests.support.service.stack import Stack

PROGRAM = Path(__file__).with_name("main_job.ts")


@pytest.mark.slow(23)
def test_it_is_current() -> None:
    """What was compared before, of the same files, is not generated again."""
    settings = [sdk_typescript.PACKAGE / name for name in sdk_typescript.SETTINGS]
    inputs = [sdk_typescript.DESCRIPTION, *settings]
    committed = _contents(sdk_typescript.GENERATED)
    digest = hashlib.sha256()
    for content in (*(path.read_bytes() for path in inputs), *committed.values()):
        digest.update(hashlib.sha256(content).digest())
    stamp = sdk_typescript.CACHE / "compared"
    if stamp.exists() and stamp.read_text() == digest.hexdigest():
        return
    made = _contents(sdk_typescript.generated())
    stale = {name for name in {*committed, *made} if committed.get(name) != made.get(name)}
    assert stale == set(), "run: make sdk"
    stamp.write_text(digest.hexdigest())


def _contents(folder: Path) -> Mapping[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_it_is_released_with_the_service() -> None:
    package = json.loads((sdk_typescript.PACKAGE / "package.json").read_text())
    assert package["version"] == __version__
    assert "dependencies" not in package


@pytest.mark.slow(31)
def test_the_main_job(running_service: Stack, tmp_path: Path) -> None:
    """Files, documents, a stream of 1,200 queries, errors and retries: `main_job.ts` checks each."""
    added = running_service.fakeprint(
        *("admin", "caller", "add", "node", "--organization", f"typescript {tmp_path.name}"),
        *("--role", "lookup", "--role", "register", "--json"),
    )
    assert added.status == 0, added.stderr
    pictures = (media.drawn(320, 180, seed=52_000 + frame // 25) for frame in range(100))
    fake = media.encode(tmp_path / "fake.mp4", pictures)
    copy = tmp_path / "copy.mp4"
    media.ffmpeg("-i", fake, "-vf", "scale=240:136", "-crf", "30", copy)
    module = sdk_typescript.compiled(PROGRAM) / "main_job.js"
    command = [node.program("node"), str(module), running_service.url, str(added.line["key"])]
    done = subprocess.run([*command, fake, copy], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["verdict"] == "known_fake"
    assert told["outcomes"] == ["known_fake", "bad_hash"]
    assert told["refusals"] == ["unauthenticated", "not_found", "unreachable", "not_media"]
