"""The description and its page: open to everybody, sent cheaply, without scripts; and its examples run."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from registry.app.api import guide
from tests.support.media import clips as media
from tests.support.service.api import Api
from tests.support.service.stack import Stack, environment


@pytest.mark.slow
@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_the_description_needs_no_key_and_is_cached(api: Api, path: str) -> None:
    with api.client(None) as nobody:
        plain = nobody.get(path, headers={"Accept-Encoding": "identity"})
        packed = nobody.get(path, headers={"Accept-Encoding": "gzip"})
        known = nobody.get(path, headers={"If-None-Match": f'W/"0", {plain.headers["etag"]}'})
    assert (plain.status_code, packed.status_code) == (200, 200)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content
    assert int(packed.headers["content-length"]) < len(plain.content) / 4
    assert (known.status_code, known.content, known.headers["etag"]) == (304, b"", plain.headers["etag"])
    assert len(gzip.compress(plain.content)) < 200_000, "a page that a phone can open"


@pytest.mark.slow
def test_the_page_loads_nothing_and_runs_nothing(api: Api) -> None:
    with api.client(None) as nobody:
        answered = nobody.get("/docs")
    policy = answered.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "script-src" not in policy
    assert not re.search(r"<(script|link|img|iframe)\b|\son\w+=|style=", answered.text)
    assert answered.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.slow
def test_the_page_has_a_quick_start_and_every_operation(api: Api) -> None:
    with api.client(None) as nobody:
        page = nobody.get("/docs").text
        described = nobody.get("/openapi.json").json()
    assert described["info"]["description"].startswith("## Authentication")
    for call in guide.CALLS:
        assert call.example in described["info"]["description"]
        assert f'href="#{call.operation}"' in page
    for methods in described["paths"].values():
        for operation in methods.values():
            assert f'<details id="{operation["operationId"]}">' in page
    anchors = set(re.findall(r' id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= anchors


def _run(example: str, stack: Stack, folder: Path) -> subprocess.CompletedProcess[str]:
    """The example in a shell of its own, after the settings."""
    settings = guide.SETTINGS.replace("http://127.0.0.1:8000", stack.url)
    return subprocess.run(
        ["sh", "-ec", settings + example],
        cwd=folder,
        env=environment(PATH=f"{Path(sys.executable).parent}:{os.environ['PATH']}"),
        check=False,
        capture_output=True,
        text=True,
        timeout=300,
    )


@pytest.mark.slow(14)
def test_the_examples_run_as_they_stand(running_service: Stack, tmp_path: Path) -> None:
    """In a shell, one after the other, with curl and the command line."""
    for name, photo in (("clip", "coffee"), ("fake", "rocket"), ("original", "coffee")):
        media.encode(tmp_path / f"{name}.mp4", media.panning(photo, 160, 90, 60), rate=10)
    shutil.copy(running_service.data / "admin.key", tmp_path)
    messages = []
    for script in ("", *(call.example for call in guide.CALLS)):
        done = _run(script, running_service, tmp_path)
        assert done.returncode == 0, done.stderr
        assert '"code"' not in done.stdout, done.stdout
        messages.append(done.stdout)
    assert all('"verdict"' in item for item in messages[1:5])
    assert '"entry_id"' in messages[5]


@pytest.mark.slow
def test_the_example_that_waits_takes_an_answer_that_comes_at_once(
    running_service: Stack, tmp_path: Path
) -> None:
    """As of a file whose sha256 is registered, though it was asked not to wait."""
    clip = media.encode(tmp_path / "clip.mp4", media.panning("chelsea", 160, 90, 60), rate=10)
    assert running_service.fakeprint("register", clip, "--title", "https://example.org/").status == 0
    shutil.copy(running_service.data / "admin.key", tmp_path)
    done = _run(guide.CALLS[1].example, running_service, tmp_path)
    assert done.returncode == 0, done.stderr
    assert '"sampling":"digest"' in done.stdout
