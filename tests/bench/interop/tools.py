"""Install and run the tools of others, in .cache/interop."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

CACHE: Final = Path(__file__).parents[3] / ".cache" / "interop"


def ran(*command: object, folder: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
    """Run a command and return its result. `more`: environment variables."""
    return subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=os.environ | more,
        capture_output=True,
        text=True,
        check=False,
    )


def must(*command: object, folder: Path | None = None) -> None:
    """Run a command. Raises `RuntimeError` with the end of its output if it fails."""
    done = ran(*command, folder=folder)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {(done.stdout + done.stderr)[-500:]}")


def python_with(name: str, packages: list[str]) -> Path:
    """Return a Python 3.11 or 3.12 with these packages, installed once. Raises `RuntimeError`."""
    python = CACHE / name / "bin" / "python"
    stamp = CACHE / name / "packages"
    wanted = "\n".join(packages)
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    candidates = [path for path in map(shutil.which, ("python3.12", "python3.11")) if path]
    found = next((path for path in candidates if not ran(path, "-c", "").returncode), None)
    if found is None:
        raise RuntimeError("Python 3.11 or 3.12 is needed")
    must(found, "-m", "venv", CACHE / name)
    must(python, "-m", "pip", "install", "-q", *packages)
    stamp.write_text(wanted)
    return python


def node_modules(packages: list[str]) -> Path:
    """Return a folder in whose `node_modules` these npm packages are, installed once. Raises
    `RuntimeError`."""
    folder = CACHE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    if not all((folder / "node_modules" / package.rpartition("@")[0]).exists() for package in packages):
        must("npm", "install", "--no-audit", "--no-fund", *packages, folder=folder)
    return folder
