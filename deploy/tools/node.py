"""Run the programs of an npm package, with the tools that its package-lock.json names."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path


def installed() -> bool:
    """Return whether Node and npm are there."""
    return bool(shutil.which("node") and shutil.which("npm"))


def workshop(package: Path, cache: Path, settings: Iterable[str]) -> Path:
    """Return a folder with the package's `settings` and, in `node_modules`, its tools: installed once."""
    cache.mkdir(parents=True, exist_ok=True)
    lock = (package / "package-lock.json").read_text()
    for name in settings:
        shutil.copy(package / name, cache)
    stamp = cache / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        run(cache, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        stamp.write_text(lock)
    return cache


def digest(*paths: Path) -> str:
    """Return the digest of files' contents."""
    return hashlib.sha256(b"\0".join(path.read_bytes() for path in paths)).hexdigest()


def run(folder: Path, *command: str, **names: str) -> None:
    """Run a command there. `names`: environment variables. Raises `RuntimeError` with its output."""
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | names
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
