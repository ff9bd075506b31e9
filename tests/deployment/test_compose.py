"""The composition as it is looked after: its log is archived, its alerts reach somebody, its numbers last."""

from __future__ import annotations

import getpass
import grp
import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from registry.identity.accounts.service.sessions import client_address
from tests.support.documents import runbook
from tests.support.documents.programs import composed, ran

DEPLOY: Final = Path(__file__).parents[2] / "deploy"
VENV: Final = Path(sys.executable).parents[1]


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return composed()


def _begun(
    service: dict[str, Any], folder: Path, *, program: str, at: str = "bin", **instead: str
) -> subprocess.CompletedProcess[str]:
    """What a service's own lines do before they become this program, in a folder in the place of the paths
    that they name (and with other words in the place of these). The program prints its arguments and what it
    is sent."""
    fake = folder / at / program
    fake.parent.mkdir(parents=True)
    fake.write_text('#!/bin/sh\nprintf "%s\\n" "$@"; cat\n')
    fake.chmod(0o755)
    words = [item.replace("$$", "$") for item in [*service["entrypoint"], *(service.get("command") or [])]]
    script = re.sub(r"(?<![\w/])/(?=archive|tmp|run|data|app|usr)", f"{folder}/", words[2])
    for said, put in instead.items():
        script = script.replace(f" {said}", f" {put}")
    environment = {"PATH": f"{folder / 'bin'}:{os.defpath}"}
    environment |= {name: value.replace("$$", "$") for name, value in service.get("environment", {}).items()}
    return subprocess.run(
        [*words[:2], script, *words[3:]],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        env=environment,
        timeout=60,
    )


def _rules(compose: dict[str, Any], folder: Path) -> Path:
    """The rules that stand in compose.yaml itself, as Prometheus finds them."""
    (folder / "tmp").mkdir()
    begun = _begun(compose["services"]["prometheus"], folder, program="prometheus")
    assert begun.stdout.splitlines() == compose["services"]["prometheus"]["command"], begun.stderr
    return (folder / "tmp" / "expected.yml").rename(folder / "expected.yml")


def test_prometheus_reads_the_rules_that_compose_mounts(compose: dict[str, Any], tmp_path: Path) -> None:
    done = ran("promtool", "check", "rules", "--lint=all", "--lint-fatal", _rules(compose, tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    mounted = {each["target"] for each in compose["services"]["prometheus"]["configs"]}
    config = yaml.safe_load((DEPLOY / "monitoring" / "prometheus.yml").read_text("utf-8"))
    assert {"/etc/prometheus/prometheus.yml", *config["rule_files"]} == mounted | {"/tmp/expected.yml"}


def test_an_api_that_compose_forgot_is_missed(compose: dict[str, Any], tmp_path: Path) -> None:
    """What is not there has no `up`, as after an API has ended in Compose."""
    _rules(compose, tmp_path)
    payload = {
        "summary": "1 of 2 APIs answer",
        "description": "The others have ended and do not come back."
        " See `docker compose ps -a api` and their logs.",
    }
    alert = {"exp_labels": {"severity": "page"}, "exp_annotations": payload}
    one, other = (f'up{{job="fakeprint",instance="{name}"}}' for name in ("one", "other"))
    series = [
        {"series": one, "values": "1+0x20"},
        {"series": other, "values": "1+0x5 stale _x5 1+0x10"},
    ]
    checks = [
        {"eval_time": when, "alertname": "FakeprintFewer", "exp_alerts": alerts}
        for when, alerts in (("5m", []), ("9m", [alert]), ("14m", []))
    ]
    tests = {
        "rule_files": ["expected.yml"],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": checks}],
    }
    (tmp_path / "test.yml").write_text(yaml.safe_dump(tests))
    done = ran("promtool", "test", "rules", tmp_path / "test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_alertmanager_routes_each_severity(compose: dict[str, Any]) -> None:
    file = DEPLOY / "monitoring" / "alertmanager.yml"
    done = ran("amtool", "check-config", file)
    assert done.returncode == 0, done.stdout + done.stderr
    rules = (DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8")
    rules += compose["services"]["prometheus"]["environment"]["EXPECTED"]
    severities = set(re.findall(r"severity: (\w+)", rules))
    assert severities == {"page", "ticket", "watchdog"}
    for severity in severities:
        result = ran("amtool", "config", "routes", "test", f"--config.file={file}", f"severity={severity}")
        assert (result.returncode, result.stdout.strip()) == (0, severity)


def test_the_alertmanager_is_an_optional_profile() -> None:
    """Without its profile Prometheus finds no name and says nothing; with it, it finds this one."""
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["services"]
    config = yaml.safe_load((DEPLOY / "monitoring" / "prometheus.yml").read_text("utf-8"))
    ((found,),) = (alertmanager["dns_sd_configs"] for alertmanager in config["alerting"]["alertmanagers"])
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
    options = [item.removeprefix("-c") for item in compose["services"]["postgres"]["command"]]
    assert {f"{name}={value}" for name, value in settings.items()} <= set(options)
    command = settings["archive_command"]
    archive, segment = tmp_path / "archive", tmp_path / ("0" * 23 + "1")
    archive.mkdir()
    segment.write_bytes(b"the log" + bytes(1000))
    assert _archive(command, archive, segment) != 0, "a folder where the archive's disk is not mounted"
    assert list(archive.iterdir()) == []
    kept, mounted = archive / f"{segment.name}.gz", archive / "mounted"
    mounted.touch()
    kept.with_name(f"{segment.name}.new").write_bytes(b"half of it, when the machine died")
    assert _archive(command, archive, segment) == 0
    assert {path.name for path in archive.iterdir()} == {kept.name, mounted.name}
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


@pytest.mark.parametrize("archive", ["", "/mnt/backup/archive"])
def test_the_archive_that_compose_makes_is_there_and_yours_is_yours_to_make(
    archive: str, tmp_path: Path
) -> None:
    """Where its disk is not mounted a folder of yours is a new one, and nothing is archived into it."""
    postgres = _configured(tmp_path, env=f"FAKEPRINT_ARCHIVE={archive}\n")["services"]["postgres"]
    sources = {volume["target"]: volume["source"] for volume in postgres["volumes"]}
    assert sources["/archive"] == (archive or "archive")
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive").chmod(0o755)
    group = grp.getgrgid(os.getgid()).gr_name
    instead = {"-o postgres": f"-o {getpass.getuser()}", "-g postgres": f"-g {group}"}
    begun = _begun(postgres, tmp_path, program="docker-entrypoint.sh", **instead)
    assert begun.stdout.splitlines()[:2] == postgres["command"][:2], begun.stderr
    made = [path.name for path in (tmp_path / "archive").iterdir()]
    mode = (tmp_path / "archive").stat().st_mode & 0o777
    assert (made, mode) == (([], 0o755) if archive else (["mounted"], 0o700))


def _configured(folder: Path, **files: str) -> dict[str, Any]:
    """What Compose makes of compose.yaml beside these files, `.env` and `service.env`."""
    names = {"env": ".env", "service": "service.env"}
    for path in (path for path in DEPLOY.iterdir() if path.is_file() and path.name not in names.values()):
        (folder / path.name).write_bytes(path.read_bytes())
    for name, text in files.items():
        (folder / names[name]).write_text(text)
    done = ran("docker-compose", "-f", folder / "compose.yaml", "config", "--format", "json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_settings_of_the_service_reach_every_process_of_ours(tmp_path: Path) -> None:
    """In service.env; what compose.yaml itself says of each stays."""
    text = "FAKEPRINT_PUBLIC_URL=https://registry.example\nFAKEPRINT_SMTP_URL='smtps://me:a$b@mail.example'\n"
    services = _configured(tmp_path, service=f"{text}FAKEPRINT_KEYS_URL=file:///elsewhere\n")["services"]
    for name, each in services.items():
        environment = each.get("environment") or {}
        found = [environment.get(f"FAKEPRINT_{item}") for item in ("PUBLIC_URL", "SMTP_URL", "KEYS_URL")]
        ours = [
            "https://registry.example",
            "smtps://me:a$$b@mail.example",
            "file:///var/lib/fakeprint-keys",
        ]
        assert found == (ours if "fakeprint-" in each["image"] else [None] * 3), name


def test_the_proxy_is_believed_and_nobody_from_outside(compose: dict[str, Any], tmp_path: Path) -> None:
    proxies = compose["services"]["api"]["environment"]["FAKEPRINT_PROXIES"]
    for peer in ("172.18.0.5", "192.168.96.3", "10.89.0.7", "fd12::5"):
        assert client_address(peer, "192.0.2.9, 203.0.113.7", proxies) == "203.0.113.7"
    assert client_address("198.51.100.1", "203.0.113.7", proxies) == "198.51.100.1"
    chosen = _configured(tmp_path, env="FAKEPRINT_PROXIES=172.18.0.5\n")["services"]["api"]["environment"]
    assert chosen["FAKEPRINT_PROXIES"] == "172.18.0.5"


def test_nothing_is_copied_into_a_root_that_is_read_only(compose: dict[str, Any]) -> None:
    """Files are mounted; any other config or secret Compose copies into the container (docker/compose 12031),
    which is refused then, and nothing starts."""
    copied = {
        f"{name}: {item['source']}"
        for name, each in compose["services"].items()
        for kind in ("configs", "secrets")
        for item in each.get(kind, [])
        if each.get("read_only") and "file" not in compose[kind][item["source"]]
    }
    assert copied == set()


def test_each_image_is_built_by_one_service_that_is_always_there(compose: dict[str, Any]) -> None:
    """Two builds of one name at once end in `already exists`."""
    services = compose["services"]
    built = {name: each for name, each in services.items() if "build" in each}
    assert Counter(each["image"] for each in built.values()) == Counter(
        {each["image"] for each in services.values() if each["image"].startswith("fakeprint-")}
    )
    assert [name for name, each in built.items() if "deploy" in each or "profiles" in each] == []


def test_only_the_workers_memory_folder_is_executable(compose: dict[str, Any]) -> None:
    """Docker mounts a tmpfs with `noexec` where it is not told `exec`."""
    running = {
        name
        for name, each in compose["services"].items()
        for tmpf in each.get("tmpfs", [])
        if "exec" in tmpf.partition(":")[2].split(",")
    }
    worker = {
        name for name, each in compose["services"].items() if each["image"].startswith("fakeprint-worker")
    }
    assert running == worker


def test_no_password_is_a_command_line_argument(compose: dict[str, Any], tmp_path: Path) -> None:
    secrets = tmp_path / "run" / "secrets"
    secrets.mkdir(parents=True)
    (secrets / "service_password").write_text("geheim")
    (secrets / "owner_database_url").write_text("postgresql://fakeprint@postgres/fakeprint")
    begun = _begun(compose["services"]["roles"], tmp_path, program="psql")
    assert begun.returncode == 0, begun.stderr
    assert "postgresql://fakeprint@postgres/fakeprint" in begun.stdout
    assert f"\\set password `cat {secrets}/service_password`" in begun.stdout.splitlines()
    assert "geheim" not in begun.stdout


@pytest.mark.parametrize("place", ["app", "usr/local/bin"])
def test_the_s3_gateway_is_found_where_its_image_has_it(
    compose: dict[str, Any], place: str, tmp_path: Path
) -> None:
    secrets = tmp_path / "run" / "secrets"
    secrets.mkdir(parents=True)
    for name in ("aws_access_key_id", "aws_secret_access_key"):
        (secrets / name).write_text(name)
    begun = _begun(compose["services"]["s3"], tmp_path, program="versitygw", at=place)
    assert begun.stdout.split()[-2:] == ["posix", f"{tmp_path}/data"], begun.stderr
    assert (tmp_path / "data" / "fakeprint").is_dir()


def test_composes_numbers_are_variables_that_outlast_an_upgrade(tmp_path: Path) -> None:
    """`--scale` is forgotten by the next `up`; what deploy/.env says is not."""
    numbers = {
        "api": "API_REPLICAS",
        "worker-interactive": "INTERACTIVE_WORKERS",
        "worker-media": "MEDIA_WORKERS",
        "worker-bulk": "BULK_WORKERS",
        "worker-delivery": "DELIVERY_WORKERS",
    }
    lines = [f"FAKEPRINT_{name}={7 + place}\n" for place, name in enumerate(numbers.values())]
    services = _configured(tmp_path, env="".join(lines))["services"]
    assert [services[name]["deploy"]["replicas"] for name in numbers] == list(range(7, 12))
    assert "deploy" not in services["control"]
    text = (DEPLOY / "runbook.md").read_text("utf-8")
    assert {name for name in numbers.values() if f"FAKEPRINT_{name}" not in text} == set()


@pytest.mark.slow
def test_writable_folders_belong_to_their_owner(tmp_path: Path) -> None:
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
        if {"canaries", "fakeprint_canary_key"} & {secret["source"] for secret in each.get("secrets", [])}
    }
    assert having == {"control"}
    targets = [secret["target"] for secret in services["control"]["secrets"]]
    named = services["control"]["environment"]["FAKEPRINT_CANARIES"]
    assert Path(named).name in targets
    assert "FAKEPRINT_CANARIES" not in services["api"]["environment"]
