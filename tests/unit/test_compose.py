"""The composition as it is looked after: its log is archived, its alerts reach somebody, its numbers last."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests import runbook
from tests.programs import composed, ran

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
VENV: Final = Path(sys.executable).parents[1]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return composed()


def _rules(compose: dict[str, Any], folder: Path) -> Path:
    """The rules that stand in compose.yaml itself."""
    file = folder / "expected.yml"
    file.write_text(compose["configs"]["expected"]["content"].replace("$$", "$"))
    return file


def test_prometheus_reads_the_rules_that_compose_mounts(compose: dict[str, Any], tmp_path: Path) -> None:
    done = ran("promtool", "check", "rules", "--lint=all", "--lint-fatal", _rules(compose, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    mounted = {each["target"] for each in compose["services"]["prometheus"]["configs"]}
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    assert {"/etc/prometheus/prometheus.yml", *config["rule_files"]} == mounted


def test_an_api_that_compose_forgot_is_missed(compose: dict[str, Any], tmp_path: Path) -> None:
    """What is not there has no `up`, as after an API has ended in Compose."""
    _rules(compose, tmp_path)
    said = {
        "summary": "1 of 2 APIs answer",
        "description": "The others have ended and do not come back."
        " See `docker compose ps -a api` and their logs.",
    }
    alert = {"exp_labels": {"severity": "page"}, "exp_annotations": said}
    one, other = (f'up{{job="fakeprint",instance="{name}"}}' for name in ("one", "other"))
    series = [
        {"series": one, "values": "1+0x20"},
        {"series": other, "values": "1+0x5 stale _x5 1+0x10"},
    ]
    asked = [
        {"eval_time": when, "alertname": "FakeprintFewer", "exp_alerts": alerts}
        for when, alerts in (("5m", []), ("9m", [alert]), ("14m", []))
    ]
    tests = {
        "rule_files": ["expected.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": asked}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(tests))
    done = ran("promtool", "test", "rules", tmp_path / "test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_knows_whom_each_severity_is_for(compose: dict[str, Any]) -> None:
    file = DEPLOY / "alertmanager.yml"
    done = ran("amtool", "check-config", file)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = (DEPLOY / "alerts.yml").read_text("utf-8") + compose["configs"]["expected"]["content"]
    severities = set(re.findall(r"severity: (\w+)", rules))
    assert severities == {"page", "ticket"}
    for severity in severities:
        told = ran("amtool", "config", "routes", "test", f"--config.file={file}", f"severity={severity}")
        assert (told.returncode, told.stdout.strip()) == (0, severity)


def test_an_alertmanager_is_there_for_who_asks_for_it() -> None:
    """Without its profile Prometheus finds no name and says nothing; with it, it finds this one."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    config = yaml.safe_load((DEPLOY / "prometheus.yml").read_text("utf-8"))
    ((found,),) = (one["dns_sd_configs"] for one in config["alerting"]["alertmanagers"])
    assert found["names"] == ["alertmanager"]
    assert services["alertmanager"]["profiles"] == ["alerts"]
    assert services["alertmanager"]["ports"] == [f"127.0.0.1:{found['port']}:{found['port']}"]


def _archive(command: str, archive: Path, segment: Path) -> int:
    """What PostgreSQL makes of an archive_command, for a segment of its log."""
    filled = command.replace("/archive", str(archive)).replace("%p", str(segment)).replace("%f", segment.name)
    return ran("sh", "-c", filled).returncode


def test_the_log_is_archived_again_as_it_is_there_and_never_over_another(
    compose: dict[str, Any], tmp_path: Path
) -> None:
    lines = runbook.commands("In postgresql.conf of the primary, once").splitlines()
    settings = {name: value.strip("'") for name, value in (line.split(" = ", 1) for line in lines)}
    given = [one.removeprefix("-c") for one in compose["services"]["postgres"]["command"]]
    assert {f"{name}={value}" for name, value in settings.items()} <= set(given)
    command = settings["archive_command"]
    archive, segment = tmp_path / "archive", tmp_path / ("0" * 23 + "1")
    archive.mkdir()
    segment.write_bytes(b"the log" + bytes(1000))
    kept = archive / f"{segment.name}.gz"
    kept.with_name(f"{segment.name}.new").write_bytes(b"half of it, when the machine died")
    assert _archive(command, archive, segment) == 0
    assert [one.name for one in archive.iterdir()] == [kept.name]
    # The server died after that and before it noted it: it asks again.
    assert _archive(command, archive, segment) == 0
    segment.write_bytes(b"another log" + bytes(1000))
    before = kept.read_bytes()
    assert _archive(command, archive, segment) != 0
    assert kept.read_bytes() == before
    segment.unlink()
    kept.unlink()
    assert _archive(command, archive, segment) != 0
    assert not kept.exists()


def test_composes_numbers_are_variables_that_outlast_an_upgrade(tmp_path: Path) -> None:
    """`--scale` is forgotten by the next `up`; what deploy/.env says is not."""
    numbers = {
        "api": "API_REPLICAS",
        "worker-interactive": "INTERACTIVE_WORKERS",
        "worker-media": "MEDIA_WORKERS",
        "worker-bulk": "BULK_WORKERS",
        "worker-delivery": "DELIVERY_WORKERS",
    }
    for path in (path for path in DEPLOY.iterdir() if path.is_file()):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    said = [f"FAKEPRINT_{name}={7 + place}\n" for place, name in enumerate(numbers.values())]
    (tmp_path / ".env").write_text("".join(said))
    done = ran("docker-compose", "-f", tmp_path / "compose.yaml", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    services = json.loads(done.stdout)["services"]
    assert [services[name]["deploy"]["replicas"] for name in numbers] == list(range(7, 12))
    assert "deploy" not in services["control"]
    told = (DEPLOY / "runbook.md").read_text("utf-8")
    assert {name for name in numbers.values() if f"FAKEPRINT_{name}" not in told} == set()


def test_what_is_written_later_may_be_written_by_its_owner_alone(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    (tmp_path / ".venv").symlink_to(VENV)
    script.write_bytes((DEPLOY / "secrets.sh").read_bytes())
    done = ran("sh", script)
    assert done.returncode == 0, done.stderr
    made = {path.name: path for path in (script.parent / "secrets").iterdir()}
    later = {name for name, path in made.items() if not path.read_text()}
    assert later == {"metrics_key", "alertmanager_password", "fakeprint_canary_key", "canaries.jsonl"}
    modes = {name: path.stat().st_mode & 0o777 for name, path in made.items()}
    assert modes == {name: 0o644 if name in later else 0o444 for name in made}
    made["metrics_key"].write_text("fp_key")
    assert ran("sh", script).returncode == 0
    assert made["metrics_key"].read_text() == "fp_key"


def test_control_alone_finds_known_lookups_among_its_secrets(compose: dict[str, Any]) -> None:
    services = compose["services"]
    having = {
        name
        for name, each in services.items()
        if {"canaries", "fakeprint_canary_key"} & {one["source"] for one in each.get("secrets", [])}
    }
    assert having == {"control"}
    targets = [one["target"] for one in services["control"]["secrets"]]
    named = services["control"]["environment"]["FAKEPRINT_CANARIES"]
    assert Path(named).name in targets
    assert "FAKEPRINT_CANARIES" not in services["api"]["environment"]
