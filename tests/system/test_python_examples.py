"""The examples of the Python client's documentation, run as they stand there against a whole service."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

import fakeprint
from fakeprint import AsyncClient, Client, FileError
from tests.support.browser import footage
from tests.support.documents import examples as documented
from tests.support.media import clips as media
from tests.support.service.stack import Stack

pytestmark = pytest.mark.slow(21)


@pytest.fixture(scope="module")
def key(private_service: Stack) -> str:
    roles = [word for role in ("lookup", "register") for word in ("--role", role)]
    made = private_service.fakeprint(
        "admin", "caller", "add", "a", "--organization", "python", *roles, "--json"
    )
    assert made.status == 0, made.stderr
    return str(made.line["key"])


def of(stack: Stack, key: str) -> dict[str, Any]:
    """Names that the examples use, for this service."""
    return {
        "Client": lambda _url, key: Client(stack.url, key),
        "AsyncClient": lambda _url, key: AsyncClient(stack.url, key),
        "fingerprint": fakeprint.fingerprint,
        "url": stack.url,
        "key": key,
    }


def test_the_examples_run(
    private_service: Stack,
    key: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A re-encoded copy of the registered fake is held, and its original is not."""
    on_upload, newsroom, registration, queue, listing = documented.examples(fakeprint)
    made = footage.clips(tmp_path, "hubble_deep_field")
    made["fake"].rename(tmp_path / "fake.mp4")
    made["original"].rename(tmp_path / "interview.mp4")
    monkeypatch.chdir(tmp_path)
    names = of(private_service, key)
    documented.run(registration, names)
    assert names["entry"]["status"] == "matchable"
    entry_id = names["made"]["entry_id"]

    held: list[tuple[Any, list[str]]] = []
    for clip in ("shared", "broadcast"):
        copy = made[clip].rename(tmp_path / "upload.mp4")
        names |= {
            "upload": clip,
            "hold": lambda upload, entries: held.append((upload, entries)),
            "sha256": hashlib.sha256(copy.read_bytes()).hexdigest(),
        }
        documented.run(on_upload, names)
        if clip == "shared":
            documented.run(newsroom, names)
            assert capsys.readouterr().out == "known_fake [{'what': 'faces', 'reason': 'left_out'}]\n"
    assert held == [("shared", [entry_id])]

    names["hashes"] = ["0f1e2d3c4b5a69788796a5b4c3d2e1f0" * 2, "short"]
    documented.run(queue, names)
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in told] == ["1", "2"]
    assert "bad_hash" in told[1]
    names["operations"] = fakeprint.operations
    documented.run(listing, names)
    assert entry_id in names["titles"]


def test_a_fingerprint_is_that_of_the_command_line(private_service: Stack, tmp_path: Path) -> None:
    clip = media.clip(tmp_path / "clip.mp4", "astronaut", seconds=2, size=(320, 240))
    for faces, option in ((False, ()), (True, ("--faces",))):
        made = fakeprint.fingerprint(str(clip), faces=faces)
        assert made == private_service.fakeprint("hash", *option, clip).line
        assert ("face.sface.1" in made["algorithms"]) == faces


def test_a_file_that_is_no_media_has_the_code_of_the_command_line(tmp_path: Path) -> None:
    (tmp_path / "text.mp4").write_text("no media")
    with pytest.raises(FileError) as caught:
        fakeprint.fingerprint(tmp_path / "text.mp4")
    assert caught.value.code == "not_media"
    assert "text.mp4" in str(caught.value)
