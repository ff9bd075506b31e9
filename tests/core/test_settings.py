"""Settings from files, as Compose and Kubernetes mount secrets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.core.errors import BadInput
from registry.core.settings import settings


@pytest.fixture(autouse=True)
def _unread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("FAKEPRINT_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield
    settings.cache_clear()


def test_a_secret_is_read_from_its_file_without_the_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fakeprint_database_url").write_text("postgresql://of-the-file\n", "utf-8")
    monkeypatch.setenv("FAKEPRINT_SECRETS", str(tmp_path))
    assert settings().database_url == "postgresql://of-the-file"


def test_the_environment_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fakeprint_database_url").write_text("postgresql://of-the-file", "utf-8")
    monkeypatch.setenv("FAKEPRINT_SECRETS", str(tmp_path))
    monkeypatch.setenv("FAKEPRINT_DATABASE_URL", "postgresql://of-the-environment")
    assert settings().database_url == "postgresql://of-the-environment"


def test_a_folder_that_is_not_there_is_an_error_rather_than_the_embedded_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKEPRINT_SECRETS", str(tmp_path / "not-mounted"))
    with pytest.raises(BadInput, match="FAKEPRINT_SECRETS names no folder") as found:
        settings()
    assert found.value.code == "bad_setting"
