"""`register`, `lookup`, `entries` and `admin` against a running `fakeprint up`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from uuid import uuid4

import pytest

from tests.support.media import clips as media
from tests.support.service.stack import PROGRAM, Stack, environment

pytestmark = pytest.mark.slow(87)

FIELDS = ["path", "entry_id", "asset_id", "sha256", "status", "created", "duplicates"]
STRANGE = "a \n\"b\" 'c' $(touch X) ; 😀.mp4"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Footage of a face, of a cat and of a cup, and a part of the first."""
    folder = tmp_path_factory.mktemp("clips")
    media.clip(folder / "face.mp4", "astronaut", seconds=8)
    media.clip(folder / "cat.mp4", "chelsea", seconds=4)
    media.clip(folder / "cup.mp4", "coffee", seconds=4)
    media.ffmpeg("-ss", "2", "-t", "4", "-i", folder / "face.mp4", "-crf", "30", folder / "part.mp4")
    return folder


@pytest.fixture
def bank(running_service: Stack) -> str:
    """A bank of the test's own."""
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    return name


@pytest.fixture(scope="module")
def knowing(running_service: Stack, clips: Path) -> str:
    """A bank that holds the face, for tests that only look up."""
    name = f"bank {uuid4()}"
    assert running_service.fakeprint("admin", "bank", "add", name).status == 0
    synthetic = ("--manipulation", "synthetic")
    assert running_service.fakeprint("register", clips / "face.mp4", "--bank", name, *synthetic).status == 0
    return name


def test_a_fake_is_registered_and_a_part_of_it_found(running_service: Stack, clips: Path, bank: str) -> None:
    done = running_service.fakeprint(
        *("register", clips / "face.mp4", "--original", clips / "cat.mp4", "--bank", bank, "--json"),
        *("--title", "The [bold]speech", "--manipulation", "synthetic", "--claim", "Said so"),
        *("--reference", "https://check.example/1"),
    )
    assert done.status == 0, done.stderr
    assert done.stderr == ""
    assert list(done.line)[: len(FIELDS)] == FIELDS
    assert (done.line["status"], done.line["created"], done.line["duplicates"]) == ("matchable", True, [])

    result = running_service.fakeprint("lookup", clips / "part.mp4", "--bank", bank, "--json")
    assert result.status == 0
    answer = result.line
    assert next(iter(answer)) == "path"
    assert answer["verdict"] == "known_fake"
    assert answer["timing_ms"]["fingerprint"] > 0
    [match] = answer["matches"]
    assert match["entry_id"] == done.line["entry_id"]
    assert match["references"] == [{"url": "https://check.example/1"}]
    [span] = match["spans"]
    assert span["query"] == pytest.approx([0, 4], abs=0.6)
    assert span["asset"] == pytest.approx([2, 6], abs=0.6)

    result = running_service.fakeprint("lookup", clips / "part.mp4", "--bank", bank)
    assert "KNOWN FAKE" in result.stdout
    assert "“The [bold]speech”: a copy of the fake" in result.stdout
    assert "query 0:0" in result.stdout
    assert "see https://check.example/1" in result.stdout
    assert "\x1b" not in result.stdout

    genuine = running_service.fakeprint("lookup", clips / "cat.mp4", "--bank", bank, "--json")
    assert genuine.line["verdict"] == "authentic_original"


def test_scripts_read_a_verdict_from_the_exit_status(
    running_service: Stack, clips: Path, knowing: str, tmp_path: Path
) -> None:
    stops = ("--bank", knowing, "--fail-on", "known_fake", "--fail-on", "undecidable")
    paths = (clips / "cup.mp4", clips / "part.mp4")
    assert running_service.fakeprint("lookup", *paths, *stops).status == 4
    assert running_service.fakeprint("lookup", clips / "cup.mp4", *stops).status == 0
    assert running_service.fakeprint("lookup", *paths, tmp_path / "missing", *stops).status == 1


@pytest.mark.parametrize("how", [(), ("--upload",)])
def test_a_file_comes_from_standard_input_and_is_gone_afterwards(
    running_service: Stack, clips: Path, knowing: str, tmp_path: Path, how: tuple[str, ...]
) -> None:
    with (clips / "part.mp4").open("rb") as clip:
        done = subprocess.run(
            [*PROGRAM, "lookup", "-", "--bank", knowing, "--json", *how],
            env=environment(FAKEPRINT_DATA=str(running_service.data), TMPDIR=str(tmp_path)),
            stdin=clip,
            capture_output=True,
            timeout=120,
            check=False,
        )
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["path"], answer["verdict"]) == (0, "-", "known_fake")
    assert not list(tmp_path.iterdir())


def test_an_uploaded_file_is_answered_alike(running_service: Stack, clips: Path, knowing: str) -> None:
    paths = [clips / "part.mp4", clips / "cup.mp4", clips / "nothing", clips / "face.mp4"]
    result = running_service.fakeprint("lookup", *paths, "--upload", "--bank", knowing, "--json")
    assert result.status == 1
    assert [line["path"] for line in result.lines] == [str(path) for path in paths]
    assert [line.get("verdict") for line in result.lines] == ["known_fake", "no_match", None, "known_fake"]
    assert result.lines[2]["error"]["code"] == "missing_path"


def test_the_same_file_again_is_the_same_entry(running_service: Stack, clips: Path, bank: str) -> None:
    first = running_service.fakeprint("register", clips / "cup.mp4", "--bank", bank, "--json").line
    again = running_service.fakeprint("register", clips / "cup.mp4", "--bank", bank, "--json").line
    assert first["created"]
    for of_other_tests in ("near_duplicates", "being_linked"):
        first.pop(of_other_tests, None)
    assert again == {**first, "created": False, "duplicates": again["duplicates"]}
    result = running_service.fakeprint("register", clips / "cup.mp4", "--bank", bank)
    assert "already registered, matchable" in result.stdout


def test_each_path_is_an_entry_unless_all_are_one(running_service: Stack, clips: Path, bank: str) -> None:
    paths = [clips / "cat.mp4", clips / "cup.mp4"]
    apart = running_service.fakeprint("register", *paths, "--bank", bank, "--json")
    assert [line["path"] for line in apart.lines] == [str(path) for path in paths]
    assert len({line["entry_id"] for line in apart.lines}) == 2

    other = f"{bank} 2"
    running_service.fakeprint("admin", "bank", "add", other)
    together = running_service.fakeprint("register", *paths, "--one-entry", "--bank", other, "--json")
    assert len({line["entry_id"] for line in together.lines}) == 1
    assert len({line["asset_id"] for line in together.lines}) == 2
    for before, after in zip(apart.lines, together.lines, strict=True):
        assert before["entry_id"] in {other["entry_id"] for other in after["duplicates"]}
        assert {other["sha256"] for other in after["duplicates"]} == {after["sha256"]}


def test_fingerprints_alone_send_no_media(running_service: Stack, clips: Path, bank: str) -> None:
    done = running_service.fakeprint(
        *("register", clips / "face.mp4", "--original", clips / "cat.mp4"),
        *("--hash-only", "--bank", bank, "--json"),
    )
    assert done.status == 0, done.stdout
    assert list(done.line)[: len(FIELDS)] == FIELDS
    entry = running_service.fakeprint("entries", done.line["entry_id"], "--json").line
    assert entry["unverified"]
    assert [(asset["role"], asset["media_kept"]) for asset in entry["assets"]] == [
        ("fake", False),
        ("original", False),
    ]
    printed = running_service.fakeprint("entries", done.line["entry_id"]).stdout
    assert "from fingerprints alone" in printed
    assert "media not kept" in printed


def test_a_strange_name_is_a_name(running_service: Stack, clips: Path, bank: str, tmp_path: Path) -> None:
    named = tmp_path / STRANGE
    named.write_bytes((clips / "cup.mp4").read_bytes())
    undecodable = tmp_path / "b\udcff.mp4"
    undecodable.write_bytes((clips / "cat.mp4").read_bytes())
    done = running_service.fakeprint("register", named, undecodable, "--bank", bank, "--json")
    assert done.status == 0, done.stderr
    assert [line["path"] for line in done.lines] == [str(named), str(tmp_path / r"b\xff.mp4")]
    result = running_service.fakeprint("lookup", named, undecodable, "--upload", "--bank", bank)
    assert result.status == 0, result.stderr
    assert r"a \n\"b\"".replace(r"\"", '"') in result.stdout
    assert r"b\xff.mp4" in result.stdout
    assert not (tmp_path / "X").exists()
    assert not Path("X").exists()


def test_a_folder_is_taken_in_order(running_service: Stack, clips: Path, bank: str, tmp_path: Path) -> None:
    for name in ("b.mp4", "sub/c.mp4", ".hidden.mp4", "a.mp4"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes((clips / "cup.mp4").read_bytes())
    refused = running_service.fakeprint("lookup", tmp_path, "--bank", bank, "--json")
    assert (refused.status, refused.line["error"]["code"]) == (1, "is_a_directory")
    taken = running_service.fakeprint("lookup", tmp_path, "--recursive", "--bank", bank, "--json")
    assert taken.status == 0
    assert [line["path"] for line in taken.lines] == [
        str(tmp_path / n) for n in ("a.mp4", "b.mp4", "sub/c.mp4")
    ]


def test_entries_are_listed_shown_and_completed(running_service: Stack, clips: Path, bank: str) -> None:
    empty = running_service.fakeprint("entries", "--bank", bank)
    assert empty.status == 0
    assert "No such entries" in empty.stdout
    made = running_service.fakeprint("register", clips / "face.mp4", "--bank", bank, "--json").line
    listed = running_service.fakeprint("entries", "--bank", bank).stdout
    assert listed.splitlines() == [listed.rstrip("\n")]
    assert listed.split("\t")[:2] == [made["entry_id"], "matchable"]
    assert running_service.fakeprint("entries", "--bank", bank, "--json").line["entry_id"] == made["entry_id"]

    added = running_service.fakeprint(
        "entries", "add", made["entry_id"], clips / "cat.mp4", "--original", "--json"
    )
    assert added.status == 0, added.stdout
    assert next(iter(added.line)) == "path"
    assert [asset["role"] for asset in added.line["assets"]] == ["fake", "original"]
    copy = running_service.fakeprint("entries", "add", made["entry_id"], clips / "part.mp4", "--hash-only")
    assert copy.status == 0, copy.stderr
    both = running_service.fakeprint("entries", "--json", made["entry_id"]).line
    assert [asset["role"] for asset in both["assets"]] == ["fake", "fake", "original"]

    bad = running_service.fakeprint("entries", "add", made["entry_id"], "/nothing", "--json")
    assert (bad.status, bad.line["path"], bad.line["error"]["code"]) == (1, "/nothing", "missing_path")
    nothing = running_service.fakeprint("entries", "retry", made["entry_id"])
    assert (nothing.status, nothing.stdout) == (1, "")
    assert "error [nothing_to_retry]" in nothing.stderr
    unknown = running_service.fakeprint("entries", str(uuid4()))
    assert unknown.status == 1
    assert "error [unknown_entry]" in unknown.stderr
    assert "next:" in unknown.stderr


def test_roles_limit_what_a_key_can_do(running_service: Stack, clips: Path, bank: str) -> None:
    made = running_service.fakeprint(
        *("admin", "caller", "add", "upload pipeline", "--role", "lookup", "--organization", f"o {uuid4()}")
    )
    assert made.status == 0, made.stderr
    key = made.stdout.strip()
    assert len(key.split()) == 1
    assert "lookup" in made.stderr
    banks = running_service.fakeprint("admin", "bank", "list", "--json", FAKEPRINT_KEY=key)
    assert bank in {line["name"] for line in banks.lines}
    assert running_service.fakeprint("lookup", clips / "cup.mp4", FAKEPRINT_KEY=key).status == 0
    for command in (["register", clips / "cup.mp4"], ["entries"], ["admin", "bank", "add", "x"]):
        refused = running_service.fakeprint(*command, FAKEPRINT_KEY=key)
        assert refused.status == 1
        assert "error [forbidden]" in refused.stderr
    again = running_service.fakeprint("admin", "bank", "add", bank)
    assert "error [bank_exists]" in again.stderr
