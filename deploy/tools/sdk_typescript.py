"""The TypeScript client: generate its types and operations, and compile it.

Node and npm are needed. The tools are those of registry/client/typescript/package-lock.json. npm puts them
into `.cache/typescript`, once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Final

from deploy.tools.supply import ROOT

PACKAGE: Final = ROOT / "registry" / "client" / "typescript"
GENERATED: Final = PACKAGE / "src" / "generated"
DESCRIPTION: Final = ROOT / "deploy" / "openapi.json"
CACHE: Final = ROOT / ".cache" / "typescript"
SETTINGS: Final = ("package.json", "package-lock.json", "tsconfig.json", "openapi-ts.config.ts")


def installed() -> bool:
    """Return whether Node and npm are there."""
    return bool(shutil.which("node") and shutil.which("npm"))


def write() -> None:
    """Replace the generated files."""
    made = generated()
    shutil.rmtree(GENERATED, ignore_errors=True)
    shutil.copytree(made, GENERATED)


def generated() -> Path:
    """Generate from the description, and return the folder with the files."""
    folder = _workshop()
    into = folder / "generated"
    shutil.rmtree(into, ignore_errors=True)
    names = {"FAKEPRINT_DESCRIPTION": str(DESCRIPTION), "FAKEPRINT_GENERATED": str(into)}
    _ran(folder, "npm", "run", "--silent", "generate", "--", "--no-log-file", **names)
    return into


def compiled(*more: Path) -> Path:
    """Compile the client, with more programs beside its index, and return the folder with the modules. The
    same files are not compiled twice."""
    sources = [*sorted((PACKAGE / "src").rglob("*.ts")), PACKAGE / "package-lock.json", *more]
    digest = hashlib.sha256(b"\0".join(path.read_bytes() for path in sources)).hexdigest()
    folder = _workshop()
    stamp = folder / "compiled"
    if not stamp.exists() or stamp.read_text() != digest:
        for name in ("src", "dist"):
            shutil.rmtree(folder / name, ignore_errors=True)
        shutil.copytree(PACKAGE / "src", folder / "src")
        for path in more:
            shutil.copy(path, folder / "src")
        _ran(folder, "npm", "run", "--silent", "build")
        stamp.write_text(digest)
    return folder / "dist"


def _workshop() -> Path:
    """Return a folder with the settings, and the tools in `node_modules`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    lock = (PACKAGE / "package-lock.json").read_text()
    for name in SETTINGS:
        shutil.copy(PACKAGE / name, CACHE)
    stamp = CACHE / "installed"
    if not stamp.exists() or stamp.read_text() != lock:
        _ran(CACHE, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
        stamp.write_text(lock)
    return CACHE


def _ran(folder: Path, *command: str, **names: str) -> None:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, env=os.environ | names
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
