"""Settings from files, as Compose and Kubernetes mount secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.app.commands.config import config
from registry.core.errors import BadInput
from registry.core.settings import SECRET, Settings, require_known, settings


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


@pytest.mark.parametrize(
    ("variable", "next_step"),
    [
        ("FAKEPRINT_DATABSE_URL", "Did you mean FAKEPRINT_DATABASE_URL?"),
        ("fakeprint_poolsize", "Did you mean FAKEPRINT_POOL_SIZE?"),
        ("FAKEPRINT_UNHEARD", "`fakeprint config --all` lists all."),
    ],
)
def test_a_variable_that_nothing_reads_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, next_step: str
) -> None:
    monkeypatch.setenv(variable, "1")
    with pytest.raises(BadInput, match=f"{variable} is not a setting") as found:
        settings()
    assert (found.value.code, found.value.next_step) == ("bad_setting", next_step)


@pytest.mark.parametrize(
    "variable",
    [
        *("FAKEPRINT_SECRETS", "FAKEPRINT_PEER_CREDENTIAL", "FAKEPRINT_VERSION", "FAKEPRINT_API_REPLICAS"),
        *("FAKEPRINT_API_SERVICE_HOST", "FAKEPRINT_API_PORT_8000_TCP_ADDR", "FAKEPRINT_API_PORT"),
    ],
)
def test_variables_of_commands_of_compose_and_of_kubernetes_are_known(variable: str) -> None:
    require_known({variable: "1", "OTHERS_URL": "2"})


def test_the_variables_of_the_composition_are_known() -> None:
    composition = Path(__file__).parents[2] / "deploy" / "compose.yaml"
    require_known(dict.fromkeys(re.findall(r"\bFAKEPRINT_\w+", composition.read_text("utf-8")), "1"))


def test_config_names_source_and_value_of_each_setting_and_shows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "fakeprint_smtp_url").write_text("smtps://us:sesame@mail.example", "utf-8")
    monkeypatch.setenv("FAKEPRINT_SECRETS", str(tmp_path))
    monkeypatch.setenv("FAKEPRINT_DATABASE_URL", "postgresql://us:sesame@db.example/fakes")
    monkeypatch.setenv("FAKEPRINT_BROKER_URL", "amqp://mq.example/?password=sesame")
    monkeypatch.setenv("FAKEPRINT_CANARY_KEY", "sesame")
    monkeypatch.setenv("FAKEPRINT_KEEP_MEDIA", "no")
    short = CliRunner().invoke(config)
    whole = json.loads(CliRunner().invoke(config, ["--json"]).stdout)["settings"]
    assert "sesame" not in short.output + str(whole)
    found = {setting["variable"]: (setting["value"], setting["source"]) for setting in whole}
    assert found["FAKEPRINT_DATABASE_URL"] == ("postgresql://us:***@db.example/fakes", "environment")
    assert found["FAKEPRINT_SMTP_URL"] == (
        "smtps://us:***@mail.example",
        str(tmp_path / "fakeprint_smtp_url"),
    )
    assert found["FAKEPRINT_BROKER_URL"] == ("***", "environment")
    assert found["FAKEPRINT_CANARY_KEY"] == ("***", "environment")
    assert found["FAKEPRINT_KEEP_MEDIA"] == ("false", "environment")
    assert found["FAKEPRINT_PORT"] == ("8000", "default")
    assert "FAKEPRINT_PORT" not in short.stdout
    assert "FAKEPRINT_PORT" in CliRunner().invoke(config, ["--all"]).stdout


def test_every_setting_that_holds_a_key_is_secret() -> None:
    told = {name for name in Settings.model_fields if re.search(r"(^|_)(key|secret|password|token)$", name)}
    assert told <= SECRET <= set(Settings.model_fields)
