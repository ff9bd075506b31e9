"""The wheels: what they bring into site-packages, and that their names collide with nobody's."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path
from typing import Final

import pytest

import fakeprint
import registry
from deploy.tools import packages
from fakeprint.version import __version__
from registry.core.terminal import extras

MOST_BYTES_OF_THE_CLIENT: Final = 1_000_000
OURS: Final = {"registry", "workers", "schema"}
"""Folders of the repository that are no names of ours in site-packages."""

PROGRAM = """
import importlib, json, sys
site, *paths = json.loads(sys.argv[1])
sys.path[:0] = paths
sys.path.append(site)
import registry, workers
from importlib.metadata import entry_points

from fakeprint_server.registry.app.commands import catalogue
from fakeprint_server.registry.app import web
from fakeprint_server.registry.core.database.migrate import migrations
from fakeprint_server.registry.app.api.codes import CODES

for name in catalogue.COMMANDS:
    assert catalogue.load(name) is not None, name
for group in ("fakeprint.commands", "fakeprint.fingerprinters"):
    for point in entry_points(group=group):
        point.load()
from fakeprint_server.workers import app
web.application()
for modules in app.MODULES.values():
    for module in modules:
        importlib.import_module(module)
found = sorted(name for name in sys.modules if name.partition(".")[0] in ("registry", "workers"))
print(json.dumps({
    "found": found, "mine": [registry.NAME, workers.NAME], "migrations": len(migrations()),
    "codes": len(CODES), "tasks": sorted(app.app.tasks),
}))
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both wheels, unpacked."""
    folder = tmp_path_factory.mktemp("wheels")
    unpacked = {}
    for path in packages.build(folder, "--wheel"):
        name = path.name.partition("-")[0]
        unpacked[name] = folder / name
        zipfile.ZipFile(path).extractall(folder / name)
    return unpacked


@pytest.mark.slow
def test_site_packages_gets_two_names(wheels: dict[str, Path]) -> None:
    top = {name: {path.name for path in folder.iterdir()} for name, folder in wheels.items()}
    assert top == {
        "fakeprint_client": {"fakeprint", f"fakeprint_client-{__version__}.dist-info"},
        "fakeprint": {"fakeprint_server", f"fakeprint-{registry.__version__}.dist-info"},
    }
    assert __version__ == registry.__version__, "both are released together"


def test_the_client_is_small_and_typed(wheels: dict[str, Path]) -> None:
    folder = wheels["fakeprint_client"] / "fakeprint"
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    assert size < MOST_BYTES_OF_THE_CLIENT
    assert (folder / "py.typed").is_file()
    assert {"Client", "AsyncClient", "fingerprint"} <= {*fakeprint.__all__}


@pytest.mark.slow
def test_a_missing_package_is_traced_to_its_extra() -> None:
    """Whatever an extra installs, a command that lacks it names the extra."""
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    owners = metadata.packages_distributions()
    for extra, modules in extras.EXTRAS.items():
        asked = {_name(line) for line in project["optional-dependencies"][extra]} - {"fakeprint"}
        known = {_name(owner) for module in modules for owner in owners.get(module, ())}
        assert asked <= known, extra


def _name(requirement: str) -> str:
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


@pytest.mark.slow
def test_no_module_of_the_wheel_imports_a_name_that_is_not_ours(wheels: dict[str, Path]) -> None:
    folder = wheels["fakeprint"] / "fakeprint_server"
    wrong = []
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            wrong += [(path.name, name) for name in names if name.partition(".")[0] in OURS]
    assert wrong == []


@pytest.mark.slow
def test_it_works_beside_packages_of_the_same_names(wheels: dict[str, Path], tmp_path: Path) -> None:
    """Commands, tasks, the API and the fingerprinters load from the wheels."""
    for name in ("registry", "workers"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("NAME = 'mine'\n")
    paths = [sysconfig.get_path("purelib"), str(tmp_path), *map(str, wheels.values())]
    # -S: the repository's own folders are on the path by a file in site-packages, which is not read here.
    command = [sys.executable, "-I", "-S", "-c", PROGRAM, json.dumps(paths)]
    environment = os.environ | {"FAKEPRINT_DATA": str(tmp_path / "data")}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["found"] == ["registry", "workers"]
    assert found["mine"] == ["mine", "mine"]
    assert min(found["migrations"], found["codes"]) > 0
    assert [name for name in found["tasks"] if not name.startswith("celery.")]
