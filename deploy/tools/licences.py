"""The licence list: `python -m deploy.tools.licences` writes LICENCES.md, `--check` checks it.

Names and versions come from `uv.lock`, licences from the installed packages' metadata.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from deploy.tools import licence_terms as terms

ROOT = Path(__file__).resolve().parents[2]
LIST = ROOT / "LICENCES.md"
VENDORED = ROOT / "deploy" / "tools" / "vendored.json"
TEMPLATE = ROOT / "deploy" / "tools" / "licences.template.md"  # the prose, with {models} and {packages}
WORDS = re.compile(r"\s+(?:AND|OR|WITH)\s+|[()]")


class UnknownLicence(ValueError):
    """The metadata of a package names no licence that this script can read."""


@dataclass(frozen=True)
class Package:
    """A locked package, with the group that first asks for it."""

    name: str
    version: str
    group: str
    licence: str  # an SPDX expression


def read_lock() -> list[tuple[str, str, str]]:
    """Name, version and group of every locked package but ours; the first group of GROUPS that needs it."""
    packages = {p["name"]: p for p in tomllib.loads((ROOT / "uv.lock").read_text())["package"]}
    ours = packages["fakeprint"]
    roots = {"client": ours["dependencies"], **ours["optional-dependencies"], **ours["dev-dependencies"]}
    groups: dict[str, str] = {"fakeprint": "", "fakeprint-client": ""}
    for group in terms.GROUPS:
        waiting = [d["name"] for d in roots[group]]
        while waiting:
            name = waiting.pop()
            if name not in groups:
                groups[name] = group
                waiting += [d["name"] for d in _needs(packages[name])]
    return sorted((n, packages[n]["version"], g) for n, g in groups.items() if g)


def _needs(package: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from package.get("dependencies", ())
    for extra in package.get("optional-dependencies", {}).values():
        yield from extra


def find_licence(name: str) -> str:
    """The SPDX expression of an installed package.

    Raises:
        UnknownLicence: nothing in its metadata can be read as one; add it to `licence_terms.BY_HAND`.
    """
    if name in terms.BY_HAND:
        return terms.BY_HAND[name]
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError as error:
        raise UnknownLicence(f"{name} is locked and not installed: run `make setup`") from error
    classifiers = [c.split(" :: ")[-1] for c in found.get_all("Classifier") or () if c.startswith("License")]
    for text in (found.get("License-Expression"), found.get("License"), *classifiers):
        expression = terms.SPDX.get(text or "", text or "")
        if expression and _ids(expression) <= terms.ALLOWED | terms.ALLOWED_FOR.get(name, frozenset()):
            return expression
    raise UnknownLicence(f"{name}: no licence on the allow list is named in its metadata ({classifiers})")


def _ids(expression: str) -> set[str]:
    return {word.strip() for word in WORDS.split(expression) if word.strip()}


def render(packages: list[Package]) -> str:
    """The text of LICENCES.md."""
    models = ["| model | comes in | licence | sha256 |", "|---|---|---|---|"]
    models += [f"| {m.name} | `{m.package}` | {m.licence} | `{m.sha256}` |" for m in terms.MODELS]
    tables = []
    for group, title in terms.GROUPS.items():
        tables += [f"### {title}", "", "| package | version | licence |", "|---|---|---|"]
        tables += [f"| {p.name} | {p.version} | {p.licence} |" for p in packages if p.group == group] + [""]
    vendored = ["| package | version | licence | file |", "|---|---|---|---|"]
    for name, entry in json.loads(VENDORED.read_text()).items():
        file = next(path for path in entry["sha256"] if not path.endswith(".txt"))
        vendored += [f"| {name} | {entry['version']} | {entry['licence']} | `{file}` |"]
    filled = TEMPLATE.read_text().replace("{models}", "\n".join(models))
    filled = filled.replace("{vendored}", "\n".join(vendored))
    return filled.replace("{packages}", "\n".join(tables).rstrip())


def wrong_models() -> list[str]:
    """Model files that are installed and are not those listed."""
    wrong = []
    for model in terms.MODELS:
        path = Path(str(metadata.distribution(model.package).locate_file(model.file)))
        if hashlib.sha256(path.read_bytes()).hexdigest() != model.sha256:
            wrong.append(f"{model.file} is not the file that LICENCES.md lists (sha256)")
    return wrong


def models_of_ours() -> list[str]:
    """Model files in the repository, committed or about to be, and in wheels in dist/."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    models = [name for name in listed.split("\0") if name]
    for wheel in (ROOT / "dist").glob("*.whl"):
        with zipfile.ZipFile(wheel) as archive:
            models += [f"{wheel.name}: {name}" for name in archive.namelist()]
    return [f"{n} looks like a model" for n in models if Path(n).suffix.lower() in terms.MODEL_SUFFIXES]


def check() -> list[str]:
    """Everything that is wrong, one line each; empty when all is well."""
    wrong, packages = wrong_models() + models_of_ours(), []
    for name, version, group in read_lock():
        try:
            packages.append(Package(name, version, group, find_licence(name)))
        except UnknownLicence as error:
            wrong.append(str(error))
        if group not in terms.GROUPS:
            wrong.append(f"{name} is in no table: name the extra {group} in licence_terms.GROUPS")
    if not wrong and (not LIST.exists() or LIST.read_text() != render(packages)):
        wrong.append("LICENCES.md is not current: run `make licences` and read what changed")
    return wrong


def main() -> None:
    """Write the list, or with --check exit 1 and say what is wrong."""
    if sys.argv[1:] == ["--check"]:
        wrong = check()
        sys.stdout.write("".join(f"{line}\n" for line in wrong))
        sys.exit(1 if wrong else 0)
    LIST.write_text(render([Package(n, v, g, find_licence(n)) for n, v, g in read_lock()]))


if __name__ == "__main__":
    main()
