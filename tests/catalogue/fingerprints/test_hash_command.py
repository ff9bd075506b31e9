"""`fakeprint hash`, run as a person runs it: no server, no network, no database, one document a line."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from PIL import Image

from registry.catalogue.fingerprints.model.algorithms import OF_SOUND
from registry.catalogue.fingerprints.model.document import from_document
from tests.support.media import clips as media
from tests.support.service.stack import within

ROOT = Path(__file__).parents[3]
SCHEMA = json.loads((ROOT / "schema" / "fingerprint-document.v1.json").read_text(encoding="utf-8"))
PROGRAM = (sys.executable, "-c", "from registry.app.commands import main; main()", "hash")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip and a still that show a face, a still that shows none, and a text."""
    folder = tmp_path_factory.mktemp("hash")
    media.clip(folder / "clip.mp4", seconds=3, size=(320, 180))
    Image.fromarray(media.photograph("astronaut")).save(folder / "still.jpg")
    Image.fromarray(media.photograph("coffee")).save(folder / "coffee.png")
    (folder / "notes.txt").write_text("not media\n" * 50)
    return folder


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Within this process, which has loaded the models once for all."""
    done = within("hash", *arguments)
    return subprocess.CompletedProcess([*map(str, arguments)], done.status, done.stdout, done.stderr)


def run_alone(
    *arguments: str | Path, cwd: Path = ROOT, env: dict[str, str] | None = None, piped: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **(env or {})}
    command = [*PROGRAM, *map(str, arguments)]
    with (piped or Path(os.devnull)).open("rb") as stdin:
        return subprocess.run(
            command,
            stdin=stdin,
            capture_output=True,
            text=True,
            cwd=cwd,
            env=environment,
            check=False,
            timeout=120,
        )


def lines(ran: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in ran.stdout.splitlines()]


def vectors(document: dict[str, Any]) -> Sequence[object]:
    found: Sequence[object] = document["algorithms"].get("face.sface.1", {}).get("faces", ())
    return found


@pytest.mark.slow
def test_a_document_a_line_in_the_order_given(folder: Path) -> None:
    ran = run_alone(folder / "clip.mp4", folder / "still.jpg")
    assert ran.returncode == 0
    clip, still = lines(ran)
    assert (still["kind"], clip["kind"]) == ("image", "video")
    assert clip["duration"] == pytest.approx(3, abs=0.05)
    for document in (still, clip):
        jsonschema.validate(document, SCHEMA)
        assert from_document(document).media.sha256 == document["sha256"]
        ran_here = set(document["algorithms"]) - {*OF_SOUND, "face.sface.1"}
        assert ran_here == {"phash256.1", "pdq.1", "sscd.1", "mosaic.1"}
        assert document["generator"].startswith("fakeprint ")


@pytest.mark.slow
def test_face_vectors_need_the_option(folder: Path) -> None:
    (plain,), (asked,) = lines(run(folder / "still.jpg")), lines(run("--faces", folder / "still.jpg"))
    assert "face.sface.1" not in plain["algorithms"]
    assert "faces_left_out" in plain["notes"]
    assert len(vectors(asked)) == 1
    assert "faces_left_out" not in asked["notes"]
    jsonschema.validate(asked, SCHEMA)


@pytest.mark.slow
def test_left_out_faces_are_reported_once_a_path_with_the_consequence(folder: Path) -> None:
    ran = run("--json", folder / "still.jpg", folder / "coffee.png")
    (line,) = ran.stderr.splitlines()
    assert line.startswith(f"{folder / 'still.jpg'}: faces were seen and left out")
    assert "decided only if its original is registered" in line
    assert "--faces" in line
    assert run("--faces", folder / "still.jpg").stderr == ""
    assert run("--soft-binding", folder / "still.jpg").stderr == ""


@pytest.mark.slow
def test_a_document_without_faces_says_that_faces_were_searched(folder: Path) -> None:
    (coffee,) = lines(run(folder / "coffee.png"))
    assert coffee["algorithms"]["face.sface.1"] == {"faces": []}
    assert "faces_left_out" not in coffee["notes"]


@pytest.mark.slow
def test_the_whole_video_hash_needs_the_option(folder: Path) -> None:
    (document,) = lines(run("--videohash", folder / "clip.mp4"))
    assert len(document["algorithms"]["videohash.1"]["value"]) == 16


@pytest.mark.slow
def test_failures_are_lines_of_json_too(folder: Path) -> None:
    ran = run(folder / "notes.txt", folder / "gone.mp4", folder, folder / "still.jpg")
    assert ran.returncode == 1
    text, gone, directory, still = lines(ran)
    assert text == {"path": str(folder / "notes.txt"), "error": text["error"]}
    assert [found["error"]["code"] for found in (text, gone, directory)] == [
        "not_media",
        "missing_path",
        "is_a_directory",
    ]
    assert still["kind"] == "image"
    assert all(found["error"]["next_step"] for found in (text, gone, directory))


@pytest.mark.slow
def test_a_file_from_standard_input_has_the_document_of_its_path(folder: Path) -> None:
    ran = run_alone("-", folder / "still.jpg", piped=folder / "still.jpg")
    assert ran.returncode == 0
    piped, named = lines(ran)
    assert piped == named
    assert ran.stderr.startswith("-: faces were seen and left out")


def test_empty_standard_input_is_an_error(folder: Path) -> None:
    ran = run_alone("-")
    assert (ran.returncode, lines(ran)[0]["error"]["code"]) == (1, "empty_file")
    assert run("-", "-").returncode == 2


@pytest.mark.slow
def test_a_folder(folder: Path) -> None:
    ran = run("--recursive", folder)
    assert ran.returncode == 1, "one of its files is a text"
    kinds = [found.get("kind") or found["error"]["code"] for found in lines(ran)]
    assert kinds == ["video", "image", "not_media", "image"]


@pytest.mark.slow
def test_a_name_stands_in_its_line_and_runs_nothing(tmp_path: Path) -> None:
    names = ["a b.mp4", "line\nbreak.mp4", '"it\'s".mp4', "x.mp4$(touch X)", "😀.mp4", "b\udcff.mp4"]
    for name in names:
        (tmp_path / name).write_text("no media")
    ran = run_alone("--", *names, cwd=tmp_path)
    assert [found["path"] for found in lines(ran)] == [*names[:-1], "b\\xff.mp4"]
    assert len(list(tmp_path.iterdir())) == len(names)


def test_wrong_usage(folder: Path) -> None:
    assert run().returncode == 2
    assert run("--no-such-option", folder / "clip.mp4").returncode == 2
    assert run("--timeout", "-1", folder / "clip.mp4").returncode == 2


def test_a_timeout(folder: Path) -> None:
    ran = run_alone("--timeout", "0.05", folder / "clip.mp4", folder / "still.jpg")
    assert ran.returncode == 3
    assert [found["error"]["code"] for found in lines(ran)] == ["timed_out", "timed_out"]


@pytest.mark.slow
def test_no_network_and_no_database(folder: Path) -> None:
    """Python opens no socket, whatever the settings say of services."""
    env = {"FAKEPRINT_URL": "http://127.0.0.1:9", "FAKEPRINT_DATABASE_URL": "postgresql://127.0.0.1:9/none"}
    code = (
        "import socket, sys\n"
        "def refuse(*_, **__):\n    raise AssertionError('a socket was opened')\n"
        "socket.socket.connect = refuse\n"
        "from registry.app.commands import main\n"
        "main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, "hash", str(folder / "still.jpg")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), **env},
        check=False,
        timeout=120,
    )
    assert ran.returncode == 0, ran.stderr


@pytest.mark.slow
def test_nothing_is_left_behind(folder: Path, tmp_path: Path) -> None:
    """Not even what a library writes where it reports to its maker (`.ses` of ONNX Runtime)."""
    ran = run_alone("--videohash", folder / "clip.mp4", env={"TMPDIR": str(tmp_path)})
    assert ran.returncode == 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_bar_on_a_terminal_and_documents_on_stdout(folder: Path) -> None:
    leader, follower = pty.openpty()
    ran = subprocess.Popen(
        [*PROGRAM, str(folder / "clip.mp4")],
        stdout=subprocess.PIPE,
        stderr=follower,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
    )
    os.close(follower)
    out, _ = ran.communicate(timeout=120)
    drawn = os.read(leader, 100_000)
    os.close(leader)
    assert ran.returncode == 0
    assert json.loads(out)["kind"] == "video"
    assert b"clip.mp4" in drawn


@pytest.mark.slow
def test_without_the_workers_packages_the_error_names_the_extra(folder: Path) -> None:
    code = "import sys\nsys.modules['av'] = None\nfrom registry.app.commands import main\nmain()\n"
    ran = subprocess.run(
        [sys.executable, "-c", code, "hash", str(folder / "clip.mp4")],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert ran.returncode == 1
    assert json.loads(ran.stdout)["error"]["code"] == "not_installed"
    assert "fakeprint[workers]" in ran.stdout
