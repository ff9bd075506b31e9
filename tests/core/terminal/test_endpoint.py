"""Where the service is: options, environment, data folder; and each way of not finding it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.core.errors import FakeprintError
from registry.core.settings import settings
from registry.core.terminal import endpoint


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.delenv("FAKEPRINT_URL", raising=False)
    monkeypatch.delenv("FAKEPRINT_KEY", raising=False)
    monkeypatch.setenv("FAKEPRINT_DATA", str(tmp_path / "default"))
    settings.cache_clear()
    yield
    settings.cache_clear()


def folder(path: Path, url: str = "http://127.0.0.1:1", key: str | None = "key-of-folder") -> Path:
    path.mkdir()
    (path / "run.json").write_text(json.dumps({"url": url, "pids": {}}))
    if key is not None:
        (path / "admin.key").write_text(key + "\n")
    return path


def code(**options: object) -> str:
    with pytest.raises(FakeprintError) as raised:
        endpoint.find(**options)  # type: ignore[arg-type]  # the options are the test's own
    return raised.value.code


def test_the_running_up_of_the_default_folder(tmp_path: Path) -> None:
    folder(tmp_path / "default")
    found = endpoint.find()
    assert (found.url, found.key, found.loopback) == ("http://127.0.0.1:1", "key-of-folder", True)


def test_the_environment_comes_before_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "default")
    monkeypatch.setenv("FAKEPRINT_URL", "https://fakeprint.example/base/")
    monkeypatch.setenv("FAKEPRINT_KEY", "key-of-environment")
    found = endpoint.find()
    assert (found.url, found.key) == ("https://fakeprint.example/base", "key-of-environment")
    assert not found.loopback


def test_a_folder_named_on_the_line_comes_before_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKEPRINT_URL", "https://fakeprint.example")
    monkeypatch.setenv("FAKEPRINT_KEY", "never-sent-to-another-service")
    found = endpoint.find(data=folder(tmp_path / "named"))
    assert (found.url, found.key) == ("http://127.0.0.1:1", "key-of-folder")


def test_a_key_alone_is_a_key_of_the_folders_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKEPRINT_KEY", "newsroom")
    assert endpoint.find(data=folder(tmp_path / "named", key=None)).key == "newsroom"


def test_a_key_file_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKEPRINT_URL", "https://fakeprint.example")
    monkeypatch.setenv("FAKEPRINT_KEY", "other")
    (tmp_path / "key").write_text("  in-file \n")
    assert endpoint.find(key_file=tmp_path / "key").key == "in-file"


def test_the_own_services_url_needs_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder(tmp_path / "default")
    assert endpoint.find(url="http://127.0.0.1:1/").key == "key-of-folder"
    monkeypatch.setenv("FAKEPRINT_URL", "http://127.0.0.1:2")
    settings.cache_clear()
    assert code() == "unauthenticated"


def test_nothing_runs(tmp_path: Path) -> None:
    assert code() == "no_service"
    (tmp_path / "default").mkdir()
    (tmp_path / "default" / "run.json").write_text("{")
    assert code() == "no_service"
    (tmp_path / "default" / "run.json").write_text("[]")
    assert code() == "no_service"


def test_a_key_that_cannot_be_used(tmp_path: Path) -> None:
    data = folder(tmp_path / "named", key=None)
    assert code(data=data) == "unauthenticated"
    for held in (b"", b" \n", b"two\nlines", "clé".encode(), b"\xff"):
        (data / "admin.key").write_bytes(held)
        assert code(data=data) == "unauthenticated"


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://x", "http://", "http://[::1", "http://a:b", "nonsense"]
)
def test_a_url_that_is_none(url: str, tmp_path: Path) -> None:
    assert code(url=url, key_file=tmp_path) == "bad_url"
