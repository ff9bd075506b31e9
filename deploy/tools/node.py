"""Run the programs of an npm package, with the tools that its package-lock.json names.

Node and npm are those of the machine. Where they are missing, Node is Playwright's, which the tests' tools
bring, and npm is fetched from its registry once.
"""

from __future__ import annotations

import fcntl
import hashlib
import io
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deploy.tools import vendor

TOOLS: Final = vendor.ROOT / ".cache" / "tools" / "node"
NPM: Final = "11.21.2"
INTEGRITY: Final = (
    "sha512-7HPApk+AflMUavSseL1Pm6CnYqMIHk53x+KmuhqmTDqPkjPMgxIpTPcTqsE91EKNw4gFBJV9fnXiSdGm1DXq9A=="
)


@cache
def variables() -> dict[str, str]:
    """Return an environment in whose path are `node` and `npm`. Raises `OSError` if they cannot be had."""
    if shutil.which("node") and shutil.which("npm"):
        return dict(os.environ)
    TOOLS.mkdir(parents=True, exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (TOOLS / "bin" / "npm").exists():
            _fetch()
    return os.environ | {"PATH": f"{TOOLS / 'bin'}{os.pathsep}{os.environ['PATH']}"}


def program(name: str) -> str:
    """Return the path of `node` or `npm`."""
    return str(shutil.which(name, path=variables()["PATH"]))


def workshop(package: Path, cache: Path, settings: Iterable[str]) -> Path:
    """Return a folder with the package's `settings` and, in `node_modules`, its tools: installed once, by one
    process at a time."""
    cache.mkdir(parents=True, exist_ok=True)
    wanted, stamp = (package / "package-lock.json").read_text(), cache / "installed"
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for name in settings:
            shutil.copy(package / name, cache)
        if not stamp.exists() or stamp.read_text() != wanted:
            stamp.unlink(missing_ok=True)
            run(cache, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
            stamp.write_text(wanted)
    return cache


def digest(*paths: Path) -> str:
    """Return the digest of files' contents."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def run(folder: Path, *command: str, **names: str) -> None:
    """Run a command there. `names`: environment variables. Raises `RuntimeError` with its output."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=variables() | names
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def _fetch() -> None:
    """Put npm, and links to its program and to Playwright's Node, into TOOLS."""
    playwright = find_spec("playwright")
    if playwright is None or playwright.origin is None:
        raise OSError("Install Node 20.19 or newer, or run `make setup`, whose tools have it.")
    packed = vendor.handed_out("npm", NPM)
    if vendor.integrity(packed) != INTEGRITY:
        raise OSError(f"npm {NPM} has the digest {vendor.integrity(packed)}.")
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(TOOLS, filter="data")
    bin_folder = TOOLS / "bin"
    bin_folder.mkdir(exist_ok=True)
    (bin_folder / "node").unlink(missing_ok=True)
    (bin_folder / "node").symlink_to(Path(playwright.origin).parent / "driver" / "node")
    (bin_folder / "npm").symlink_to(TOOLS / "package" / "bin" / "npm-cli.js")
