"""What `deploy/` holds, read by the tools that would run it, and held against the code."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from registry.core.messaging import queues
from registry.core.settings import Settings
from tests.support.documents.manifests import DEPLOY, documents, of_kind
from tests.support.documents.programs import composed, ran
from tests.system.smoke.composed import seconds

PROGRAMS: Final = Path(sys.executable).parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    return composed()


@pytest.mark.parametrize("name", ["api.Dockerfile", "worker.Dockerfile"])
def test_hadolint_finds_nothing_in_the_images(name: str) -> None:
    done = ran(PROGRAMS / "hadolint", "--no-color", DEPLOY / name)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("path", ["monitoring/prometheus.yml", "monitoring/kubernetes.yml"])
def test_prometheus_asks_the_job_that_alerts_know(path: str) -> None:
    done = ran("promtool", "check", "config", "--syntax-only", DEPLOY / path)
    assert done.returncode == 0, done.stdout + done.stderr
    (job,) = yaml.safe_load((DEPLOY / path).read_text("utf-8"))["scrape_configs"]
    assert f'up{{job="{job["job_name"]}"}}' in (DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8")
    assert job["authorization"]["credentials_file"].endswith("/metrics_key")


def test_an_api_has_room_for_two_uploads_and_memory_for_that_room() -> None:
    config = of_kind("ConfigMap")["fakeprint"]["data"]
    pod = of_kind("StatefulSet")["api"]["spec"]["template"]["spec"]
    (room,) = [each["emptyDir"]["sizeLimit"] for each in pod["volumes"] if each["name"] == "tmp"]
    memory = pod["containers"][0]["resources"]["limits"]["memory"]
    gibibytes = [int(each.removesuffix("Gi")) for each in (room, memory)]
    assert 2 * int(config["FAKEPRINT_MAX_UPLOAD_BYTES"]) <= gibibytes[0] << 30
    assert gibibytes[0] < gibibytes[1]


def test_an_api_that_ends_has_time_for_uploads_and_nobody_is_called_for_that(compose: dict[str, Any]) -> None:
    api = compose["services"]["api"]
    grace = int(api["environment"]["FAKEPRINT_GRACE_SECONDS"])
    assert grace + 10 <= seconds(api["stop_grace_period"])
    pod = of_kind("StatefulSet")["api"]["spec"]["template"]["spec"]
    waits = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])
    assert int(of_kind("ConfigMap")["fakeprint"]["data"]["FAKEPRINT_GRACE_SECONDS"]) == grace
    assert waits + grace + 10 <= pod["terminationGracePeriodSeconds"]
    rules = yaml.safe_load((DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8"))["groups"][0]["rules"]
    [down] = [each for each in rules if each.get("alert") == "FakeprintDown"]
    assert grace < seconds(down["for"])
    assert grace == 120, "the runbook says two minutes"


def test_no_container_is_root_or_writes_its_root_or_has_more_rights_than_none() -> None:
    seen = 0
    for document in documents():
        pod = document.get("spec", {}).get("template", {}).get("spec")
        if pod is None:
            continue
        assert pod["securityContext"]["runAsNonRoot"] is True
        assert pod["automountServiceAccountToken"] is False
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            seen += 1
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert "memory" in container["resources"]["limits"]
            assert ":" in container["image"]
    assert seen >= 7


def test_composes_containers_are_as_bare(compose: dict[str, Any]) -> None:
    ours = {name: each for name, each in compose["services"].items() if "fakeprint-" in each["image"]}
    assert set(ours) >= {"api", "migrate", "control", *(f"worker-{name}" for name in _queues())}
    for each in ours.values():
        assert each["read_only"] is True
        assert each["cap_drop"] == ["ALL"]
    assert compose["services"]["api"]["deploy"]["replicas"] == 2
    assert compose["networks"]["inside"]["internal"] is True
    images = [each["image"] for each in compose["services"].values()]
    assert [image for image in images if ":" not in image or image.endswith(":latest")] == []


def _queues() -> set[str]:
    return set(queues.NAMES) - {queues.CONTROL}


def test_every_queue_has_its_workers_and_every_worker_asks_for_its_own(compose: dict[str, Any]) -> None:
    pods = [
        (document["metadata"]["name"], container)
        for document in documents()
        if document["kind"] in {"Deployment", "StatefulSet"}
        for container in document["spec"]["template"]["spec"]["containers"]
    ]
    taken = {name: container["args"][2] for name, container in pods if container["args"][0] == "worker"}
    assert set(taken.values()) == set(queues.NAMES)
    for name, container in pods:
        if name in taken:
            check = container["livenessProbe"]["exec"]["command"]
            assert check == ["fakeprint", "worker", "--queues", taken[name], "--check"]
    workers = [each for each in compose["services"].values() if (each.get("command") or [""])[0] == "worker"]
    assert {each["command"][2] for each in workers} == set(queues.NAMES)
    for each in workers:
        check = each.get("healthcheck", {}).get("test")  # none: the image's, for media
        queue_names = check[4] if check else queues.MEDIA
        assert queue_names == each["command"][2]


def test_every_setting_named_is_one(compose: dict[str, Any]) -> None:
    known = {f"FAKEPRINT_{name.upper()}" for name in Settings.model_fields} | {"FAKEPRINT_SECRETS"}
    named = {name for each in compose["services"].values() for name in each.get("environment") or {}}
    config = of_kind("ConfigMap")["fakeprint"]
    images = "".join((DEPLOY / name).read_text("utf-8") for name in ("api.Dockerfile", "worker.Dockerfile"))
    named |= set(config["data"]) | set(re.findall(r"FAKEPRINT_[A-Z_]+", images))
    assert {name for name in named if name.startswith("FAKEPRINT_")} - known == set()
    files = [set(each["stringData"]) for each in documents() if each["kind"] == "Secret"]
    files.append({each.get("target", each["source"]) for each in compose["services"]["api"]["secrets"]})
    of_ours = {name for each in files for name in each if name.startswith("fakeprint_")}
    assert of_ours - {name.lower() for name in known} == set()


@pytest.mark.slow
def test_secrets_are_made_once_and_closed_to_others(tmp_path: Path) -> None:
    script = tmp_path / "deploy" / "secrets.sh"
    script.parent.mkdir()
    (tmp_path / ".venv").symlink_to(PROGRAMS.parent)
    script.write_bytes((DEPLOY / "secrets.sh").read_bytes())
    folder = script.parent / "secrets"
    rounds = []
    for _ in range(2):
        done = ran("sh", script)
        assert done.returncode == 0, done.stderr
        rounds.append({path.name: path.read_text() for path in folder.iterdir()})
    made, again = rounds
    assert again == made
    assert folder.stat().st_mode & 0o077 == 0
    composed = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))["secrets"]
    assert {Path(each["file"]).name for each in composed.values()} == set(made)
    password = made["rabbitmq_password.conf"].removeprefix("default_pass = ")
    assert made["fakeprint_broker_url"] == f"amqp://fakeprint:{password}@rabbitmq//"
