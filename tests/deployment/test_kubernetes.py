"""What the objects of deploy/chart say to each other, and to the runbook."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from registry.core.database.pool import QUICK
from registry.core.messaging import queues
from registry.core.settings import Settings
from tests.support.documents import runbook
from tests.support.documents.helm import CHART, HELM, fetched, helm, keda_faults, rendered
from tests.support.documents.manifests import DEPLOY, MOUNTED, PROVIDER, documents, manifests, of_kind
from tests.support.documents.programs import composed, ran


@pytest.mark.slow
def test_objects_are_valid_for_kubernetes_and_keda(tmp_path: Path) -> None:
    path = tmp_path / "made.yaml"
    path.write_text(manifests(), "utf-8")
    done = ran(
        Path(sys.executable).parent / "kubernetes-validate", "-k", "1.34", "--strict", "--no-warn", path
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(" passed ") + len(of_kind("ScaledObject")) == len(documents())
    scalers = list(of_kind("ScaledObject").values())
    assert keda_faults(scalers) == []
    scalers[0]["spec"]["minReplicaCount"] = "two"
    assert [each["instancePath"] for each in keda_faults(scalers)] == ["/spec/minReplicaCount"]


@pytest.mark.slow
def test_helm_finds_nothing_in_the_chart() -> None:
    done = helm("lint", "--strict", ".")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "[WARNING]" not in done.stdout


def test_the_chart_is_of_the_version_of_the_package() -> None:
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text("utf-8"))
    project = tomllib.loads((DEPLOY.parent / "pyproject.toml").read_text("utf-8"))["project"]
    assert chart["version"] == chart["appVersion"] == project["version"]


@pytest.mark.parametrize(
    ("value", "refused"),
    [
        ("--set=hosts=registry.example", "'hosts' not allowed"),
        ("--set=workers.media.replicas.min=0", "/workers/media/replicas/min"),
        ("--set=images.tag=latest", "/images/tag"),
        ("--set=network.outward={everything}", "/network/outward/0"),
        ("--set=network.providers={provider.example}", "/network/providers/0"),
        ("--set-string=settings.FAKEPRINT_DATABASE_URL=postgresql://…", "FAKEPRINT_DATABASE_URL"),
        ("--set-string=settings.FAKEPRINT_DATA=/data", "FAKEPRINT_DATA"),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(value: str, refused: str) -> None:
    done = helm("template", "fakeprint", ".", value)
    assert done.returncode == 1
    assert "don't meet the specifications of the schema" in done.stderr
    assert refused in done.stderr


def test_no_secret_of_the_example_may_be_a_value() -> None:
    schema = json.loads((CHART / "values.schema.json").read_text("utf-8"))
    refused = schema["properties"]["settings"]["propertyNames"]["not"]["enum"]
    secrets = {name for each in of_kind("Secret").values() for name in each["stringData"]}
    named = {name.upper() for name in secrets if name.startswith("fakeprint_")}
    fixed = set(yaml.safe_load(rendered("--show-only", "templates/config.yaml"))["data"])
    fixed -= {*yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))["settings"]}
    assert named | {name for name in fixed if name.startswith("FAKEPRINT_")} <= set(refused)


def test_parts_can_be_left_out() -> None:
    few = rendered(
        "--set=scaling.enabled=false", "--set=ingress.enabled=false", "--set=network.enabled=false"
    )
    objects = [each for each in yaml.safe_load_all(few) if each]
    kinds = {each["kind"] for each in objects}
    assert kinds.isdisjoint({"ScaledObject", "HorizontalPodAutoscaler", "Ingress", "NetworkPolicy"})
    replicas = {
        each["metadata"]["name"]: each["spec"]["replicas"]
        for each in objects
        if each["kind"] in {"Deployment", "StatefulSet"}
    }
    assert replicas == {"api": 2, "control": 1, **dict.fromkeys(WORKERS, 2), "worker-bulk": 1}


def test_pods_of_a_kind_are_spread_and_leave_their_nodes_one_by_one() -> None:
    several = {"api", "worker-interactive", "worker-media", "worker-delivery"}
    assert set(of_kind("PodDisruptionBudget")) == several
    for name in several:
        pod = of_kind("Deployment", "StatefulSet")[name]["spec"]["template"]
        spread = pod["spec"]["topologySpreadConstraints"]
        assert [each["topologyKey"] for each in spread] == [
            "kubernetes.io/hostname",
            "topology.kubernetes.io/zone",
        ]
        selector = of_kind("PodDisruptionBudget")[name]["spec"]["selector"]
        assert [each["labelSelector"] for each in spread] == [selector, selector]
        assert selector["matchLabels"] == pod["metadata"]["labels"]


def _images(text: str) -> set[str]:
    """Those of ours that run, the migration's included."""
    return {image for image in re.findall(r"image: (\S+)", text) if "fakeprint" in image}


def test_images_are_those_that_the_runbook_has_built_and_pushed() -> None:
    lines = runbook.commands("Build the images").splitlines()
    built = [re.fullmatch(r"docker build -f (\S+) -t (\S+) \.", line) for line in lines]
    made = {each[2]: each[1] for each in built if each}
    assert all((DEPLOY.parent / file).is_file() for file in made.values())
    pushed = {line.removeprefix("docker push ") for line in lines if line.startswith("docker push ")}
    assert set(made) == pushed == _images(manifests())


def test_images_lie_elsewhere_and_are_of_another_version_by_two_values() -> None:
    text = rendered("--set=images.registry=mirror.example/team", "--set=images.tag=0.2.0")
    assert _images(text) == {f"mirror.example/team/fakeprint-{half}:0.2.0" for half in ("api", "worker")}


def test_the_database_is_migrated_before_all_else() -> None:
    """What the job reads exists before it; secrets are the administrator's."""
    before = {
        (each["kind"], each["metadata"]["name"]): int(each["metadata"]["annotations"]["helm.sh/hook-weight"])
        for each in documents()
        if each["metadata"].get("annotations", {}).get("helm.sh/hook") == "pre-install,pre-upgrade"
    }
    assert before == {("ConfigMap", "migrate"): 0, ("ConfigMap", "service-role"): 0, ("Job", "migrate"): 1}
    maps = of_kind("ConfigMap")
    assert maps["migrate"]["data"] == maps["fakeprint"]["data"]
    assert maps["service-role"]["data"]["service-role.sql"] == (DEPLOY / "service-role.sql").read_text()


def test_the_first_key_is_in_the_log_of_the_named_container() -> None:
    words = runbook.commands("The first admin's key is in the log").split()
    pod = of_kind("Job")["migrate"]["spec"]["template"]
    [telling] = pod["spec"]["initContainers"]
    assert telling["args"] == ["migrate", "--bootstrap"]
    assert words[words.index("-c") + 1] == telling["name"]
    label, _, value = words[words.index("-l") + 1].partition("=")
    assert pod["metadata"]["labels"][label] == value


def test_another_admin_is_made_by_the_same_job(tmp_path: Path) -> None:
    """The runbook's lines, with a `kubectl` that applies nothing and shows it."""
    program = tmp_path / "kubectl"
    program.write_text('#!/bin/sh\ncase "$1" in apply) exec cat;; *) ;; esac\n')
    program.chmod(0o755)
    (tmp_path / "helm").symlink_to(fetched(HELM))
    (tmp_path / "my-values.yaml").write_text("host: fakes.example\n")
    (tmp_path / "deploy").symlink_to(DEPLOY)
    done = subprocess.run(
        ["sh", "-euc", runbook.commands("In Kubernetes, by the chart; the key")],
        cwd=tmp_path,
        env=dict(os.environ) | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    (job,) = [each for each in yaml.safe_load_all(done.stdout) if each and each["kind"] == "Job"]
    [telling] = job["spec"]["template"]["spec"]["initContainers"]
    assert telling["args"] == ["migrate", "--another-admin"]
    telling["args"] = ["migrate", "--bootstrap"]
    assert job == of_kind("Job")["migrate"]


def _held(arguments: list[str], pool: int, *, replicas: bool = False) -> int:
    """Connections to the primary that one pod or container may hold."""
    option = "--workers" if arguments[0] == "serve" else "--concurrency"
    processes = int(arguments[arguments.index(option) + 1]) if option in arguments else 1
    each = pool + min(pool, QUICK) + replicas if arguments[0] == "serve" else 2 + min(2, QUICK)
    return processes * each


def test_there_are_as_many_connections_as_the_most_that_may_run() -> None:
    most = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"].get("maxReplicas")
        or each["spec"]["maxReplicaCount"]
        for each in of_kind("HorizontalPodAutoscaler", "ScaledObject").values()
    }
    pool = int(of_kind("ConfigMap")["fakeprint"]["data"]["FAKEPRINT_POOL_SIZE"])
    pods = {
        name: (most.get(name) or each["spec"]["replicas"], each["spec"]["template"]["spec"]["containers"][0])
        for name, each in of_kind("Deployment", "StatefulSet").items()
    }
    alone, followed = (
        sum(number * _held(one["args"], pool, replicas=replicas) for number, one in pods.values())
        for replicas in (False, True)
    )
    text = " ".join(runbook.RUNBOOK.read_text("utf-8").split())
    assert f"allows take {alone}, or {followed} with read replicas, so `max_connections = 600`" in text
    assert followed + 40 <= 600
    services = composed()["services"]
    usual = Settings.model_fields["pool_size"].default
    here = sum(
        each.get("deploy", {}).get("replicas", 1) * _held(each["command"], usual)
        for each in services.values()
        if (each.get("command") or [""])[0] in {"serve", "worker"}
    )
    assert "-cmax_connections=200" in services["postgres"]["command"]
    assert f"The services of `compose.yaml` take {here} of 200 (PG_CONNECTIONS" in text
    assert here + 40 <= 200


def test_scaled_objects_have_no_replica_count() -> None:
    """Each upgrade would set it back to that."""
    scalers = [*of_kind("HorizontalPodAutoscaler").values(), *of_kind("ScaledObject").values()]
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in scalers}
    assert scaled == {"api", "worker-interactive", "worker-media"}
    fixed = {
        name for name, each in of_kind("Deployment", "StatefulSet").items() if "replicas" in each["spec"]
    }
    assert fixed == {"control", "worker-bulk", "worker-delivery"}


def test_workers_are_scaled_by_what_their_own_queue_measures() -> None:
    for name, each in of_kind("ScaledObject").items():
        (trigger,) = each["spec"]["triggers"]
        queue = name.removeprefix("worker-")
        assert trigger["metadata"]["query"] == f'max(fakeprint_jobs_oldest_seconds{{queue="{queue}"}})'
        assert queue in queues.NAMES
    assert "fakeprint_jobs_oldest_seconds" in (DEPLOY / "monitoring" / "alerts.yml").read_text("utf-8")


def test_the_ingress_has_a_class_and_no_words_that_its_controller_refuses() -> None:
    (ingress,) = of_kind("Ingress").values()
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert [name for name in ingress["metadata"]["annotations"] if name.endswith("-snippet")] == []


def _mounted(pod: dict[str, Any], container: dict[str, Any]) -> dict[str, set[str]]:
    """What a container finds where: the files of its secrets, nothing of other volumes."""
    secrets = {name: set(each["stringData"]) for name, each in of_kind("Secret").items()}
    found = {}
    for mount in container["volumeMounts"]:
        (volume,) = [each for each in pod["volumes"] if each["name"] == mount["name"]] or [{}]
        named = [volume.get("secret", {}).get("secretName")]
        named += [each["secret"]["name"] for each in volume.get("projected", {}).get("sources", [])]
        found[mount["mountPath"]] = set().union(*(secrets.get(name, set()) for name in named))
    return found


def test_each_file_and_folder_that_a_setting_names_is_mounted_there() -> None:
    config = of_kind("ConfigMap")["fakeprint"]["data"]
    folders = {config["FAKEPRINT_DATA"], config["FAKEPRINT_KEYS_URL"].removeprefix("file://"), "/tmp"}
    for name, document in of_kind("Deployment", "StatefulSet").items():
        pod = document["spec"]["template"]["spec"]
        (container,) = pod["containers"]
        pod["volumes"] += [each["metadata"] for each in document["spec"].get("volumeClaimTemplates", [])]
        own = {each["value"] for each in container.get("env", [])}
        assert set(own) == ({"/var/lib/fakeprint-ledger"} if name == "control" else set())
        found = _mounted(pod, container)
        assert folders | own <= set(found)
        assert {Path(config["AWS_SHARED_CREDENTIALS_FILE"]).name, "fakeprint_blobs_keys"} <= found[MOUNTED]


def test_certificate_authorities_are_mounted_in_each_container() -> None:
    """Not the system's: PostgreSQL's image has none, and a wheel's libpq does not find them."""
    for secret in of_kind("Secret").values():
        urls = {name: each for name, each in secret["stringData"].items() if "://" in each}
        assert set(urls) == {"fakeprint_database_url", "fakeprint_broker_url"}
        assert f"?sslmode=verify-full&sslrootcert={MOUNTED}/ca.crt" in urls["fakeprint_database_url"]
        assert urls["fakeprint_broker_url"].startswith("amqps://")
        assert urls["fakeprint_broker_url"].endswith(f"//?ssl_ca_certs={MOUNTED}/ca.crt")
    for document in of_kind("Deployment", "StatefulSet", "Job").values():
        pod = document["spec"]["template"]["spec"]
        for container in [*pod.get("initContainers", []), *pod["containers"]]:
            assert {"fakeprint_database_url", "ca.crt"} <= _mounted(pod, container)[MOUNTED]


def test_canaries_are_switched_on_by_a_secret() -> None:
    pod = of_kind("StatefulSet")["control"]["spec"]["template"]["spec"]
    (secrets,) = [each["projected"]["sources"] for each in pod["volumes"] if each["name"] == "secrets"]
    assert secrets == [{"secret": {"name": "fakeprint"}}, {"secret": {"name": "canaries", "optional": True}}]
    (command,) = re.findall(
        r"^kubectl .*create secret generic canaries((?:.*\\\n)*.*)$",
        (DEPLOY / "monitoring" / "monitoring.md").read_text("utf-8"),
        re.MULTILINE,
    )
    keys = dict(re.findall(r"--from-(?:file|literal)=([\w.]+)=?(\S*)", command))
    assert set(keys) == {"canaries.jsonl", "fakeprint_canaries", "fakeprint_canary_key"}
    assert {"canaries", "canary_key"} <= set(Settings.model_fields)
    assert keys["fakeprint_canaries"] == f"{MOUNTED}/canaries.jsonl"


def _reached(component: str) -> dict[str, set[int]]:
    """The ports that a component's pods may reach, by what lies there: a namespace or a network."""
    labels = {"app.kubernetes.io/name": "fakeprint", "app.kubernetes.io/component": component}
    found: dict[str, set[int]] = {}
    for policy in of_kind("NetworkPolicy").values():
        selector = policy["spec"]["podSelector"]
        chosen = all(labels[key] == value for key, value in selector.get("matchLabels", {}).items())
        chosen &= all(labels[each["key"]] in each["values"] for each in selector.get("matchExpressions", []))
        for rule in policy["spec"].get("egress", []) if chosen else []:
            for there in rule["to"]:
                block, space = there.get("ipBlock", {}), there.get("namespaceSelector", {})
                name = block.get("cidr") or space["matchLabels"]["kubernetes.io/metadata.name"]
                found.setdefault(name, set()).update(port["port"] for port in rule["ports"])
    return found


WORKERS: Final = tuple(f"worker-{name}" for name in queues.NAMES if name != queues.CONTROL)


@pytest.mark.parametrize("component", ["api", "control", "migrate", *WORKERS])
def test_every_pod_reaches_database_broker_and_blobs_in_the_cluster_and_at_a_provider_s(
    component: str,
) -> None:
    reached = _reached(component)
    for place in ("data", PROVIDER):
        assert {443, 5432, 5671} <= reached[place]
    assert 53 in reached["kube-system"]
    # Time stamps are given over plain HTTP, mail is handed over; nobody else reaches out.
    world = {80, 443, 465, 587} if component in {"api", "worker-delivery"} else set()
    assert reached.get("0.0.0.0/0", set()) == reached.get("2000::/3", set()) == world


def test_the_runbook_s_values_are_values_of_the_chart() -> None:
    lines = runbook.commands("With CloudNativePG").splitlines()
    (install,) = [line for line in lines if line.startswith("helm ")]
    assert install == "helm install fakeprint deploy/chart -n fakeprint -f my-values.yaml --timeout 30m"
    named = re.findall(r"`((?:images|network|scaling|ingress)\.\w+)`", runbook.RUNBOOK.read_text("utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text("utf-8"))
    assert named
    assert [each for each in named if each.split(".")[1] not in values[each.split(".")[0]]] == []
