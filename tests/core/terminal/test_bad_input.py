"""Bad input on the command line: each file its code, wherever it is read; the rest goes on."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image

from tests.support.media import clips as media
from tests.support.service import servers as services
from tests.support.service.stack import PROGRAM, Stack, environment, within


def _zero_length(path: Path) -> None:
    media.ffmpeg("-f", "lavfi", "-i", "testsrc=duration=1", "-frames:v", "0", path)


BAD: dict[str, tuple[Callable[[Path], object], str]] = {
    "text.mp4": (lambda path: path.write_text("no media at all, only words\n" * 50), "not_media"),
    "empty.mp4": (lambda path: path.touch(), "empty_file"),
    "cut.jpg": (lambda path: path.write_bytes(_jpeg()[:300]), "truncated_media"),
    "bomb.png": (lambda path: path.write_bytes(media.png_claiming(30_000, 30_000)), "too_large"),
    "nothing.mp4": (_zero_length, "zero_length"),
    "folder": (lambda path: path.mkdir(), "is_a_directory"),
    "missing.mp4": (lambda _path: None, "missing_path"),
    "pipe": (os.mkfifo, "not_media"),
}
"""What makes each file, and the code that it meets."""


def _jpeg() -> bytes:
    held = BytesIO()
    Image.fromarray(media.photograph("coffee")).save(held, "JPEG")
    return held.getvalue()


@pytest.fixture(scope="module")
def bad(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """Each bad file with its code, and one good file in their middle with none."""
    folder = tmp_path_factory.mktemp("bad")
    made: dict[Path, str] = {}
    for name, (make, code) in BAD.items():
        make(folder / name)
        made[folder / name] = code
        if name == "bomb.png":
            made[media.clip(folder / "good.mp4", "rocket", seconds=3)] = ""
    return made


@pytest.mark.slow(14)
@pytest.mark.parametrize(
    "command",
    [["register"], ["register", "--hash-only"], ["lookup"], ["lookup", "--upload"]],
    ids=" ".join,
)
def test_every_bad_file_has_its_code(
    running_service: Stack, bad: dict[Path, str], command: list[str]
) -> None:
    bank = f"bank {uuid4()}"
    running_service.fakeprint("admin", "bank", "add", bank)
    done = running_service.fakeprint(*command, *bad, "--bank", bank, "--json")
    assert done.status == 1
    assert [line["path"] for line in done.lines] == [str(path) for path in bad]
    codes = {Path(line["path"]).name: line.get("error", {}).get("code", "") for line in done.lines}
    assert codes == {path.name: code for path, code in bad.items()}
    assert all(line["error"]["message"] for line in done.lines if "error" in line)
    good = next(line for line in done.lines if "error" not in line)
    assert good.get("status", "matchable") == "matchable"


def test_a_url_is_refused_with_a_next_step(running_service: Stack) -> None:
    done = running_service.fakeprint("lookup", "https://clips.example/a b.mp4", "--json")
    error = done.line["error"]
    assert (done.status, error["code"]) == (1, "url_not_fetched")
    assert "curl -L -o clip.mp4 'https://clips.example/a b.mp4'" in error["next_step"]


def test_nothing_at_standard_input_is_an_empty_file(running_service: Stack) -> None:
    done = _piped(running_service, b"", "lookup", "-", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "empty_file"


def test_standard_input_is_read_once(running_service: Stack) -> None:
    done = _piped(running_service, b"x", "lookup", "-", "-")
    assert done.returncode == 2
    assert b"can be read once" in done.stderr


def _piped(service: Stack, given: bytes, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        env=environment(FAKEPRINT_DATA=str(service.data)),
        input=given,
        capture_output=True,
        timeout=120,
        check=False,
    )


@pytest.mark.slow
def test_a_failed_entry_shows_why_and_can_be_retried(running_service: Stack, bad: dict[Path, str]) -> None:
    bank = f"bank {uuid4()}"
    running_service.fakeprint("admin", "bank", "add", bank)
    path = next(path for path in bad if path.name == "text.mp4")
    result = running_service.fakeprint("register", path, "--bank", bank)
    assert result.status == 1
    assert result.stdout == ""
    assert result.stderr.startswith(f"error [not_media]: {path}: ")
    entry_id = running_service.fakeprint("entries", "--bank", bank, "--json").line["entry_id"]
    assert f"fakeprint entries retry {entry_id}" in result.stderr
    shown = running_service.fakeprint("entries", entry_id).stdout
    assert "failed" in shown
    assert "error [not_media]" in shown
    failed = running_service.fakeprint("entries", "--status", "failed", "--bank", bank)
    assert failed.stdout.split("\t")[:2] == [entry_id, "failed"]
    again = running_service.fakeprint("entries", "retry", entry_id)
    assert again.status == 1
    assert "error [not_media]" in again.stderr
    added = running_service.fakeprint("entries", "add", entry_id, path, "--original")
    assert added.status == 1


@pytest.mark.slow(15)
@pytest.mark.parametrize("name", ["text.mp4", "missing.mp4"])
@pytest.mark.parametrize("how", [[], ["--hash-only"]], ids=["media", "hash-only"])
def test_a_bad_original_keeps_the_fake_out(
    running_service: Stack, bad: dict[Path, str], name: str, how: list[str]
) -> None:
    bank = f"bank {uuid4()}"
    running_service.fakeprint("admin", "bank", "add", bank)
    [good] = (path for path, code in bad.items() if not code)
    [wrong] = (path for path in bad if path.name == name)
    done = running_service.fakeprint("register", good, "--original", wrong, "--bank", bank, "--json", *how)
    assert done.status == 1
    assert done.line["path"] == str(good)
    assert done.line["error"]["code"] == bad[wrong]
    assert name in done.line["error"]["message"] or "entry_id" in done.line
    result = running_service.fakeprint("lookup", good, "--bank", bank, "--json")
    assert result.line["verdict"] == "no_match"


def test_one_bad_file_keeps_its_whole_entry_out(running_service: Stack, bad: dict[Path, str]) -> None:
    bank = f"bank {uuid4()}"
    running_service.fakeprint("admin", "bank", "add", bank)
    [good] = (path for path, code in bad.items() if not code)
    done = running_service.fakeprint("register", good, "/missing", "--one-entry", "--bank", bank, "--json")
    assert [line["error"]["code"] for line in done.lines] == ["missing_path", "missing_path"]
    assert "/missing" in done.lines[0]["error"]["message"]
    assert running_service.fakeprint("entries", "--bank", bank, "--json").lines == []


@pytest.mark.slow(20)
def test_odd_media_is_media(running_service: Stack, tmp_path: Path) -> None:
    frames = [Image.fromarray(frame) for frame in media.panning("coffee", 320, 240, 6)]
    frames[0].save(tmp_path / "moving.webp", save_all=True, append_images=frames[1:], duration=300)
    media.encode(tmp_path / "one.mp4", media.panning("coffee", 320, 240, 1))
    names = sorted(path.name for path in tmp_path.iterdir())
    done = running_service.fakeprint("lookup", tmp_path, "--recursive", "--json")
    assert done.status == 0, done.stdout
    assert [Path(line["path"]).name for line in done.lines] == names
    sent = running_service.fakeprint("lookup", tmp_path, "--recursive", "--upload", "--json")
    assert [line.get("verdict") for line in sent.lines] == [line["verdict"] for line in done.lines], (
        sent.stdout
    )


@pytest.mark.slow
def test_a_file_without_rights(running_service: Stack) -> None:
    with services.open_temporary_folder("rights") as folder:
        folder.chmod(0o755)
        secret = media.clip(folder / "secret.mp4", seconds=1)
        secret.chmod(0)
        key = (running_service.data / "admin.key").read_text().strip()
        # Root may read everything, so the command runs as another user.
        user = 65534 if os.geteuid() == 0 else None
        for command in (["lookup"], ["lookup", "--upload"], ["register"]):
            done = subprocess.run(
                [*PROGRAM, *command, str(secret), "--json"],
                env=environment(FAKEPRINT_URL=running_service.url, FAKEPRINT_KEY=key),
                capture_output=True,
                user=user,
                cwd=folder,
                check=False,
            )
            assert done.returncode == 1, done.stderr
            assert json.loads(done.stdout)["error"]["code"] == "no_permission"


COMMANDS = [
    ["register", sys.executable],
    ["lookup", sys.executable],
    ["lookup", sys.executable, "--upload"],
    ["entries"],
    ["entries", "01890a5d-0000-4000-8000-000000000000"],
    ["entries", "retry", "01890a5d-0000-4000-8000-000000000001"],
    ["admin", "bank", "list"],
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_wrong_key(running_service: Stack, command: list[str]) -> None:
    done = running_service.fakeprint(*command, FAKEPRINT_KEY="wrong")
    assert (done.status, done.stdout) == (1, "")
    assert "error [unauthenticated]: " in done.stderr
    assert "next: " in done.stderr


@pytest.mark.parametrize("command", COMMANDS[:5], ids=" ".join)
def test_a_service_that_does_not_run(command: list[str], tmp_path: Path) -> None:
    done = within(*command, FAKEPRINT_DATA=str(tmp_path))
    assert (done.status, done.stdout) == (1, "")
    assert f"error [no_service]: No service runs from {tmp_path}" in done.stderr
    assert "fakeprint up" in done.stderr
    assert "FAKEPRINT_URL" in done.stderr


@pytest.mark.slow
def test_a_service_that_died(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{services.free_port()}"
    (tmp_path / "run.json").write_text(json.dumps({"url": url, "pids": {}}))
    (tmp_path / "admin.key").write_text("k")
    done = within("register", "/missing", __file__, "--json", "--data", tmp_path)
    assert done.status == 1
    codes = {line["path"]: line["error"]["code"] for line in done.lines}
    assert codes == {"/missing": "missing_path", __file__: "service_unreachable"}


def test_an_unknown_bank(running_service: Stack, bad: dict[Path, str]) -> None:
    [good] = (str(path) for path, code in bad.items() if not code)
    for command in (["register", good], ["lookup", good], ["lookup", good, "--upload"], ["entries"]):
        done = running_service.fakeprint(*command, "--bank", "no such")
        assert done.status == 1
        assert "error [unknown_bank]" in done.stderr
