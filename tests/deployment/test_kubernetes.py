"""What the manifests of deploy/kubernetes say to each other, and to the runbook."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from registry.core.database.pool import QUICK
from registry.core.messaging import queues
from registry.core.settings import Settings
from tests.support.documents import runbook
from tests.support.documents.manifests import DEPLOY, MOUNTED, documents, of_kind
from tests.support.documents.programs import composed, ran

FOLDER: Final = DEPLOY / "kubernetes"
APPLIED: Final = (".", "migrate")
"""What `kubectl apply -k` is called with."""


def _built(folder: Path) -> str:
    """By the code that is in `kubectl apply -k`."""
    made = ran("kustomize", "build", folder)
    assert made.returncode == 0, made.stderr
    return made.stdout


def test_kustomize_output_is_valid_for_kubernetes(tmp_path: Path) -> None:
    built = {name: _built(FOLDER / name) for name in APPLIED}
    path = tmp_path / "made.yaml"
    path.write_text("---\n".join(built.values()), "utf-8")
    done = ran(Path(sys.executable).parent / "kubernetes-validate", "-k", "1.34", "--strict", path)
    assert done.returncode == 0, done.stdout + done.stderr
    names = {name: _names(yaml.safe_load_all(each)) for name, each in built.items()}
    assert names["migrate"] == {("Job", "migrate")}
    apart = {("Secret", "fakeprint"), ("Secret", "fakeprint-owner"), ("Job", "migrate")}
    assert names["."] == _names(documents()) - apart


def _images(folder: Path) -> set[str]:
    """Those of ours that run, the migration's included."""
    found = {image for name in APPLIED for image in re.findall(r"image: (\S+)", _built(folder / name))}
    return {image for image in found if "fakeprint" in image}


def test_images_are_those_that_the_runbook_has_built_and_pushed() -> None:
    lines = runbook.commands("Build the images").splitlines()
    built = [re.fullmatch(r"docker build -f (\S+) -t (\S+) \.", line) for line in lines]
    made = {each[2]: each[1] for each in built if each}
    assert all((DEPLOY.parent / file).is_file() for file in made.values())
    pushed = {line.removeprefix("docker push ") for line in lines if line.startswith("docker push ")}
    assert set(made) == pushed == _images(FOLDER)


def test_images_lie_elsewhere_and_are_of_another_version_by_one_file(tmp_path: Path) -> None:
    folder = tmp_path / "kubernetes"
    shutil.copytree(FOLDER, folder)
    file = folder / "images" / "kustomization.yaml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("registry.example", "mirror.example").replace("0.1.0", "0.2.0"), "utf-8")
    assert _images(folder) == {f"mirror.example/fakeprint-{half}:0.2.0" for half in ("api", "worker")}
    assert all(name in text for name in ("fakeprint-api", "fakeprint-worker"))


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
    program.write_text(
        '#!/bin/sh\ncase "$1" in kustomize) exec kustomize build "$2";; apply) exec cat;; *) ;; esac\n'
    )
    program.chmod(0o755)
    done = subprocess.run(
        ["sh", "-euc", runbook.commands("In Kubernetes, in `deploy/kubernetes`; the key")],
        cwd=FOLDER,
        env=dict(os.environ) | {"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    job = yaml.safe_load(done.stdout)
    [telling] = job["spec"]["template"]["spec"]["initContainers"]
    assert telling["args"] == ["migrate", "--another-admin"]
    telling["args"] = ["migrate", "--bootstrap"]
    assert job == yaml.safe_load(_built(FOLDER / "migrate"))


def _held(arguments: list[str], pool: int, *, replicas: bool = False) -> int:
    """Connections to the primary that one pod or container may hold."""
    option = "--workers" if arguments[0] == "serve" else "--concurrency"
    processes = int(arguments[arguments.index(option) + 1]) if option in arguments else 1
    each = pool + min(pool, QUICK) + replicas if arguments[0] == "serve" else 2 + min(2, QUICK)
    return processes * each


def test_there_are_as_many_connections_as_the_most_that_may_run() -> None:
    most = {
        each["spec"]["scaleTargetRef"]["name"]: each["spec"]["maxReplicas"]
        for each in of_kind("HorizontalPodAutoscaler").values()
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


def _names(objects: Iterable[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(each["kind"], each["metadata"]["name"]) for each in objects}


def test_scaled_objects_have_no_replica_count() -> None:
    """Each `kubectl apply` would set it back to that."""
    scalers = of_kind("HorizontalPodAutoscaler")
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in scalers.values()}
    assert scaled == {"api", "worker-interactive", "worker-media"}
    fixed = {
        name for name, each in of_kind("Deployment", "StatefulSet").items() if "replicas" in each["spec"]
    }
    assert fixed == {"control", "worker-bulk", "worker-delivery"}


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
    for place in ("data", "203.0.113.0/24"):
        assert {443, 5432, 5671} <= reached[place]
    assert 53 in reached["kube-system"]
    # Time stamps are given over plain HTTP, mail is handed over; nobody else reaches out.
    world = {80, 443, 465, 587} if component in {"api", "worker-delivery"} else set()
    assert reached.get("0.0.0.0/0", set()) == reached.get("2000::/3", set()) == world


def test_the_kustomization_and_the_runbook_type_the_same() -> None:
    lines = [
        re.sub(r"^cd \S+ && | +(# )?fill in.*| # .*", "", line)
        for line in runbook.commands("With CloudNativePG").splitlines()
    ]
    comment = (DEPLOY / "kubernetes" / "kustomization.yaml").read_text("utf-8").split("apiVersion")[0]
    typed = [line.removeprefix("#   ") for line in comment.splitlines() if line.startswith("#   ")]
    assert [re.sub(r" +fill in.*", "", line) for line in typed] == lines
